// Ops with several ways to the same result: which way is taken, and how the fastest on a device is found.

import type { Gpu } from './gpu.ts';
import { Random } from './random.ts';
import type { Shape, Tensor } from './tensor.ts';

/** One way of computing something. */
export interface Strategy<A> {
  readonly name: string;
  /** Whether it can: default always. */
  readonly fits?: (gpu: Gpu, attrs: A) => boolean;
  readonly run: (gpu: Gpu, inputs: readonly Tensor[], attrs: A, y: Tensor) => void;
}

/** All the ways, the plainest first: its result is what the others' are judged by, and it always fits. */
export interface Choice<A> {
  readonly name: string;
  readonly strategies: readonly Strategy<A>[];
  /** The strategy where nothing was measured. */
  readonly usual: (gpu: Gpu, attrs: A) => string;
}

/** A choice to be made: what `attrs` say, in one line, and the names that fit. */
export interface Problem {
  readonly key: string;
  readonly candidates: readonly string[];
  readonly usual: string;
  readonly inputs: readonly Shape[];
  readonly output: Shape;
  readonly run: (name: string, inputs: readonly Tensor[], y: Tensor) => void;
}

/** Makes the choices of a `Gpu`. */
export type Tuning = (problem: Problem) => string;

/** The strategies that were found, by key. */
export type Picks = Readonly<Record<string, string>>;

/** Takes what `picks` say, where that is among the candidates, and the usual way elsewhere. */
export const tuningOf =
  (picks: Picks): Tuning =>
  ({ key, candidates, usual }) =>
    candidates.includes(picks[key]) ? picks[key] : usual;

/** Takes the first of `names` that fits, the usual way where none does: for tests of each. */
export const preferring =
  (...names: readonly string[]): Tuning =>
  ({ candidates, usual }) =>
    names.find((name) => candidates.includes(name)) ?? usual;

/** Computes y the way that the device's tuning picks. */
export function runChosen<A>(
  gpu: Gpu,
  choice: Choice<A>,
  inputs: readonly Tensor[],
  attrs: A,
  y: Tensor,
): void {
  const fitting = choice.strategies.filter(({ fits }) => fits?.(gpu, attrs) ?? true);
  const run = (name: string, from: readonly Tensor[], to: Tensor) =>
    fitting.find((strategy) => strategy.name === name)?.run(gpu, from, attrs, to);
  const name = gpu.tuning({
    key: `${choice.name} ${JSON.stringify(attrs)}`,
    candidates: fitting.map((strategy) => strategy.name),
    usual: choice.usual(gpu, attrs),
    inputs: inputs.map(({ shape }) => shape),
    output: y.shape,
    run,
  });
  run(name, inputs, y);
}

export interface TuneOptions {
  /** What was found before, for the same adapter, driver and kernels: not measured again. */
  readonly picks?: Picks;
  /** Hears of each choice. */
  readonly say?: (line: string) => void;
}

/** A strategy must be so much faster than the usual one to take its place: less may be noise. */
const LEAST_GAIN = 1.05;
/** Largest difference from the plainest strategy, as a part of the largest value. */
const TOLERANCE = 2e-5;
const ROUNDS = 5;
const ROUND_MS = 4;

/**
 * Finds the fastest strategy for every choice that `body` makes, by running each on random numbers of the same shapes. `body` is
 * traced, not run. The device's tuning is what was found when the promise resolves.
 *
 * A strategy that fails, or whose result is off by more than 2e-5 of the largest value, is never picked.
 */
export async function tune(
  gpu: Gpu,
  body: () => unknown,
  { picks = {}, say = () => {} }: TuneOptions = {},
): Promise<Picks> {
  const found: Record<string, string> = { ...picks };
  const before = gpu.tuning;
  try {
    await tuneWithin(body);
  } catch (error) {
    gpu.tuning = before;
    throw error;
  }
  gpu.tuning = tuningOf(found);
  return found;

  /** Solves the choices inside `run`, innermost first. */
  async function tuneWithin(run: () => unknown): Promise<void> {
    const open = new Map<string, Problem>();
    gpu.tuning = (problem) => {
      const { key, candidates, usual } = problem;
      if (candidates.length > 1 && !(key in found)) open.set(key, problem);
      return tuningOf(found)({ ...problem, usual });
    };
    gpu.trace(run);
    for (const problem of open.values()) {
      if (!(problem.key in found)) found[problem.key] = await solve(problem);
    }
  }

  async function solve(problem: Problem): Promise<string> {
    const { key, candidates, usual, inputs, output, run } = problem;
    const random = new Random('tune', key);
    const tensors = inputs.map((shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return gpu.keep(gpu.tensor(random.fillUniform(new Float32Array(size), -1, 1), shape));
    });
    try {
      for (const name of candidates) {
        await tuneWithin(() => run(name, tensors, gpu.empty(output)));
      }
      gpu.tuning = tuningOf(found);
      const times = await race(gpu, problem, tensors);
      const best = [...times].reduce((a, b) => (b[1] < a[1] ? b : a));
      const usualMs = times.get(usual) ?? Number.POSITIVE_INFINITY;
      const picked = usualMs / best[1] >= LEAST_GAIN ? best[0] : usual;
      const listed = [...times].map(([name, ms]) => `${name} ${ms.toFixed(3)} ms`).join(', ');
      say(`${key}: ${picked} (${listed})`);
      return picked;
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }
}

/** The median time of one run for each candidate that gives the right result, all timed in turns. */
async function race(
  gpu: Gpu,
  { candidates, output, run }: Problem,
  inputs: readonly Tensor[],
): Promise<Map<string, number>> {
  const programs = new Map<string, { run: () => unknown; dispose: () => void }>();
  const samples = new Map<string, number[]>();
  const repeats = new Map<string, number>();
  let reference: Float32Array | undefined;
  try {
    for (const name of candidates) {
      try {
        const program = await gpu.capture(() => {
          const y = gpu.empty(output);
          run(name, inputs, y);
          return y;
        });
        programs.set(name, program);
        const result = await gpu.read(program.run());
        reference ??= result;
        if (difference(result, reference) > TOLERANCE) throw new RangeError(`${name}: wrong result`);
        const ms = await timed(gpu, program, 1);
        repeats.set(name, Math.max(1, Math.round(ROUND_MS / ms)));
        samples.set(name, []);
      } catch (error) {
        if (reference === undefined) throw error;
      }
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, times] of samples) {
        const program = programs.get(name);
        if (program) times.push(await timed(gpu, program, repeats.get(name) ?? 1));
      }
    }
  } finally {
    for (const program of programs.values()) program.dispose();
  }
  return new Map([...samples].map(([name, times]) => [name, times.sort((a, b) => a - b)[times.length >> 1]]));
}

async function timed(gpu: Gpu, program: { run: () => unknown }, repeats: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) program.run();
  await gpu.sync();
  return (performance.now() - start) / repeats;
}

function difference(result: Float32Array, reference: Float32Array): number {
  let off = 0;
  let scale = 0;
  for (let i = 0; i < result.length; i++) {
    const d = Math.abs(result[i] - reference[i]);
    if (!(d <= off)) off = Number.isNaN(d) ? Number.POSITIVE_INFINITY : d;
    scale = Math.max(scale, Math.abs(reference[i]));
  }
  return off / (scale || 1);
}
