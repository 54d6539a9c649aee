// Layers: functions from tensor to tensor that close over the weights they made.

import { noGrad } from '../engine/autodiff/tape.ts';
import { formatShape, type Tensor } from '../engine/core/tensor.ts';
import { add, addRelu } from '../engine/ops/elementwise.ts';
import {
  batchNorm,
  type Conv2dOptions,
  channelMoments,
  concat,
  conv2d,
  type DropoutOptions,
  matmul,
  reshape,
} from '../engine/ops/index.ts';
import { runningAverage } from '../kernels/optimizer.ts';
import { constant, type Init, uniformFan, type Weights } from './weights.ts';

/** What a forward pass is for. */
export interface Mode {
  /** Use batch statistics and update the running ones. Otherwise the running ones are used. */
  readonly training: boolean;
  /** Names of the feature maps that are needed, so that the cost of others can be saved. Default: all. */
  readonly features?: readonly string[];
  /** Draws what dropout layers drop. Without it they drop nothing. */
  readonly dropout?: DropoutOptions;
}

/** @throws TypeError if the mode of a forward pass is missing, or does not say whether it is training */
export function checkMode(mode: Mode): void {
  if (typeof (mode as Mode | undefined)?.training === 'boolean') return;
  throw new TypeError(
    'forward: mode is missing, expected { training: true } for training and { training: false } otherwise.',
  );
}

/** A function from tensor to tensor that has weights. */
export type Layer = (x: Tensor, mode: Mode) => Tensor;

/** Options of `convLayer`. */
export interface ConvLayerOptions extends Conv2dOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Default: PyTorch's uniform ±√(1/fan_in). */
  readonly init?: Init;
  /** Default: the same. */
  readonly biasInit?: Init;
}

/** Convolution [N, inChannels, H, W] → [N, outChannels, OH, OW] with weights `<name>.weight`, `<name>.bias`. */
export function convLayer(weights: Weights, name: string, options: ConvLayerOptions): Layer {
  const {
    inChannels,
    outChannels,
    kernelSize,
    bias = true,
    init = uniformFan(),
    groups = 1,
    biasInit = uniformFan((inChannels / groups) * kernelSize ** 2),
  } = options;
  const shape = [outChannels, inChannels / groups, kernelSize, kernelSize];
  const w = weights.parameter(`${name}.weight`, shape, init);
  const b = bias ? weights.parameter(`${name}.bias`, [outChannels], biasInit) : undefined;
  return (x) => conv2d(x, w, options, b);
}

/** The weight `<name>.bias` [channels]; `fanIn` is that of its layer. */
export const channelBias = (
  weights: Weights,
  name: string,
  channels: number,
  fanIn: number,
): Tensor => weights.parameter(`${name}.bias`, [channels], uniformFan(fanIn));

const alongChannels = (b: Tensor): Tensor => reshape(b, [1, b.size, 1, 1]);

/** y = x + b for each channel of [N, C, H, W]. */
export const addBias = (x: Tensor, b: Tensor): Tensor => add(x, alongChannels(b));

/** y = max(x + b, 0) for each channel of [N, C, H, W]. */
export const addBiasRelu = (x: Tensor, b: Tensor): Tensor => addRelu(x, alongChannels(b));

/** Options of `linearLayer`. */
export interface LinearLayerOptions {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Default: PyTorch's uniform ±√(1/inFeatures). */
  readonly init?: Init;
  /** Default: the same. */
  readonly biasInit?: Init;
}

/** y = x·Wᵀ + b: [N, inFeatures] → [N, outFeatures] with weights `<name>.weight` [out, in] and `<name>.bias`. */
export function linearLayer(
  weights: Weights,
  name: string,
  { inFeatures, outFeatures, init, biasInit }: LinearLayerOptions,
): Layer {
  const w = weights.parameter(`${name}.weight`, [outFeatures, inFeatures], init ?? uniformFan());
  const b = weights.parameter(`${name}.bias`, [outFeatures], biasInit ?? uniformFan(inFeatures));
  return (x) => add(matmul(x, w, { transposeB: true }), b);
}

/** Options of `batchNormLayer`, as PyTorch's. */
export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Weight of a batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
}

/**
 * Batch normalisation: weights `<name>.weight`, `.bias`, buffers `.running_mean`, `.running_var`. While its weight is
 * frozen, it uses its running statistics and leaves them alone in training too. The pass throws a RangeError for one
 * value per channel in training, as PyTorch does.
 */
export function batchNormLayer(
  weights: Weights,
  name: string,
  channels: number,
  { eps = 1e-5, momentum = 0.1 }: BatchNormOptions = {},
): Layer {
  const gamma = weights.parameter(`${name}.weight`, [channels], constant(1));
  const beta = weights.parameter(`${name}.bias`, [channels], constant(0));
  const runningMean = weights.buffer(`${name}.running_mean`, [channels], constant(0));
  const runningVar = weights.buffer(`${name}.running_var`, [channels], constant(1));
  const row = (v: Tensor) => reshape(v, [1, channels]);
  return (x, mode) => {
    checkMode(mode);
    if (!mode.training || !gamma.requiresGrad) {
      return batchNorm(x, concat([row(runningMean), row(runningVar)]), gamma, beta, eps);
    }
    if (x.size === channels) {
      throw new RangeError(
        `${name}: x has shape ${formatShape(x.shape)}, expected more than one value per channel in training, or nothing is left of them. Use larger batches or images.`,
      );
    }
    const moments = channelMoments(x);
    const count = x.size / channels;
    const args = { size: channels, rate: momentum, unbias: count / Math.max(1, count - 1) };
    noGrad(() =>
      x.gpu.run(runningAverage, { mean: runningMean, variance: runningVar, moments }, args),
    );
    return batchNorm(x, moments, gamma, beta, eps);
  };
}
