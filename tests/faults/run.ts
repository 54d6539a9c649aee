// `npm run faults`: lets every call of a run to files and device fail, sends it signals, kills it, and looks for leaks.
// Flags: `--only files|devices|signals|leaks|queue|cluster`; `--shard 2/3` for the second of three processes that share
// the faults of files, devices and signals.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { hasRedis } from '../support/redis.ts';
import { whyNoSlurm } from '../support/slurm.ts';
import { cancelledTasks } from './cancelled-tasks.ts';
import { DEVICE_FAULTS } from './device-faults.ts';
import { DeviceRuns } from './device-runs.ts';
import { CODES } from './file-faults.ts';
import { FaultyRuns } from './file-runs.ts';
import { killedQueue } from './killed-queue.ts';
import { spreadOver } from './kinds.ts';
import { leakLines } from './leaks.ts';
import { SITUATIONS } from './situations.ts';

/** Whether the fault of this number is one of this process. */
type Shard = (fault: unknown, number: number) => boolean;

const distinct = <T>(items: readonly T[]): T[] => [
  ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
];

/** Prints what goes wrong, and how many faults ended how. Returns whether none went wrong. */
async function injectAll<F>(
  faults: readonly F[],
  inject: (fault: F) => Promise<{ readonly kind: string; readonly message: string }>,
): Promise<boolean> {
  const counts = new Map<string, number>();
  for (const [i, fault] of faults.entries()) {
    const { kind, message } = await inject(fault);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (kind === 'wrong') console.log(`WRONG ${message}`);
    if ((i + 1) % 100 === 0) console.log(`${i + 1} of ${faults.length}`);
  }
  for (const [kind, count] of counts) console.log(`${kind.padEnd(10)}${count}`);
  return !counts.has('wrong');
}

/** Every file-system call fails in one way, and each place in the sources that calls, in all. */
async function files(root: string, mine: Shard): Promise<boolean> {
  const { device, wait, info } = await createNodeDevice();
  const gpu = new Gpu(device, { wait });
  try {
    const runs = new FaultyRuns(root, gpu, info);
    await runs.begin();
    const { calls, places } = runs;
    const everyCall = calls.map((_, number) => ({ number, code: CODES[number % CODES.length] }));
    const everyCode = spreadOver(places, CODES.length).flatMap((numbers) =>
      numbers.map((number, i) => ({ number, code: CODES[i] })),
    );
    const faults = distinct([...everyCall, ...everyCode]).filter(mine);
    console.log(
      `${calls.length} file-system calls at ${new Set(places).size} places, ${faults.length} faults`,
    );
    return await injectAll(faults, async ({ number, code }) => {
      const { call, kind, message } = await runs.fail(number, code);
      return { kind, message: `${number} ${code} ${call.name} ${call.path}: ${message}` };
    });
  } finally {
    gpu.destroy();
  }
}

/** Each kind of device calls fails in each way. */
async function devices(root: string, mine: Shard): Promise<boolean> {
  const runs = await DeviceRuns.begin(root);
  const faults = spreadOver(runs.kinds, DEVICE_FAULTS.length)
    .flatMap((numbers) => numbers.map((number, i) => ({ number, fault: DEVICE_FAULTS[i] })))
    .filter(mine);
  const count = new Set(runs.kinds).size;
  console.log(`${runs.calls.length} device calls of ${count} kinds, ${faults.length} faults`);
  let others = 0;
  const passed = await injectAll(faults, async (call) => {
    const { kind, failed, message } = await runs.fail(call);
    if (failed !== runs.kinds[call.number]) others++;
    const what = `${call.number} ${runs.kinds[call.number]} ${call.fault}`;
    return { kind, message: `${what}: ${message}` };
  });
  if (others > 0) console.log(`${others} faults met a call of another kind`);
  console.log('no device is given');
  const opened = await injectAll(DEVICE_FAULTS, (fault) => runs.failToOpen(fault));
  return passed && opened;
}

async function signals(root: string, mine: Shard): Promise<boolean> {
  let passed = true;
  for (const { name, count, survive } of SITUATIONS) {
    let done = 0;
    for (const time of Array.from({ length: count }, (_, i) => i).filter(mine)) {
      try {
        await survive(join(root, `${name} ${time}`), time);
        done++;
      } catch (error) {
        passed = false;
        console.log(`WRONG ${name}, time ${time + 1}: ${(error as Error).message}`);
      }
    }
    console.log(`${String(done).padStart(4)} × ${name}`);
  }
  return passed;
}

async function leaks(root: string): Promise<boolean> {
  const { lines, passed } = await leakLines(root, { steps: 10_000, runs: 100 });
  for (const line of lines) console.log(line);
  return passed;
}

async function queue(root: string): Promise<boolean> {
  if (!hasRedis()) {
    console.log('skipped: no redis-server');
    return true;
  }
  try {
    await killedQueue(root, { seeds: 50, workers: 4, kills: 30 });
    console.log('100 trials, 30 killed workers, one restart of Redis: each trial once, same bytes');
    return true;
  } catch (error) {
    console.log(`WRONG ${(error as Error).message}`);
    return false;
  }
}

async function cluster(root: string): Promise<boolean> {
  const why = whyNoSlurm();
  if (why) {
    console.log(`skipped: ${why}`);
    return true;
  }
  try {
    await cancelledTasks(root, { seeds: 50, cancelled: 10 });
    console.log('100 tasks of a SLURM array, 10 cancelled: each trial once, same bytes');
    return true;
  } catch (error) {
    console.log(`WRONG ${(error as Error).message}`);
    return false;
  }
}

const PARTS = { files, devices, signals, leaks, queue, cluster };

const { values } = parseArgs({
  options: { only: { type: 'string' }, shard: { type: 'string', default: '1/1' } },
});
const [part, parts] = (/^(\d+)\/(\d+)$/.exec(values.shard) ?? []).slice(1).map(Number);
if (!(part >= 1 && part <= parts)) {
  throw new RangeError(`--shard: got ${values.shard}, expected i/n with i from 1 to n.`);
}
const mine: Shard = (_, i) => i % parts === part - 1;
const chosen = Object.entries(PARTS).filter(([name]) => (values.only ?? name) === name);
if (chosen.length === 0) {
  throw new RangeError(`--only: got ${values.only}, expected ${Object.keys(PARTS).join(', ')}.`);
}
const root = mkdtempSync(join(tmpdir(), 'gfsr-faults-'));
try {
  for (const [name, inject] of chosen) {
    console.log(`\n${name}`);
    if (!(await inject(join(root, name), mine))) process.exitCode = 1;
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
