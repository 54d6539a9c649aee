// `gfsr reproduce`: fetches the data, estimates the time, and runs the comparisons behind our results.

import { join } from 'node:path';
import type { AdapterReport } from '../../../engine/core/adapter.ts';
import type { Gpu } from '../../../engine/core/gpu.ts';
import { checkComparison, runComparisonWith } from '../../compare/comparison.ts';
import { describeSummary } from '../../compare/comparison-tables.ts';
import type { Timings } from '../../compare/estimate.ts';
import {
  estimateMissing,
  namesMeantBy,
  openPublished,
  type PublishedComparison,
} from '../../compare/published-comparisons.ts';
import { type ReproducedPart, writeReproduction } from '../../compare/reproduction.ts';
import { dataFolder } from '../../data/official.ts';
import { defineCommand } from '../../terminal/command.ts';
import type { Output } from '../../terminal/output.ts';
import { clock, row } from '../../text/lines.ts';
import { describeEstimate, sayBroken, sayComparison, sayLosses } from '../comparison-progress.ts';
import { findAdapter, withGpu } from '../device.ts';
import { interruptible } from '../interrupt.ts';
import { quiet } from '../shared-flags.ts';
import { runningWith, workers } from '../workers.ts';

export const reproduce = defineCommand({
  name: 'reproduce',
  help: 'repeat the comparisons behind our results on published data: all, those of a data set, or one',
  arguments: { name: 'optional' },
  flags: {
    data: {
      kind: 'text',
      value: 'folder',
      help: 'folder of the published files; downloads go here',
      usual: 'GFSR_DATA, or data',
    },
    quick: {
      kind: 'boolean',
      help: 'a small size that shows that everything runs; about 20 minutes on two cores',
    },
    out: {
      kind: 'text',
      value: 'folder',
      help: 'folder of the trials and results.md, new or existing',
      usual: 'runs/reproduce',
    },
    workers,
    quiet,
  },
  examples: ['reproduce pneumoniamnist --data ../shared/data'],
  async run({ name, data, quick, out: path, workers: count }, out) {
    const folder = path ?? join('runs', quick ? 'reproduce-quick' : 'reproduce');
    const { opened, missing } = await openPublished(
      namesMeantBy(name),
      data ?? dataFolder(),
      { quick },
      {
        onFetch: (url) => out.say(row('data', `fetching ${url} …`)),
        onFile: (note) => out.say(row('data', note)),
        onMissing: (part, why) => out.result(`${part}: ${why}`),
      },
    );
    if (opened.length === 0) return 1;
    const adapter = await findAdapter(out);
    const command = `npm run reproduce -- ${name}${quick ? ' --quick' : ''}`;
    const advice = 'stopped; finished trials are kept. Run the same command to continue.';
    return withGpu(async (gpu) => {
      await sayHowLong(gpu, opened, folder, adapter, out);
      return interruptible(out, advice, async (signal) => {
        const done: ReproducedPart[] = [];
        let page = '';
        let failed = false;
        for (const { name: part, comparison, data: images } of opened) {
          const { title, notes } = comparison.spec;
          out.say();
          out.say(out.style.bold(title));
          const own = join(folder, part);
          sayComparison(out, own, comparison);
          const { run, hooks } = runningWith(count, out, comparison, { gpu, adapter });
          const { summary, records, broken } = await runComparisonWith(run, comparison, own, {
            ...hooks,
            signal,
          });
          failed ||= broken.length > 0;
          done.push({ name: part, title, notes, data: images, summary, records });
          page = writeReproduction(folder, done, { command, quick, missing });
          for (const line of describeSummary(summary)) out.result(line);
          sayBroken(out, broken);
        }
        out.result();
        out.result(row('results', page));
        return missing.length > 0 || failed ? 1 : 0;
      });
    });
  },
});

/** Checks every comparison, and says how long each will take, and all together. */
async function sayHowLong(
  gpu: Gpu,
  opened: readonly PublishedComparison[],
  folder: string,
  adapter: AdapterReport,
  out: Output,
): Promise<void> {
  let total = 0;
  const timings: Timings = new Map();
  for (const { name, comparison } of opened) {
    sayLosses(out, (await checkComparison(gpu, comparison, adapter)).losses);
    const part = await estimateMissing(gpu, comparison, join(folder, name), timings);
    total += part.estimate?.seconds ?? 0;
    out.say(row('time', `${name}: ${describeEstimate(part)}`));
  }
  out.say(row('time', `about ${clock(total)} in total on this adapter, measured just now`));
}
