// Marks that come from files of other programs, and leave as them.

import { zipSync } from 'fflate';
import {
  type AnnotationFile,
  parseAnnotations,
  serialiseAnnotations,
} from '../../gfsr/annotation/annotations.ts';
import { bindAnnotations } from '../../gfsr/annotation/binding.ts';
import { EXCHANGE_FORMATS, writeShapes } from '../../gfsr/annotation/exchange/exchange.ts';
import { foreignMarks, isOwnFormat } from '../../gfsr/annotation/exchange/foreign-marks.ts';
import { Tally } from '../../gfsr/annotation/exchange/shapes.ts';
import { type MarkableImages, sizesOf } from '../../gfsr/annotation/markable-images.ts';
import { annotationPlanes } from '../../gfsr/annotation/planes.ts';
import { encodeNpz } from '../../gfsr/data/npz-writer.ts';
import { decodeText } from '../../gfsr/files/decode-text.ts';
import { openDatabase } from '../storage/database.ts';
import type { ExportedFile, MarkExport, MarkFiles } from './messages.ts';

/** @throws RangeError for damaged files, or files of no known format */
export async function importMarks({ project, files }: MarkFiles) {
  const record = await (await openDatabase()).get('projects', project);
  if (!record) throw new RangeError('this browser has no such data set any more.');
  const { images } = record;
  const sources = await Promise.all(
    files.map(async ({ path, file }) => ({
      path,
      bytes: new Uint8Array(await file.arrayBuffer()),
    })),
  );
  const [first] = sources;
  if (sources.length === 1 && isOwnFormat(first)) {
    return { text: decodeText(first.bytes, first.path), notes: [] };
  }
  const where = sources.length === 1 ? first.path : `${sources.length} files`;
  const target = { ...images, sizeOf: sizesOf(images) };
  const { file, notes } = await foreignMarks(sources, where, target);
  return { text: serialiseAnnotations(file), notes };
}

/** Marks as one file: of several, a zip. */
export async function exportMarks({
  annotations,
  format,
  images,
}: MarkExport): Promise<ExportedFile> {
  const file = parseAnnotations(annotations);
  const { name } = images;
  if (format === 'npz') return planesOf(file, images);
  const { kept, left } = atHand(file, images);
  const tally = new Tally();
  if (left > 0) tally.add('annotation of an image that is not at hand, left out', left);
  const bytesOf = (text: string) => new TextEncoder().encode(text);
  const source = { path: 'annotations.json', bytes: bytesOf(serialiseAnnotations(kept)) };
  const sizeOf = sizesOf(images);
  const shapes = await EXCHANGE_FORMATS.gfsr.read(source, {
    ...{ where: name, classes: [], tally, sizeOf: async (id: string) => sizeOf(id) },
  });
  const { files, notes } = writeShapes(format, shapes, name);
  const contents = [...files].map(
    ([path, content]) => [path, typeof content === 'string' ? bytesOf(content) : content] as const,
  );
  const told = [...tally.lines, ...notes];
  if (contents.length === 1 && !EXCHANGE_FORMATS[format].isFolder) {
    const [[path, bytes]] = contents;
    const ending = path.slice(path.lastIndexOf('.'));
    return { name: `${name}-${format}${ending}`, bytes, notes: told };
  }
  const bytes = zipSync(Object.fromEntries(contents));
  return { name: `${name}-${format}.zip`, bytes, notes: told };
}

/** The annotations of images whose size is known, which other formats need, by id. */
function atHand(file: AnnotationFile, images: MarkableImages) {
  const sizeOf = sizesOf(images);
  const annotations = file.annotations
    .map((each) => ({
      ...each,
      image: typeof each.image === 'number' ? images.indexed[each.image] : each.image,
    }))
    .filter(({ image }) => sizeOf(image));
  const left = file.annotations.length - annotations.length;
  return { kept: { ...file, annotations }, left };
}

/** Marks as planes of numbers, of training images alone. */
function planesOf(given: AnnotationFile, images: MarkableImages): ExportedFile {
  const { name, height, width } = images;
  const { file, notes } = bindAnnotations(given, images, name);
  const planes = annotationPlanes(file, { train: images, height, width });
  const rows = [...planes].flatMap(([image, each]) => each.map((plane) => ({ image, plane })));
  const data = new Uint8Array(rows.length * height * width);
  for (const [i, { plane }] of rows.entries()) data.set(plane, i * height * width);
  const bytes = encodeNpz({
    marks: { shape: [rows.length, height, width], data },
    ids: rows.map(({ image }) => images.ids[image]),
  });
  return { name: `${name}-marks.npz`, bytes, notes };
}
