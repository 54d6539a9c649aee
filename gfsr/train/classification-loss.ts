// The classification loss: cross-entropy, weighted by class, or focal, for data with rare classes.

import type { Tensor } from '../../engine/core/tensor.ts';
import {
  clamp,
  exp,
  matmul,
  mean,
  mul,
  neg,
  oneHot,
  pow,
  reshape,
  scaleShift,
  softmaxCrossEntropy,
} from '../../engine/ops/index.ts';
import type { ClassLoss, TrainSettings } from '../config/train.ts';

/**
 * Mean over the batch of the following, with p the probability of the image's class y:
 *
 * - `cross-entropy`: −ln p
 * - `weighted`: −w_y ln p, with the weights of `classWeights`
 * - `focal`: −(1 − p)^γ ln p, which down-weights images that are already classified with confidence (Lin et al., "Focal
 *   Loss for Dense Object Detection", ICCV 2017; without their α)
 */
export interface ClassificationLoss {
  readonly kind: ClassLoss;
  /** γ of `focal`, ≥ 0; 0 is cross-entropy. */
  readonly focalGamma: number;
  /** [classes], needed for `weighted`. */
  readonly weights?: Float32Array;
}

export const crossEntropyLoss: ClassificationLoss = { kind: 'cross-entropy', focalGamma: 0 };

/** Keeps (1 − p)^(γ − 1) finite where p rounds to 1. */
const LEAST = 1e-6;

/**
 * w_c = N / (C · n_c), as scikit-learn's "balanced": every class has the same weight, and the mean weight of an image
 * is 1, so that the learning rate need not change. A class without images gets 0.
 *
 * @param labels [N]
 */
export function balancedClassWeights(labels: ArrayLike<number>, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  const present = counts.filter((n) => n > 0).length;
  return Float32Array.from(counts, (n) => (n > 0 ? labels.length / (present * n) : 0));
}

/** The loss that settings choose, for these labels [N]. */
export const chosenLoss = (
  { classLoss: kind, focalGamma }: Pick<TrainSettings, 'classLoss' | 'focalGamma'>,
  labels: ArrayLike<number>,
  classes: number,
): ClassificationLoss => ({
  kind,
  focalGamma,
  ...(kind === 'weighted' && { weights: balancedClassWeights(labels, classes) }),
});

/**
 * The mean loss of a batch.
 *
 * @param logits [N, classes]; @param labels u32 [N]
 * @param weights [classes], a tensor, so that a recorded step can receive different ones
 * @returns []
 * @throws TypeError if `weighted` has no weights
 */
export function classificationLoss(
  logits: Tensor,
  labels: Tensor,
  { kind, focalGamma }: ClassificationLoss = crossEntropyLoss,
  weights?: Tensor,
): Tensor {
  const each = softmaxCrossEntropy(logits, labels);
  if (kind === 'focal') {
    const miss = scaleShift(exp(neg(each)), -1, 1);
    return mean(mul(pow(clamp(miss, LEAST, 1), focalGamma), each));
  }
  if (kind === 'cross-entropy') return mean(each);
  if (!weights) throw new TypeError('classificationLoss: weighted needs a tensor of weights.');
  const [n, classes] = logits.shape;
  const own = matmul(oneHot(labels, classes), reshape(weights, [classes, 1]));
  return mean(mul(reshape(own, [n]), each));
}
