// `gfsr compare`: runs the variants, seeds, budgets and mask controls of one file, and writes tables and a report.

import { checkComparison, runComparisonWith } from '../../compare/comparison.ts';
import { describeSummary } from '../../compare/comparison-tables.ts';
import { problemLines, summariseDataset } from '../../data/dataset-summary.ts';
import { findProblems } from '../../data/problems.ts';
import { defineCommand } from '../../terminal/command.ts';
import { row } from '../../text/lines.ts';
import { sayBroken, sayComparison, sayLosses } from '../comparison-progress.ts';
import { changeFlags, openChanged, usualFolder } from '../comparison-source.ts';
import { findAdapter, withGpu } from '../device.ts';
import { interruptible } from '../interrupt.ts';
import { quiet } from '../shared-flags.ts';
import { compareOnSlurm, requireSlurm, slurmFlags } from '../slurm.ts';
import { runningWith, workers } from '../workers.ts';

export const compare = defineCommand({
  name: 'compare',
  help: 'train variants with several seeds, and test their differences',
  flags: {
    config: {
      kind: 'text',
      value: 'file.json',
      help: 'variants, seeds, annotated fractions and mask controls',
    },
    ...changeFlags,
    out: {
      kind: 'text',
      value: 'folder',
      help: 'folder of the trials and tables, new or existing',
      usual: 'runs/<name of the file>',
    },
    workers,
    ...slurmFlags,
    quiet,
  },
  examples: [
    'compare --config lab.json',
    'compare --config lab.json --settings runs/sweep/best.json',
  ],
  async run(
    { config: file, data, settings, quick, out: path, workers: count, slurm, ...rest },
    out,
  ) {
    if (file === undefined) {
      throw new RangeError('compare: needs --config lab.json, which names variants and seeds.');
    }
    const cluster = { partition: rest.partition, gres: rest.gres, time: rest.time };
    requireSlurm(slurm, cluster);
    const opened = await openChanged(file, { data, settings, quick }, (line) => out.say(line));
    const problems = problemLines(findProblems(opened.dataset));
    for (const line of [...summariseDataset(opened.dataset), ...problems]) out.say(line);
    const folder = path ?? usualFolder(file, { quick });
    if (slurm) return compareOnSlurm(out, opened, folder, cluster);
    const adapter = await findAdapter(out);
    const advice = 'stopped; finished trials are kept. Run the same command to continue.';
    return withGpu(async (gpu) => {
      const { comparison, losses, doubts } = await checkComparison(gpu, opened, adapter);
      sayLosses(out, losses);
      for (const doubt of doubts) out.result(row('WARNING', doubt));
      return interruptible(out, advice, async (signal) => {
        sayComparison(out, folder, comparison);
        const { run, hooks } = runningWith(count, out, comparison, { gpu, adapter });
        const { summary, broken, report } = await runComparisonWith(run, comparison, folder, {
          ...hooks,
          signal,
        });
        out.say();
        for (const line of describeSummary(summary)) out.result(line);
        out.result();
        out.result(row('report', report));
        sayBroken(out, broken);
        return broken.length > 0 ? 1 : 0;
      });
    });
  },
});
