// The classes of a project as the manifest of its folder, with those that people have corrected.

import { parseAnnotations } from '../../gfsr/annotation/annotations.ts';
import { bindAnnotations } from '../../gfsr/annotation/binding.ts';
import { correctedLabels, countChanged } from '../../gfsr/annotation/classes.ts';
import { formatManifest, readManifest, rowsAsRead } from '../../gfsr/data/manifest.ts';
import { decodeText } from '../../gfsr/files/decode-text.ts';
import { openDatabase } from '../storage/database.ts';
import { MANIFEST, privateFiles } from '../storage/private-files.ts';
import { counted } from '../words.ts';
import type { ClassExport, ExportedFile } from './messages.ts';

/** @throws RangeError if a file of several images has several classes, or somebody gave one that the data has not */
export async function exportClasses({ project, annotations }: ClassExport): Promise<ExportedFile> {
  const record = await (await openDatabase()).get('projects', project);
  if (!record) throw new RangeError('this browser has no such data set any more.');
  const { images, dataset } = record;
  const { name, classes, ids } = dataset;
  const given = Int32Array.from(dataset.labels);
  const { file } = bindAnnotations(parseAnnotations(annotations), images, name);
  const labels = correctedLabels({ classes, train: { ids, labels: given } }, file);
  const text = decodeText(await privateFiles(project).read(MANIFEST), MANIFEST);
  const rows = rowsAsRead(readManifest(text, name).rows, { classes, train: { ids, labels } });
  const corrected = countChanged(given, labels);
  return {
    name: MANIFEST,
    bytes: new TextEncoder().encode(formatManifest(rows)),
    notes: [
      `It has ${counted(corrected, 'corrected class', 'corrected classes')}. Put it into the folder of the pictures.`,
    ],
  };
}
