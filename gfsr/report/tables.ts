// The figures of a run as plain tables, for metrics.csv and history.csv.

import type { Evaluation } from '../evaluation/evaluate.ts';
import type { Aggregate } from '../evaluation/metrics/alignment.ts';
import { formatCsv } from '../text/csv.ts';
import type { ExperimentResult } from '../train/experiment.ts';

/** One figure of an evaluation; `on` is the split or the condition. */
export interface Figure {
  readonly on: string;
  readonly metric: string;
  readonly value: number;
  /** Standard deviation and number of images, for a mean over images. */
  readonly sd?: number;
  readonly count?: number;
}

/** Every figure of an evaluation. */
export function figures({ val, test, conditions, alignment, shortcut }: Evaluation): Figure[] {
  const sets = Object.entries(conditions).map(([name, scores]) => [`test ${name}`, scores]);
  const scores = Object.entries({ val, test, ...Object.fromEntries(sets) }).flatMap(([on, all]) =>
    Object.entries(all as Record<string, number>).map(([metric, value]) => ({ on, metric, value })),
  );
  const aggregates: Record<string, Aggregate> = {
    ...alignment,
    ...(shortcut && { shortcutShare: shortcut.share, shortcutLift: shortcut.lift }),
  };
  const means = Object.entries(aggregates).map(([metric, { mean, sd, count }]) => ({
    on: 'test',
    metric,
    value: mean,
    sd,
    count,
  }));
  return [...scores, ...means];
}

/** One row per arm, set and metric. */
export function metricsCsv({ arms }: ExperimentResult): string {
  const rows = Object.entries(arms).flatMap(([arm, { evaluation }]) =>
    figures(evaluation).map(({ on, metric, value, sd, count }) => [
      arm,
      on,
      metric,
      value,
      sd,
      count,
    ]),
  );
  return formatCsv([['arm', 'on', 'metric', 'value', 'sd', 'count'], ...rows]);
}

const RECORD = [
  'epoch',
  'crossEntropy',
  'relevance',
  'lambda',
  'lr',
  'valAccuracy',
  'seconds',
] as const;

/** One row per arm and epoch, epochs from 0. */
export function historyCsv({ arms }: ExperimentResult): string {
  const rows = Object.entries(arms).flatMap(([arm, { history }]) =>
    history.map((record) => [arm, ...RECORD.map((name) => record[name])]),
  );
  return formatCsv([['arm', ...RECORD], ...rows]);
}
