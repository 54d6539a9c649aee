// `gfsr queue push|work|status|pull`: the trials of a comparison on many machines, over a Redis server.

import { codeOfTrials, runComparisonWith } from '../../compare/comparison.ts';
import { describeSummary } from '../../compare/comparison-tables.ts';
import { fromStore } from '../../queue/collect.ts';
import { openStore } from '../../queue/open-store.ts';
import { pushTrials } from '../../queue/push.ts';
import { reachRedis, withQueue } from '../../queue/redis.ts';
import { ADAPTERS } from '../../queue/trial-job.ts';
import { workOnQueue } from '../../queue/work.ts';
import { defineCommand } from '../../terminal/command.ts';
import { row } from '../../text/lines.ts';
import { cut, messageLine } from '../../text/visible.ts';
import { outcomeOf, trialProgress } from '../comparison-progress.ts';
import { changeFlags, openChanged, usualFolder } from '../comparison-source.ts';
import { findAdapter, withGpu } from '../device.ts';
import { interruptible } from '../interrupt.ts';
import { quiet } from '../shared-flags.ts';

const redis = {
  kind: 'text',
  value: 'address',
  help: 'redis://host:6379, or rediss:// for TLS; the password also from GFSR_REDIS_PASSWORD',
  usual: 'GFSR_REDIS',
} as const;

const store = {
  kind: 'text',
  value: 'address',
  help: 'results, warm starts, data: a folder that all machines see, such as file:///mnt/lab, or s3://bucket/folder',
  usual: 'GFSR_STORE',
} as const;

const reach = (address = process.env.GFSR_REDIS) => {
  if (address) return reachRedis(address, process.env.GFSR_REDIS_PASSWORD);
  throw new RangeError('--redis: is missing, expected redis://host:6379, here or in GFSR_REDIS.');
};

const storeAt = (address = process.env.GFSR_STORE) => {
  if (address) return openStore(address);
  throw new RangeError(
    '--store: is missing, expected file:///folder/that/all/machines/see or s3://bucket, here or in GFSR_STORE.',
  );
};

export const queuePush = defineCommand({
  name: 'queue push',
  help: 'put the missing trials of a comparison into the queue, each once',
  arguments: { config: 'one' },
  flags: {
    ...{ redis, store },
    on: {
      kind: 'choice',
      choices: ADAPTERS,
      default: 'hardware',
      help: 'adapters that may run them; figures of software adapters differ in the last digits',
    },
    withData: { kind: 'boolean', help: 'copy the data into the store, for workers without it' },
    ...{ ...changeFlags, quiet },
  },
  examples: ['queue push lab.json --redis redis://box1:6379 --store file:///mnt/lab'],
  async run({ config, redis: address, store: folder, on, withData, ...changes }, out) {
    const [server, shared] = [await reach(address), storeAt(folder)];
    const comparison = await openChanged(config, changes, (line) => out.say(line));
    const { added, retried, queued, finished } = await withQueue(server, (queue) =>
      pushTrials(queue, comparison, shared, { adapter: on, withData }),
    );
    const already = `${queued} were there already, ${finished} are finished`;
    out.result(
      row('queue', `${server.shown}: ${added} trials added, ${retried} again; ${already}`),
    );
    return 0;
  },
});

export const queueWork = defineCommand({
  name: 'queue work',
  help: 'run trials of the queue, one after another; any number of workers may do so',
  flags: {
    ...{ redis, store },
    untilEmpty: { kind: 'boolean', help: 'end when no trial is waiting or running' },
    lease: {
      kind: 'integer',
      default: 30,
      least: 2,
      most: 3600,
      help: 'seconds after which the trial of a silent worker goes to another',
    },
    quiet,
  },
  examples: ['queue work --redis redis://box1:6379 --store file:///mnt/lab'],
  async run({ redis: address, store: folder, untilEmpty, lease }, out) {
    const [server, shared] = [await reach(address), storeAt(folder)];
    const adapter = await findAdapter(out);
    const advice = 'stopped; the trial went back into the queue.';
    return withGpu((gpu) =>
      interruptible(out, advice, async (signal) => {
        const code = codeOfTrials();
        let current = '';
        const failures = await workOnQueue({
          ...{ gpu, adapter, server, store: shared, code, lease, untilEmpty, signal },
          hooks: {
            onStart: ({ label, seed }) => {
              current = `trial ${cut(label, 120)}  seed ${seed}`;
              out.say(`${current} …`);
            },
            onStep: ({ step, total }) => out.status(`${current}  step ${step}/${total}`),
            onFinish: (record) => {
              out.status('');
              out.say(`  ${outcomeOf(record)}  ${record.seconds.toFixed(1)} s`);
            },
            onFailure: (message) => out.result(row('FAILED', messageLine(message))),
            onAway: (message) => out.say(`${message} Waiting for it …`),
          },
        });
        if (signal.aborted) out.result(advice);
        return signal.aborted ? 130 : failures > 0 ? 1 : 0;
      }),
    );
  },
});

export const queueStatus = defineCommand({
  name: 'queue status',
  help: 'how many trials wait, run, are finished and failed, and why',
  flags: { redis },
  examples: ['queue status --redis redis://box1:6379'],
  async run({ redis: address }, out) {
    const server = await reach(address);
    return withQueue(server, async (queue) => {
      const counts = await queue.getJobCounts('wait', 'active', 'completed', 'failed');
      const { wait, active, completed, failed } = counts;
      out.result(
        row('queue', `${server.shown}: ${wait} waiting, ${active} running, ${completed} finished`),
      );
      for (const job of await queue.getFailed()) {
        const what = `${cut(String(job.data?.label ?? job.id), 120)}: ${job.failedReason}`;
        out.result(row('FAILED', messageLine(what)));
      }
      return failed > 0 ? 1 : 0;
    });
  },
});

export const queuePull = defineCommand({
  name: 'queue pull',
  help: 'take the finished trials of a comparison out of the store, and write tables and report',
  arguments: { config: 'one' },
  flags: {
    store,
    out: {
      kind: 'text',
      value: 'folder',
      help: 'folder of the trials and tables',
      usual: 'runs/<name of the file>',
    },
    mixed: { kind: 'boolean', help: 'allow software and hardware adapters in one table' },
    ...{ ...changeFlags, quiet },
  },
  examples: ['queue pull lab.json --store file:///mnt/lab'],
  async run({ config, store: folder, out: path, mixed, ...changes }, out) {
    const shared = storeAt(folder);
    const comparison = await openChanged(config, changes, (line) => out.say(line));
    const own = path ?? usualFolder(config, changes);
    const { onKept } = trialProgress(out);
    const run = fromStore(shared, mixed);
    const { summary, records, report } = await runComparisonWith(run, comparison, own, { onKept });
    for (const line of describeSummary(summary)) out.result(line);
    out.result(row('report', report));
    const missing = comparison.trials.length - records.length;
    if (missing > 0) out.result(row('MISSING', `${missing} of ${comparison.trials.length} trials`));
    return missing > 0 ? 1 : 0;
  },
});
