// Finds the fastest strategy for everything that some work computes, on the device that will run it.

import type { Operands } from '../../kernels/contraction.ts';
import { kernels } from '../../kernels/index.ts';
import { PACK_RUN, pack } from '../../kernels/pack.ts';
import type { Gpu } from '../core/gpu.ts';
import type { Program } from '../core/program.ts';
import { Random } from '../core/random.ts';
import { allOrNothing, type Problem, sizeOf, type Tensor } from '../core/tensor.ts';
import { type Picks, type Tuner, type Tuning, tuningOf } from '../core/tuning.ts';

/** Identifies the kernels. Results found with other kernels no longer hold. */
export function kernelsVersion(): string {
  let hash = 0x811c9dc5; // FNV-1a
  for (const { label, wgsl } of kernels) {
    for (const char of `${label}\n${wgsl}`) {
      hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193) >>> 0;
    }
  }
  return hash.toString(16).padStart(8, '0');
}

/** A tuner for `gpu.retune(…)`: measures whatever the device is about to record. */
export function autotuner(
  gpu: Gpu,
  {
    picks = {},
    say,
    save = () => {},
  }: TuneOptions & {
    /** Called with everything found so far, whenever there is more. */
    readonly save?: (picks: Picks) => void;
  } = {},
): Tuner {
  let found = picks;
  return async (body) => {
    const before = Object.keys(found).length;
    found = await tune(gpu, body, { picks: found, ...(say && { say }) });
    if (Object.keys(found).length > before) save(found);
    return tuningOf(found);
  };
}

/** Options of `tune`. */
export interface TuneOptions {
  /** Earlier results for the same adapter, driver and kernels, which are not measured again. */
  readonly picks?: Picks;
  /** Called with each choice. */
  readonly say?: (line: string) => void;
}

/** How much faster than the usual strategy another must be to replace it. Less may be noise. */
const LEAST_GAIN = 1.05;
/**
 * Largest allowed difference from the plainest strategy, relative to the largest value. Not all round operands to f16.
 */
const TOLERANCE: Readonly<Record<Operands, number>> = { f32: 2e-5, f16: 4e-3 };
const ROUNDS = 5;
const ROUND_MS = 4;

/**
 * Finds the fastest strategy for every choice that `body` makes, by running each on random numbers of the same shapes
 * and types.
 * `body` is traced, not run. The device's own tuning does not change: pass the result to `gpu.retune(tuningOf(picks))`.
 *
 * A strategy that fails, or whose result differs by more than 2e-5 of the largest value (4e-3 with operands of f16), is
 * never picked.
 */
export async function tune(
  gpu: Gpu,
  body: () => unknown,
  { picks = {}, say = () => {} }: TuneOptions = {},
): Promise<Picks> {
  const found: Record<string, string> = { ...picks };
  await tuneWithin(body);
  return found;

  /** Solves the choices inside `run`, innermost first. */
  async function tuneWithin(run: () => unknown): Promise<void> {
    const open = new Map<string, Problem>();
    const tuning: Tuning = (problem) => {
      const { key, candidates } = problem;
      if (candidates.length > 1 && !(key in found)) open.set(key, problem);
      return tuningOf(found)(problem);
    };
    gpu.trace(run, { tuning });
    for (const problem of open.values()) {
      if (!(problem.key in found)) found[problem.key] = await solve(problem);
    }
  }

  async function solve(problem: Problem): Promise<string> {
    const { key, candidates, usual, inputs, output, run } = problem;
    const random = new Random('tune', key);
    const tensors = allOrNothing(() => inputs.map((input) => noise(gpu, random, input)));
    try {
      for (const name of candidates) {
        await tuneWithin(() => run(name, tensors, gpu.empty(output)));
      }
      const times = await race(gpu, problem, tensors, tuningOf(found));
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

/** Random numbers in [−1, 1] of an input's shape and type; f16 is what packed operands are. */
function noise(gpu: Gpu, random: Random, { shape, dtype }: Problem['inputs'][number]): Tensor {
  const values = random.fillUniform(new Float32Array(sizeOf(shape)), -1, 1);
  const x = gpu.keep(gpu.tensor(values, shape));
  if (dtype !== 'f16') return x;
  const y = gpu.keep(gpu.empty(shape, dtype));
  const r4 = y.size / 4;
  const once = { s: 1, b_stride: 0, s_stride: 0, b_step: 0, s_step: 0 };
  const size = Math.ceil(r4 / PACK_RUN);
  gpu.run(pack.f16, { x, y }, { size, r: y.size, r4, r_stride: 1, ...once });
  x.dispose();
  return y;
}

/** The median time of one run for each candidate with the right result, all timed in turns. */
async function race(
  gpu: Gpu,
  { candidates, output, run }: Problem,
  inputs: readonly Tensor[],
  tuning: Tuning,
): Promise<Map<string, number>> {
  const programs = new Map<string, Program<Tensor>>();
  const samples = new Map<string, number[]>();
  const repeats = new Map<string, number>();
  let reference: Float32Array | undefined;
  try {
    for (const name of candidates) {
      try {
        const body = () => {
          const y = gpu.empty(output);
          run(name, inputs, y);
          return y;
        };
        const program = await gpu.capture(body, { tuning });
        programs.set(name, program);
        const result = await gpu.read(program.run());
        reference ??= result;
        if (difference(result, reference) > TOLERANCE[gpu.operands])
          throw new RangeError(`${name}: wrong result`);
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
  return new Map(
    [...samples].map(([name, times]) => [name, times.sort((a, b) => a - b)[times.length >> 1]]),
  );
}

async function timed(gpu: Gpu, program: Program, repeats: number): Promise<number> {
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
