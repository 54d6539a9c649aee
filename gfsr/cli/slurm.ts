// `gfsr compare --slurm`: the missing trials become tasks of an array job; when none is missing, tables are written.

import { realpathSync } from 'node:fs';
import { type Comparison, inFolder, runComparisonWith } from '../compare/comparison.ts';
import { describeSummary } from '../compare/comparison-tables.ts';
import { type SlurmOptions, submitTrials } from '../queue/slurm.ts';
import type { Output } from '../terminal/output.ts';
import { row } from '../text/lines.ts';
import { shellCommand } from '../text/shell.ts';
import { trialProgress } from './comparison-progress.ts';

const words = (help: string) => ({ kind: 'text', value: 'value', help }) as const;

export const slurmFlags = {
  slurm: {
    kind: 'boolean',
    help: 'submit missing trials as an array job of SLURM; once all are finished, write the tables',
  },
  partition: words('with --slurm: the partition of the tasks'),
  gres: words('with --slurm: what each task needs, such as gpu:1'),
  time: words('with --slurm: time limit of each task, such as 01:00:00'),
} as const;

/** @throws RangeError if options of SLURM are given without it */
export function requireSlurm(slurm: boolean, options: SlurmOptions): void {
  const [name] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (name && !slurm) throw new RangeError(`--${name}: is an option of --slurm. Add --slurm.`);
}

/** Submits what is missing, or writes the tables. Returns the exit code. */
export async function compareOnSlurm(
  out: Output,
  comparison: Comparison,
  path: string,
  options: SlurmOptions,
): Promise<number> {
  const { trials, origin } = comparison;
  const { onKept } = trialProgress(out);
  const keys: string[] = [];
  const note = async ({ missing }: { readonly missing: readonly { readonly key: string }[] }) => {
    keys.push(...missing.map(({ key }) => key));
  };
  const main = realpathSync(process.argv[1]);
  const jobs = await inFolder(comparison, { path, hooks: { onKept }, run: note }, (folder) =>
    keys.length > 0 ? submitTrials(folder, origin, keys, main, options) : [],
  );
  if (keys.length > 0) {
    const how = `${keys.length} of ${trials.length} trials submitted`;
    out.result(
      row('job', `${jobs.join(', ')}: ${how}. See ${shellCommand('gfsr', 'status', path)}`),
    );
    out.result(
      row('', 'When they have ended, the same command submits the rest or writes the tables.'),
    );
    return 0;
  }
  const { summary, report } = await runComparisonWith(async () => {}, comparison, path);
  for (const line of describeSummary(summary)) out.result(line);
  out.result(row('report', report));
  return 0;
}
