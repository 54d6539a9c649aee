// `gfsr annotations`: puts the files of several annotators together, and says how far they agree.

import { writeFile } from 'node:fs/promises';
import { readAnnotationFile } from '../annotation/annotation-source.ts';
import { mergeAnnotations, serialiseAnnotations } from '../annotation/annotations.ts';
import { defaultConfig } from '../config/config.ts';
import { dataDefaults } from '../data/defaults.ts';
import { loadDataset } from '../data/load.ts';
import { annotatorAgreement } from '../masks/annotator-agreement.ts';
import { segmentImages } from '../masks/segments.ts';
import { grouped, row, table } from '../text/lines.ts';
import type { Output } from './output.ts';

export interface AnnotationsOptions {
  readonly files: readonly string[];
  readonly data?: string;
  /** Where all of them go as one file; nowhere if left out. */
  readonly out?: string;
}

/** @throws RangeError for files that are missing, damaged, or about other images */
export async function annotationsCommand(
  { files, data, out: path }: AnnotationsOptions,
  out: Output,
): Promise<number> {
  if (files.length === 0 || data === undefined) {
    throw new RangeError(
      'annotations: needs files and the data they are about: a.json b.json --data set.npz.',
    );
  }
  const dataset = await loadDataset(data, { seed: defaultConfig.train.seed });
  const read = await Promise.all(files.map((file) => readAnnotationFile(file, dataset)));
  const merged = mergeAnnotations(read);
  const segmentations = segmentImages(dataset.train, dataset, dataDefaults(dataset).masks);
  const { annotators, pairs, labelled, contested, contestedWeight } = annotatorAgreement(
    merged,
    dataset,
    segmentations,
  );
  const images = `of ${grouped(dataset.train.count)} train images`;
  for (const [name, count] of annotators)
    out.result(row('annotator', `${name}: ${count} ${images}`));
  out.result(
    row(
      'segments',
      `${grouped(labelled)} marked, ${grouped(contested)} of them contested${contested > 0 ? `: these weigh ${contestedWeight.toFixed(2)} on average` : ''}`,
    ),
  );
  if (pairs.length > 0) {
    const show = (value: number) => (Number.isFinite(value) ? value.toFixed(3) : '–');
    out.result();
    for (const line of table([
      ['', 'images', 'segments', 'agreement', 'Cohen’s κ'],
      ...pairs.map(({ annotators: [a, b], images, segments, agreement, kappa }) => [
        `${a} and ${b}`,
        ...[String(images), String(segments), show(agreement), show(kappa)],
      ]),
    ])) {
      out.result(line);
    }
  }
  if (path) {
    await writeFile(path, serialiseAnnotations(merged));
    out.result(`\nwrote ${path}`);
  }
  return 0;
}
