// The figures of a run as plain tables, for metrics.csv and history.csv.

import type { Evaluation } from '../evaluate.ts';
import type { Arm, ExperimentResult } from '../experiment.ts';

/** A field of CSV (RFC 4180). */
const field = (value: unknown): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csv = (rows: readonly (readonly unknown[])[]): string =>
  rows.map((row) => `${row.map(field).join(',')}\n`).join('');

/** One figure of one arm; `on` is the split or the condition. */
export interface Figure {
  readonly on: string;
  readonly metric: string;
  readonly value: number;
}

/** Every figure of an evaluation. */
export function figures({ val, test, conditions, alignment, shortcut }: Evaluation): Figure[] {
  const scores = Object.entries({ val, test, ...prefixed(conditions) }).flatMap(([on, all]) =>
    Object.entries(all).map(([metric, value]) => ({ on, metric, value: value as number })),
  );
  const means = Object.entries({
    ...alignment,
    ...(shortcut && { shortcutShare: shortcut.share, shortcutLift: shortcut.lift }),
  }).map(([metric, { mean }]) => ({ on: 'test', metric, value: mean }));
  return [...scores, ...means];
}

const prefixed = (conditions: Evaluation['conditions']) =>
  Object.fromEntries(Object.entries(conditions).map(([name, all]) => [`test ${name}`, all]));

/** arm, on, metric, value. */
export function metricsCsv({ arms }: ExperimentResult): string {
  const rows = Object.entries(arms).flatMap(([arm, { evaluation }]) =>
    figures(evaluation).map(({ on, metric, value }) => [arm, on, metric, value]),
  );
  return csv([['arm', 'on', 'metric', 'value'], ...rows]);
}

/** One row an arm and epoch. */
export function historyCsv({ arms }: ExperimentResult): string {
  const rows = Object.entries(arms).flatMap(([arm, { history }]) =>
    history.map((record) => ({ arm: arm as Arm, ...record })),
  );
  const columns = Object.keys(rows[0] ?? { arm: '' }) as (keyof (typeof rows)[number])[];
  return csv([columns, ...rows.map((row) => columns.map((name) => row[name]))]);
}
