// `gfsr compare`: variants, seeds, budgets and mask controls from one file, trial by trial, into tables and a report.

import { basename, join } from 'node:path';
import { checkComparison, openComparison, runComparison } from '../compare/comparison.ts';
import { heading, showCell } from '../compare/comparison-tables.ts';
import { describeTest, rowLabel, type Summary } from '../compare/summary.ts';
import { row, table } from '../text/lines.ts';
import { InterruptedError } from '../train/experiment.ts';
import { summariseDataset } from './dataset-summary.ts';
import { findAdapter, withGpu } from './device.ts';
import type { Output } from './output.ts';

export interface CompareOptions {
  /** A JSON file that describes the comparison. */
  readonly config?: string;
  /** Data in the place of the file's. */
  readonly data?: string;
  /** The size that the file calls quick. */
  readonly quick?: boolean;
  /** Default: runs/<name of the file>. */
  readonly out?: string;
}

/** What a shell expects of a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** @throws RangeError for a configuration, data or annotations that are wrong or do not fit */
export async function compareCommand(
  { config: file, data, quick = false, out: path }: CompareOptions,
  out: Output,
): Promise<number> {
  if (file === undefined) {
    throw new RangeError('compare: needs --config lab.json, which names variants and seeds.');
  }
  const comparison = await openComparison(file, { data, quick });
  for (const line of summariseDataset(comparison.dataset)) out.say(line);
  const adapter = await findAdapter(out);
  const name = `${basename(file).replace(/\.json$/, '')}${quick ? '-quick' : ''}`;
  return withGpu(async (gpu) => {
    await checkComparison(gpu, comparison, adapter, out);
    try {
      const folder = path ?? join('runs', name);
      const { summary, report } = await runComparison(gpu, comparison, folder, adapter, out);
      out.say();
      for (const line of describeSummary(summary)) out.result(line);
      out.result();
      out.result(row('report', report));
      return 0;
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      out.result(`stopped; finished trials are kept. Go on with the same command.`);
      return INTERRUPTED;
    }
  });
}

/** The table of a comparison for a terminal, and what was tested. */
export function describeSummary(summary: Summary): string[] {
  const { columns, rows } = summary;
  return [
    ...table([
      ['', ...columns.map(heading)],
      ...rows.map((each) => [
        rowLabel(each, summary),
        ...columns.map(({ key }) => showCell(each.cells[key])),
      ]),
    ]),
    '',
    describeTest(summary),
  ];
}
