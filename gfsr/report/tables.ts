// The figures of a run and the splits of its data as plain tables.

import type { Dataset, Split } from '../data/dataset.ts';
import type { Evaluation, SplitEvaluation } from '../evaluation/evaluate.ts';
import type { Aggregate } from '../evaluation/metrics/alignment.ts';
import { formatCsv } from '../text/csv.ts';
import type { ExperimentResult } from '../train/experiment.ts';

/** One figure of an evaluation; `on` is the split, or split and condition. */
export interface Figure {
  readonly on: string;
  readonly metric: string;
  readonly value: number;
  /** Standard deviation, number of images, and number of those left out, for a mean over images. */
  readonly sd?: number;
  readonly count?: number;
  readonly skipped?: number;
}

/** Every figure of an evaluation. */
export const figures = ({ val, test }: Evaluation): Figure[] => [
  ...splitFigures('val', val),
  ...splitFigures('test', test),
];

function splitFigures(
  on: string,
  { conditions, alignment, shortcut, uninformative, intervals: _, ...scores }: SplitEvaluation,
): Figure[] {
  const plain = (on: string, all: object): Figure[] =>
    Object.entries(all as Record<string, number>).map(([metric, value]) => ({ on, metric, value }));
  const aggregates: Record<string, Aggregate> = {
    ...alignment,
    ...(shortcut && { shortcutShare: shortcut.share, shortcutLift: shortcut.lift }),
  };
  const { empty, constant } = uninformative;
  return [
    ...plain(on, scores),
    ...Object.entries(conditions).flatMap(([name, all]) => plain(`${on} ${name}`, all)),
    ...Object.entries(aggregates).map(([metric, { mean: value, ...spread }]) => ({
      ...{ on, metric, value },
      ...spread,
    })),
    ...plain(on, {
      ...{ emptySaliency: empty, constantSaliency: constant, uselessSaliency: empty + constant },
      ...(alignment && { masks: alignment.epg.count, emptyMasks: alignment.epg.skipped }),
    }),
  ];
}

/** One row per arm, set and metric. */
export function metricsCsv({ arms }: ExperimentResult): string {
  const rows = Object.entries(arms).flatMap(([arm, { evaluation }]) =>
    figures(evaluation).map(({ on, metric, value, sd, count, skipped }) => [
      ...[arm, on, metric, value],
      ...[sd, count, skipped],
    ]),
  );
  return formatCsv([['arm', 'on', 'metric', 'value', 'sd', 'count', 'skipped'], ...rows]);
}

const RECORD = [
  'epoch',
  'crossEntropy',
  'relevance',
  'lambda',
  'lr',
  'valAccuracy',
  'valAuc',
  'valLoss',
  'valAlignment',
  'seconds',
  'note',
] as const;

/** One row per arm and epoch, epochs from 0. */
export function historyCsv({ arms }: ExperimentResult): string {
  const rows = Object.entries(arms).flatMap(([arm, { history }]) =>
    history.map((record) => [arm, ...RECORD.map((name) => record[name])]),
  );
  return formatCsv([['arm', ...RECORD], ...rows]);
}

/** One row per image: id, split, class and, where it is known, group. Where test is val, its images stand once. */
export function splitsCsv({ train, val, test, classes }: Dataset): string {
  const splits: [string, Split][] = [
    ['train', train],
    ['val', val],
    ...(test === val ? [] : [['test', test] as [string, Split]]),
  ];
  const grouped = splits.some(([, { groups }]) => groups);
  const rows = splits.flatMap(([name, { ids, labels, groups }]) =>
    ids.map((id, i) => [id, name, classes[labels[i]], ...(grouped ? [groups?.[i] ?? ''] : [])]),
  );
  return formatCsv([['id', 'split', 'label', ...(grouped ? ['group'] : [])], ...rows]);
}
