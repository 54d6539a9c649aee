// The process that reads fuzzed files: a file that hangs or ends it costs only this process.

import { Worker } from 'node:worker_threads';
import { judge, type Verdict } from './target.ts';
import { fileOf, seedsOf, targets } from './targets.ts';

/** Files `from` to `to` − 1 of one target. */
export interface Batch {
  readonly target: string;
  readonly seed: number;
  readonly folders: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** What the process says: which file it reads next, how the last one ended, that the batch is done. */
export type Report =
  | { readonly kind: 'begin'; readonly n: number }
  | { readonly kind: 'end'; readonly n: number; readonly verdict: Verdict }
  | { readonly kind: 'done' };

/** Processor time after which a reading hangs: on a busy machine a clock would say nothing. */
const HANG_SECONDS = 20;

/** Exit code of a process that has nothing left to do while a file is being read, as Node's own. */
const NOTHING_LEFT = 13;

/** Ends the process, from a thread of its own, when the number of files read has not changed for so long. */
const WATCH = `
  const { workerData: { read, seconds } } = require('node:worker_threads');
  let [last, since] = [-1, process.cpuUsage()];
  setInterval(() => {
    if (read[0] !== last) [last, since] = [read[0], process.cpuUsage()];
    if (process.cpuUsage(since).user > 1e6 * seconds) process.kill(process.pid, 'SIGKILL');
  }, 500);
`;

const say = (report: Report): void => void process.send?.(report);
const read = new Int32Array(new SharedArrayBuffer(4));
const seeds = new Map<string, readonly Uint8Array[]>();

if (process.send) {
  const workerData = { read, seconds: HANG_SECONDS };
  new Worker(WATCH, { eval: true, execArgv: [], workerData }).unref();
  // While a file is read, nothing else keeps the process alive: it waits for something that never comes.
  process.on('beforeExit', () => process.exit(NOTHING_LEFT));
}
process.on('message', async ({ target: name, seed, folders, from, to }: Batch) => {
  const target = targets.find((each) => each.name === name);
  if (!target) throw new RangeError(`no target ${name}`);
  const own = seeds.get(name) ?? (await seedsOf(target, folders));
  seeds.set(name, own);
  process.channel?.unref();
  for (let n = from; n < to; n++) {
    say({ kind: 'begin', n });
    say({ kind: 'end', n, verdict: await judge(target, fileOf(target, own, seed, n)) });
    Atomics.add(read, 0, 1);
  }
  process.channel?.ref();
  say({ kind: 'done' });
});
