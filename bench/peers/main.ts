// Times GFSR and other engines on the same work and the same adapter, in turns, and prints ratios.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { adapterName } from '../../engine/core/adapter.ts';
import type { Wait } from '../../engine/core/error-scopes.ts';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice, requestNodeAdapter } from '../../engine/node.ts';
import { writeAtomically } from '../../gfsr/files/atomic-file.ts';
import { Output } from '../../gfsr/terminal/output.ts';
import { toJson } from '../../gfsr/text/json.ts';
import { table } from '../../gfsr/text/lines.ts';
import { figure } from '../format.ts';
import { measure, type Subject } from '../measure.ts';
import { median } from '../statistics.ts';
import { prepareKernel, prepareStep } from './ours.ts';
import { type Engine, kernelWorks, type Runner, type StepWork, type Work } from './work.ts';

const PEERS = ['tfjs.mjs', 'jax.mjs', 'torch.ts'];
/** Of the largest value of a result; float32 sums of some thousand terms in another order stay below. */
const KERNEL_TOLERANCE = 1e-4;
/** Of the loss, in each of the first steps: what went wrong in one shows in the next. */
const STEP_TOLERANCE = 2e-3;
const CHECKED_STEPS = 4;
const PLAN = { quick: { rounds: 5, roundMs: 40 }, full: { rounds: 15, roundMs: 150 } };
const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));

const out = new Output();

/** One engine at one work. */
interface Entry {
  readonly engine: string;
  readonly work: Work;
  readonly error: number;
  readonly subject: Subject;
}

interface Failure {
  readonly engine: string;
  readonly work: string;
  readonly message: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
    },
  });
  const { instance } = await requestNodeAdapter();
  // Where browsers have it: that is how the others find the adapter.
  const navigator = { gpu: instance, userAgent: 'Node.js', hardwareConcurrency: 1 };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  const { device, wait, info } = await createNodeDevice();
  const gpu = new Gpu(device, { wait });
  out.say(`${adapterName(info)}${info.isSoftware ? ': SOFTWARE, this says nothing of a GPU' : ''}`);
  const peers = await openPeers();
  const entries: Entry[] = [];
  const failures: Failure[] = [];
  const works = [...kernelWorks.map(({ name }) => name), ...STEPS.map(stepName)];
  for (const name of works.filter((name) => name.includes(values.only))) {
    const { work, runner } = await prepareOurs(gpu, name);
    const expected = await resultsOf(work, runner);
    entries.push({ engine: 'gfsr', work, error: 0, subject: subjectOf(runner, wait) });
    for (const peer of peers) {
      try {
        const theirs = await peer.prepare(work);
        const error = difference(expected, await resting(wait, resultsOf(work, theirs)));
        const tolerance = work.kind === 'step' ? STEP_TOLERANCE : KERNEL_TOLERANCE;
        if (!(error <= tolerance)) throw new Error(`differs from ours by ${error.toPrecision(2)}.`);
        entries.push({ engine: peer.name, work, error, subject: subjectOf(theirs, wait) });
      } catch (error) {
        failures.push({ engine: peer.name, work: name, message: (error as Error).message });
      }
    }
    out.say(`checked ${name}`);
  }
  const plan = values.quick ? PLAN.quick : PLAN.full;
  const timings = await measure(
    entries.map(({ subject }) => subject),
    plan,
    (done) => out.say(`round ${done} of ${plan.rounds}`),
  );
  const rows = entries.map(({ engine, work, error }, i) => ({
    engine,
    work: work.name,
    ...('flops' in work ? { flops: work.flops } : {}),
    error,
    rounds: [...timings[i].rounds],
  }));
  print(rows, failures);
  if (values.write) {
    const slug = adapterName(info)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    const path = join(RESULTS, `peers-${slug}.json`);
    mkdirSync(RESULTS, { recursive: true });
    const started = new Date().toISOString();
    const result = {
      format: 'gfsr-peers',
      schemaVersion: 1,
      started,
      adapter: info,
      rows,
      failures,
    };
    writeAtomically(path, toJson(result));
    out.result(`wrote ${path}`);
  }
  for (const peer of peers) peer.close?.();
  gpu.destroy();
}

const STEPS: readonly StepWork['map'][] = [
  undefined,
  'last map',
  'last conv input',
  'before the pool',
];
const stepName = (map: StepWork['map']) => (map ? `step, guided at ${map}` : 'step, plain');

/** Those that start here; of each other one line says why not. */
async function openPeers(): Promise<Engine[]> {
  const peers: Engine[] = [];
  for (const file of PEERS) {
    try {
      const { open } = await import(new URL(file, import.meta.url).href);
      peers.push(await open());
    } catch (error) {
      out.say(`without ${file}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  return peers;
}

async function prepareOurs(gpu: Gpu, name: string): Promise<{ work: Work; runner: Runner }> {
  const work = kernelWorks.find((one) => one.name === name);
  if (work) return { work, runner: await prepareKernel(gpu, work) };
  return prepareStep(
    gpu,
    STEPS.find((map) => stepName(map) === name),
  );
}

/** A kernel's result, or the losses of the first steps. */
async function resultsOf(work: Work, { result }: Runner): Promise<ArrayLike<number>> {
  if (work.kind !== 'step') return result();
  const losses: number[] = [];
  for (let step = 0; step < CHECKED_STEPS; step++) losses.push((await result())[0]);
  return losses;
}

/** A promise, waited for as GFSR does: without taking the processor from a software adapter. */
async function resting<T>(wait: Wait, promise: Promise<T>): Promise<T> {
  await wait(promise);
  return promise;
}

/** The largest difference, as a part of the largest value expected. */
function difference(expected: ArrayLike<number>, found: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [worst, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (!Number.isFinite(found[i])) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, Math.abs(found[i] - expected[i]));
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return worst / scale;
}

/** By the wall's clock: the only one that all have. Waiting is the same for all, too. */
const subjectOf = ({ run, done, time }: Runner, wait: Wait): Subject => ({
  time:
    time ??
    (async (runs) => {
      const start = performance.now();
      for (let i = 0; i < runs; i++) run();
      await wait(done());
      return performance.now() - start;
    }),
});

type Row = { engine: string; work: string; flops?: number; rounds: readonly number[] };

/** Ours in ms, and GFLOP/s where that means something; of the others, how many times our time they took. */
function print(rows: readonly Row[], failures: readonly Failure[]): void {
  const engines = [...new Set(rows.map(({ engine }) => engine))].filter((name) => name !== 'gfsr');
  const ours = rows.filter(({ engine }) => engine === 'gfsr');
  const lines = ours.map(({ work, flops, rounds }) => {
    const ms = median(rounds);
    const ratios = engines.map((name) => {
      const theirs = rows.find((row) => row.engine === name && row.work === work);
      return theirs ? `${figure(median(theirs.rounds) / ms)}×` : '–';
    });
    return [work, figure(ms), flops ? figure(flops / ms / 1e6) : '', ...ratios];
  });
  const head = ['work', 'gfsr ms', 'GFLOP/s', ...engines.map((name) => name.split(' ')[0])];
  for (const line of table([head, ...lines])) out.result(line);
  for (const { engine, work, message } of failures) {
    out.result(`${engine} cannot do ${work}: ${message.split('\n')[0]}`);
  }
}

await main().catch((error: Error) => {
  console.error(`bench:peers: ${error.message}`);
  process.exitCode = 1;
});
