// What is drawn in the report of a run, as CSV files for people's own plots.

import type { Dataset, SplitName } from '../data/dataset.ts';
import { classCounts } from '../data/dataset.ts';
import { type Share, worstMistakes } from '../evaluation/metrics/class-scores.ts';
import { POINTS } from '../evaluation/metrics/detection-curves.ts';
import { formatCsv } from '../text/csv.ts';
import type { Arm, ExperimentResult } from '../train/experiment.ts';
import type { ArmAnalysis, Band, TestAnalysis } from './analysis.ts';
import { trustTables } from './trust.ts';

type Cell = string | number | undefined;
/** A file: its name, what it has one row per, and its text. */
export interface AnalysisFile {
  readonly name: string;
  readonly about: string;
  readonly text: string;
}

const SPLITS: readonly SplitName[] = ['train', 'val', 'test'];

/** One file per table or chart. A file without rows is left out. */
export function analysisFiles(
  analysis: TestAnalysis,
  { arms }: Pick<ExperimentResult, 'arms'>,
  dataset: Dataset,
): AnalysisFile[] {
  const { classes, test } = dataset;
  const perArm = (rows: (arm: ArmAnalysis, name: Arm) => Cell[][]): Cell[][] =>
    Object.entries(analysis.arms).flatMap(([name, arm]) =>
      rows(arm, name as Arm).map((row) => [name, ...row]),
    );
  const trust = trustTables(
    Object.fromEntries(
      Object.entries(arms).flatMap(([arm, { trust }]) => (trust ? [[arm, trust]] : [])),
    ),
  );
  const files: readonly [string, string, string[], Cell[][]][] = [
    [
      'differences.csv',
      'what guidance changed, with intervals and p',
      ['on', 'metric', 'difference', 'ci95_low', 'ci95_high', 'p'],
      analysis.differences.map(({ on, metric, value, low, high, p }) => [
        on,
        metric,
        value,
        low,
        high,
        p,
      ]),
    ],
    [
      'classes.csv',
      'sensitivity, specificity, predictive values and saliency on the mask by class',
      ['arm', 'class', 'metric', 'value', 'ci95_low', 'ci95_high', 'hits', 'of'],
      perArm((arm) => [
        ...arm.classes.flatMap((scores, c) =>
          Object.entries(scores).map(([metric, share]) => [
            classes[c],
            metric,
            ...shareCells(share),
          ]),
        ),
        ...(arm.epg ?? []).flatMap(({ value, low, high, images }, c) =>
          images > 0 ? [[classes[c], 'epg', value, low, high, undefined, images]] : [],
        ),
      ]),
    ],
    [
      'confusion.csv',
      'images by true and chosen class',
      ['arm', 'class', 'predicted', 'images'],
      perArm(({ confusion }) =>
        Array.from(confusion, (images, at) => [
          classes[Math.floor(at / classes.length)],
          classes[at % classes.length],
          images,
        ]),
      ),
    ],
    [
      'curves.csv',
      'ROC and precision–recall curves with their bands',
      ['arm', 'curve', 'x', 'y', 'ci95_low', 'ci95_high'],
      perArm(({ roc, precision }) => [
        ...bandRows('roc', roc),
        ...bandRows('precision-recall', precision),
      ]),
    ],
    [
      'calibration.csv',
      'confidence and accuracy by bin of confidence',
      ['arm', 'from', 'to', 'images', 'right', 'mean_confidence'],
      perArm(({ calibration: { count, right, confidence } }) =>
        Array.from(count, (n, bin) => [
          ...[bin / count.length, (bin + 1) / count.length, n, right[bin]],
          n > 0 ? confidence[bin] / n : undefined,
        ]),
      ),
    ],
    [
      'mistakes.csv',
      'every test image that was mistaken, the surest first',
      ['arm', 'id', 'class', 'predicted', 'probability'],
      perArm(({ predicted }, name) => {
        const { probs = [] } = arms[name]?.images ?? {};
        const { ids, labels, count } = test;
        return worstMistakes(probs, predicted, labels, classes.length, count).map((i) => [
          ...[ids[i], classes[labels[i]], classes[predicted[i]]],
          probs[i * classes.length + predicted[i]],
        ]);
      }),
    ],
    [
      'groups.csv',
      'accuracy and sensitivity by group of images',
      ['arm', 'group', 'metric', 'class', 'value', 'ci95_low', 'ci95_high', 'hits', 'of'],
      perArm(({ groups = [] }) =>
        groups.flatMap(({ group, accuracy, sensitivity }) => [
          [group, 'accuracy', '', ...shareCells(accuracy)],
          ...sensitivity.map((share, c) => [
            group,
            'sensitivity',
            classes[c],
            ...shareCells(share),
          ]),
        ]),
      ),
    ],
    [
      'data.csv',
      'images by split and class',
      ['split', 'class', 'images'],
      SPLITS.flatMap((split) =>
        Array.from(classCounts(dataset[split], classes.length), (n, c) => [split, classes[c], n]),
      ),
    ],
    [
      'trust.csv',
      'faithfulness and uncertainty',
      ['table', 'figure', 'column', 'value'],
      trust.flatMap(({ title, columns, rows }) =>
        rows.flatMap(([label, ...values]) =>
          values.map((value, i) => [title, label, columns[i], value]),
        ),
      ),
    ],
  ];
  return files.flatMap(([name, about, header, rows]) =>
    rows.length > 0 ? [{ name, about, text: formatCsv([header, ...rows]) }] : [],
  );
}

const shareCells = ({ value, low, high, hits, of }: Share): number[] => [
  value,
  low,
  high,
  hits,
  of,
];

const bandRows = (curve: string, { value, low, high }: Band): Cell[][] =>
  Array.from(value, (y, p) => [curve, p / (POINTS - 1), y, low[p], high[p]]);
