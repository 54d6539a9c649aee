// `npm run faults`: lets every call of a run to files and device fail, sends it signals, kills it, and looks for leaks.
// Flags: `--only files|devices|signals|leaks|queue|cluster`, `--every N` (of the faults of files and devices).

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
import { leakLines } from './leaks.ts';
import { SITUATIONS } from './situations.ts';

/** Prints how many ended how. Returns whether none is wrong. */
function countOf(kinds: readonly string[]): boolean {
  for (const kind of [...new Set(kinds)].sort()) {
    console.log(`${kind.padEnd(10)}${kinds.filter((each) => each === kind).length}`);
  }
  return !kinds.includes('wrong');
}

async function files(root: string, every: number): Promise<boolean> {
  const { device, wait, info } = await createNodeDevice();
  const gpu = new Gpu(device, { wait });
  try {
    const runs = new FaultyRuns(root, gpu, info);
    await runs.begin();
    const faults = runs.calls.flatMap(({ number }) => CODES.map((code) => ({ number, code })));
    const taken = faults.filter((_, i) => i % every === 0);
    console.log(
      `${runs.calls.length} file-system calls, ${taken.length} of ${faults.length} faults`,
    );
    const kinds: string[] = [];
    for (const { number, code } of taken) {
      const { call, kind, message } = await runs.fail(number, code);
      kinds.push(kind);
      if (kind !== 'wrong') continue;
      console.log(`WRONG ${number} ${code} ${call.name} ${call.path}: ${message}`);
    }
    return countOf(kinds);
  } finally {
    gpu.destroy();
  }
}

async function devices(root: string, every: number): Promise<boolean> {
  const runs = new DeviceRuns(root);
  await runs.begin();
  const faults = runs.calls.flatMap((_, number) =>
    DEVICE_FAULTS.map((fault) => ({ number, fault })),
  );
  const taken = faults.filter((_, i) => i % every === 0);
  console.log(`${runs.calls.length} device calls, ${taken.length} of ${faults.length} faults`);
  const kinds: string[] = [];
  for (const call of taken) {
    const { kind, message } = await runs.fail(call);
    kinds.push(kind);
    if (kind !== 'wrong') continue;
    console.log(`WRONG ${call.number} ${runs.calls[call.number]} ${call.fault}: ${message}`);
  }
  for (const fault of DEVICE_FAULTS) {
    const { kind, message } = await runs.failToOpen(fault);
    kinds.push(kind);
    if (kind === 'wrong') console.log(`WRONG requestDevice ${fault}: ${message}`);
  }
  return countOf(kinds);
}

async function signals(root: string): Promise<boolean> {
  let passed = true;
  for (const { name, count, survive } of SITUATIONS) {
    let done = 0;
    try {
      for (; done < count; done++) await survive(join(root, `${name} ${done}`), done);
      console.log(`${String(done).padStart(4)} × ${name}`);
    } catch (error) {
      passed = false;
      console.log(`WRONG ${name}, time ${done + 1}: ${(error as Error).message}`);
    }
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
  options: { only: { type: 'string' }, every: { type: 'string', default: '1' } },
});
const every = Number(values.every);
if (!(every >= 1)) throw new RangeError(`--every: got ${values.every}, expected at least 1.`);
const chosen = Object.entries(PARTS).filter(([name]) => (values.only ?? name) === name);
if (chosen.length === 0) {
  throw new RangeError(`--only: got ${values.only}, expected ${Object.keys(PARTS).join(', ')}.`);
}
const root = mkdtempSync(join(tmpdir(), 'gfsr-faults-'));
try {
  for (const [name, part] of chosen) {
    console.log(`\n${name}`);
    if (!(await part(join(root, name), every))) process.exitCode = 1;
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
