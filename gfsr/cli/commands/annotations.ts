// `gfsr annotations`: merges the files of several annotators, and measures how far they agree.

import { dirname } from 'node:path';
import { readAnnotationFile } from '../../annotation/annotation-files.ts';
import { mergeAnnotations, serialiseAnnotations } from '../../annotation/annotations.ts';
import { defaultConfig, withChanges } from '../../config/config.ts';
import { dataDefaults } from '../../data/defaults.ts';
import { datasetOf } from '../../data/load.ts';
import { writeAtomically } from '../../files/atomic-file.ts';
import { makeWritableFolder } from '../../files/make-folder.ts';
import { annotatorAgreement, type PairAgreement } from '../../masks/annotator-agreement.ts';
import { segmentImages } from '../../masks/segments.ts';
import { defineCommand } from '../../terminal/command.ts';
import { grouped, row, table } from '../../text/lines.ts';
import { READING, settingFlags } from '../setting-flags.ts';

export const annotations = defineCommand({
  name: 'annotations',
  help: 'measure how far several annotators agree, and merge their files',
  arguments: { files: 'many' },
  flags: {
    data: { kind: 'text', value: 'data', help: 'the data set that they annotate' },
    out: { kind: 'text', value: 'file.json', help: 'write all annotations to one file' },
    settings: settingFlags(READING),
  },
  examples: [
    'annotations ann.json ben.json --data scans.npz --out both.json',
    'annotations ann.json ben.json --data photos --side 512 --fit pad',
  ],
  async run({ files, data, out: path, settings }, out) {
    if (files.length === 0 || data === undefined) {
      throw new RangeError(
        'annotations: needs annotation files and their data set: a.json b.json --data set.npz.',
      );
    }
    if (path !== undefined) makeWritableFolder(dirname(path));
    const config = withChanges(defaultConfig, { data: { source: data } }, settings);
    const dataset = await datasetOf(config, (line) => out.say(line));
    const read = await Promise.all(files.map((file) => readAnnotationFile(file, dataset)));
    const merged = mergeAnnotations(read);
    const segmentations = segmentImages(dataset.train, dataset, dataDefaults(dataset).masks);
    const { annotators, pairs, labelled, contested, contestedWeight } = annotatorAgreement(
      merged,
      dataset,
      segmentations,
    );
    const images = `of ${grouped(dataset.train.count)} training images`;
    for (const [name, count] of annotators) {
      out.result(row('annotator', `${name}: ${count} ${images}`));
    }
    const weight = contested > 0 ? `, which weigh ${contestedWeight.toFixed(2)} on average` : '';
    out.result(
      row(
        'segments',
        `${grouped(labelled)} marked, ${grouped(contested)} of them contested${weight}`,
      ),
    );
    for (const line of describePairs(pairs)) out.result(line);
    if (path !== undefined) {
      writeAtomically(path, serialiseAnnotations(merged));
      out.result(`\nwrote ${path}`);
    }
    return 0;
  },
});

const EXPLANATION = [
  'IoU: of the relevant pixels, on images where one of them marked some.',
  'agreement and κ: on segments on which both decided, relevant or irrelevant.',
];
const UNDEFINED =
  '–: not defined, since both marked only relevant places, or both only irrelevant ones.';

function describePairs(pairs: readonly PairAgreement[]): string[] {
  if (pairs.length === 0) return [];
  const show = (value: number) => (Number.isFinite(value) ? value.toFixed(3) : '–');
  const lines = table([
    ['', 'images', 'IoU', 'segments', 'agreement', 'Cohen’s κ'],
    ...pairs.map(({ annotators: [a, b], images, overlap, segments, agreement, kappa }) => [
      `${a} and ${b}`,
      ...[String(images), show(overlap), String(segments), show(agreement), show(kappa)],
    ]),
  ]);
  const undecided = pairs.some(({ agreement }) => Number.isNaN(agreement));
  return ['', ...lines, '', ...EXPLANATION, ...(undecided ? [UNDEFINED] : [])];
}
