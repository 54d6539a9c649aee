// `gfsr sweep`: tries settings on validation images, ranks them, and writes the best as a settings file.

import { checkComparison } from '../../compare/comparison.ts';
import { estimateMissing } from '../../compare/published-comparisons.ts';
import { describeRanking } from '../../compare/ranking.ts';
import { openSweep, runSweepWith } from '../../compare/sweep.ts';
import { summariseDataset } from '../../data/dataset-summary.ts';
import { defineCommand } from '../../terminal/command.ts';
import { toJson } from '../../text/json.ts';
import { row } from '../../text/lines.ts';
import { describeEstimate, sayBroken, sayComparison, sayLosses } from '../comparison-progress.ts';
import { usualFolder } from '../comparison-source.ts';
import { findAdapter, withGpu } from '../device.ts';
import { interruptible } from '../interrupt.ts';
import { quiet } from '../shared-flags.ts';
import { runningWith, workers } from '../workers.ts';

export const sweep = defineCommand({
  name: 'sweep',
  help: 'try settings with several seeds, and rank them by validation images; test images are never looked at',
  arguments: { config: 'one' },
  flags: {
    data: {
      kind: 'text',
      value: 'data',
      help: 'data to use instead of the data that the file names',
    },
    out: {
      kind: 'text',
      value: 'folder',
      help: 'folder of the trials, the ranking and the best settings, new or existing',
      usual: 'runs/<name of the file>',
    },
    estimate: {
      kind: 'boolean',
      help: 'only time a few steps, and say how long the missing trials will take',
    },
    workers,
    quiet,
  },
  examples: ['sweep sweep.json', 'train --config runs/sweep/best.json'],
  async run({ config: file, data, out: path, estimate, workers: count }, out) {
    const opened = await openSweep(file, { data }, (line) => out.say(line));
    for (const line of summariseDataset(opened.comparison.dataset)) out.say(line);
    const adapter = await findAdapter(out);
    const folder = path ?? usualFolder(file);
    const advice = 'stopped; finished trials are kept. Run the same command to continue.';
    return withGpu(async (gpu) => {
      const { comparison, losses } = await checkComparison(gpu, opened.comparison, adapter);
      sayLosses(out, losses);
      if (estimate) {
        const parts = await estimateMissing(gpu, comparison, folder, new Map());
        out.result(row('estimate', describeEstimate(parts)));
        return 0;
      }
      return interruptible(out, advice, async (signal) => {
        sayComparison(out, folder, comparison);
        const { run, hooks } = runningWith(count, out, comparison, { gpu, adapter });
        const checked = { ...opened, comparison };
        const { ranking, broken, best, bestPath } = await runSweepWith(run, checked, folder, {
          ...hooks,
          signal,
        });
        out.say();
        for (const line of describeRanking(ranking)) out.result(line);
        out.result();
        sayBroken(out, broken);
        out.result(
          row('best', `${bestPath}, for gfsr train --config and gfsr compare --settings:`),
        );
        out.result(toJson(best).trimEnd());
        return broken.length > 0 ? 1 : 0;
      });
    });
  },
});
