// The segment-wise relevance network (method.md step 5). Its existence is [paper], its form is [ours].

import { grad } from '../../engine/autodiff/grad.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { Program } from '../../engine/core/program.ts';
import { Random } from '../../engine/core/random.ts';
import { allOrNothing, type Tensor } from '../../engine/core/tensor.ts';
import {
  abs,
  add,
  exp,
  log,
  mul,
  neg,
  relu,
  scaleShift,
  sigmoid,
  square,
  sub,
  sum,
} from '../../engine/ops/index.ts';
import { type Layer, linearLayer } from '../../model/layers.ts';
import { createAdam } from '../../model/optimizer.ts';
import { Weights } from '../../model/weights.ts';
import type { MaskTask } from './task.ts';

/** The inputs of the network, one row per segment. */
export interface SegmentRows {
  /** Number of segments. */
  readonly rows: number;
  /** Length of a network input. */
  readonly dims: number;
  /** Writes the inputs [h_s; …; onehot c] of the segments at `indices` into `out` [indices, dims]. */
  readonly gather: (indices: ArrayLike<number>, out: Float32Array) => void;
  /** y_s and w_s of labelled segments; w = 0 elsewhere. */
  readonly y: Float32Array;
  readonly w: Float32Array;
  /** Whether any row from `first` up to `end` is asked for. Default: all are. */
  readonly isNeeded?: (first: number, end: number) => boolean;
  /** The closed form Σ_k q_sk ρ_kc and its confidence κ_s, which unlabelled segments are pulled towards, if known. */
  readonly prior?: { readonly r: Float32Array; readonly kappa: Float32Array };
}

/** Default number of training steps of a network. */
export const TRAINING_STEPS = 300;

/** Size and training of the relevance network. */
export interface RelevanceNetworkOptions {
  readonly seed: number;
  /** Default 32. */
  readonly hidden?: number;
  /** Default `TRAINING_STEPS`. */
  readonly steps?: number;
  /** Number of labelled segments per step, and of unlabelled ones. Default 1024. */
  readonly batchSize?: number;
  /** β, weight of the unlabelled segments. Default 1. */
  readonly beta?: number;
  /** Default 5e-3. */
  readonly lr?: number;
}

/**
 * Trains r̂_s = σ(MLP[h_s; q_s; onehot c]) on L_SR = Σ_labelled w_s BCE(r̂_s, y_s) / Σ w_s + β · mean_unlabelled κ_s
 * (r̂_s − Σ_k q_sk ρ_kc)², and applies it. Without a prior, only labelled segments teach it.
 *
 * @returns r̂ [rows], in (0, 1); 0 for what is not needed
 * @throws RangeError if no segment is labelled; the reason of the task's signal if it is aborted
 */
export async function segmentRelevanceNetwork(
  gpu: Gpu,
  segments: SegmentRows,
  {
    seed,
    hidden = 32,
    steps = TRAINING_STEPS,
    batchSize = 1024,
    beta = 1,
    lr = 5e-3,
  }: RelevanceNetworkOptions,
  { signal, onProgress }: MaskTask = {},
): Promise<Float32Array> {
  const labelled: number[] = [];
  const unlabelled: number[] = [];
  const { prior, isNeeded } = segments;
  segments.w.forEach((w, i) => {
    if (w > 0) labelled.push(i);
    else if (prior) unlabelled.push(i);
  });
  if (labelled.length === 0) {
    throw new RangeError('relevance network: no segment is labelled. Annotate at least one image.');
  }
  const { weights, first, second, optimizer, inputs } = allOrNothing(() => {
    const weights = new Weights(gpu, `${seed}/relevance-network`);
    const first = linearLayer(weights, 'fc1', { inFeatures: segments.dims, outFeatures: hidden });
    const second = linearLayer(weights, 'fc2', { inFeatures: hidden, outFeatures: 1 });
    const optimizer = createAdam(gpu, weights.parameters, { lr });
    const { dims } = segments;
    const inputs = [dims, dims, 1, 1, 1, 1].map((n) => gpu.keep(gpu.zeros([batchSize, n])));
    return { weights, first, second, optimizer, inputs };
  });
  const [xl, xu, y, w, target, kappa] = inputs;
  const mode = { training: true };
  const network: Layer = (x) => second(relu(first(x, mode)), mode);
  const parameters = [...weights.parameters.values()];
  const loss = (): Tensor => {
    const supervised = sum(mul(w, logitBce(network(xl, mode), y)));
    if (!prior) return supervised;
    const drawn = sum(mul(kappa, square(sub(sigmoid(network(xu, mode)), target))));
    return add(supervised, scaleShift(drawn, beta / batchSize, 0));
  };

  const random = new Random(seed, 'relevance-network/batches');
  const rows = new Float32Array(batchSize * segments.dims);
  const pick = (from: readonly number[]): Uint32Array =>
    Uint32Array.from({ length: batchSize }, () => from[random.int(from.length)]);
  const load = (x: Tensor, indices: ArrayLike<number>) => {
    segments.gather(indices, rows);
    x.write(rows);
  };
  const at = (values: Float32Array, indices: Uint32Array) =>
    Float32Array.from(indices, (i) => values[i]);

  const train = async (step: Program) => {
    for (let i = 0; i < steps; i++) {
      const some = pick(labelled);
      const share = at(segments.w, some);
      const total = share.reduce((a, b) => a + b, 0);
      load(xl, some);
      y.write(at(segments.y, some));
      w.write(share.map((v) => v / total));
      if (prior) {
        // Without an unlabelled segment, κ = 0 takes this part of the loss away.
        const others = pick(unlabelled.length > 0 ? unlabelled : labelled);
        load(xu, others);
        target.write(at(prior.r, others));
        kappa.write(unlabelled.length > 0 ? at(prior.kappa, others) : new Float32Array(batchSize));
      }
      step.run();
      if (i % 16 !== 15) continue;
      await gpu.sync(); // keep the queue short
      signal?.throwIfAborted();
      onProgress?.('network', (i + 1) / steps);
    }
  };
  const relevance = new Float32Array(segments.rows);
  const applyToAll = async (apply: Program<Tensor>) => {
    for (let start = 0; start < segments.rows; start += batchSize) {
      const count = Math.min(batchSize, segments.rows - start);
      if (isNeeded && !isNeeded(start, start + count)) continue;
      load(
        xu,
        Uint32Array.from({ length: count }, (_, i) => start + i),
      );
      relevance.set((await apply.run().data()).subarray(0, count), start);
      signal?.throwIfAborted();
    }
  };
  const programs: Program[] = [];
  const recorded = async <T>(body: () => T): Promise<Program<T>> => {
    const program = await gpu.capture(body);
    programs.push(program);
    return program;
  };
  try {
    const step = await recorded(() => optimizer.step(grad(loss(), parameters)));
    const apply = await recorded(() => sigmoid(network(xu, mode)));
    await train(step);
    await applyToAll(apply);
  } finally {
    for (const program of programs) program.dispose();
    optimizer.dispose();
    weights.dispose();
    for (const tensor of inputs) tensor.dispose();
  }
  return relevance;
}

/** BCE of σ(z) against y, from the logit z: max(z, 0) − z·y + ln(1 + e^−|z|), which cannot overflow. */
function logitBce(z: Tensor, y: Tensor): Tensor {
  const tail = log(scaleShift(exp(neg(abs(z))), 1, 1));
  return add(sub(relu(z), mul(z, y)), tail);
}
