// Saliency of a classifier: which score is differentiated, at which layer, and how the gradient becomes a map.

import { grad } from '../../engine/autodiff/grad.ts';
import { noGrad } from '../../engine/autodiff/tape.ts';
import type { Tensor } from '../../engine/core/tensor.ts';
import {
  abs,
  add,
  div,
  logSoftmax,
  matmul,
  max,
  mul,
  oneHot,
  relu,
  reshape,
  type SaliencySign,
  saliencyMap,
  saliencyOf,
  scaleShift,
  sum,
} from '../../engine/ops/index.ts';
import type { Classifier, ForwardResult } from '../../model/classifier.ts';
import type { SaliencySettings, SaliencyTarget } from '../config/saliency.ts';

/** The room `saliency` of the settings. Rarely used settings have defaults. */
export type SaliencyOptions = Omit<SaliencySettings, 'integrationSteps' | 'detachAlpha'> &
  Partial<SaliencySettings>;

/** Whether the saliency is the signed gradient [N, C, H, W] instead of a map [N, h, w]. */
export const keepsChannels = ({ source, sign }: Pick<SaliencyOptions, 'source' | 'sign'>) =>
  source === 'input-gradient' && sign === 'signed';

/** The full name of a layer. @throws RangeError with the existing names */
export function layerName({ layers }: Classifier, layer: string): string {
  if (layer === 'first') return layers[0];
  if (layer === 'last') return layers[layers.length - 1];
  if (layers.includes(layer)) return layer;
  throw new RangeError(`saliency: no layer ${layer}, expected first, last, ${layers.join(', ')}.`);
}

/** Targets that are a weighted sum of the logits. */
type LinearTarget = Exclude<SaliencyTarget, 'log-probs' | 'max-logit'>;

/** What each logit weighs in an image's score, [N, classes]. */
function logitWeights(
  target: LinearTarget,
  labels: Tensor,
  classes: number,
  signs?: Tensor,
): Tensor {
  if (target === 'random-signs') {
    if (!signs) throw new TypeError('saliency: the target random-signs needs a tensor of signs.');
    return signs;
  }
  const own = oneHot(labels, classes);
  const others = 1 / (classes - 1);
  return target === 'contrast' ? scaleShift(own, 1 + others, -others) : own;
}

/**
 * ∂score/∂x of each image in the batch, in the shape of x, on which the logits depend. `random-signs` needs `signs`
 * [N, classes] of ±1. No score that is a sum is ever computed: its gradient does not need it.
 */
function scoreGradient(
  logits: Tensor,
  x: Tensor,
  { labels, signs, createGraph }: Pick<SaliencyContext, 'labels' | 'signs' | 'createGraph'>,
  target: SaliencyTarget,
): Tensor {
  if (target === 'log-probs') return grad(logSoftmax(logits), [x], { createGraph })[0];
  if (target === 'max-logit') return grad(max(logits, [1]), [x], { createGraph })[0];
  const gradOutput = logitWeights(target, labels, logits.shape[1], signs);
  return grad(logits, [x], { gradOutput, createGraph })[0];
}

/** In words, for tables and reports: only what its source reads. */
export function describeSaliency({ source, layer, method, sign, target }: SaliencyOptions): string {
  const map = source === 'cam' ? `${method} at layer ${layer}` : source;
  return `${map}, sign ${sign}, target ${target}`;
}

/** Names of the feature maps that a saliency reads. */
export const mapsFor = (classifier: Classifier, { source, layer }: SaliencyOptions): string[] =>
  source === 'cam' ? [layerName(classifier, layer)] : [];

/** A pass through a classifier, from which `saliency` makes a map. */
export interface SaliencyContext {
  readonly classifier: Classifier;
  readonly image: Tensor;
  /**
   * The result of `classifier.forward(image)`. `image.requiresGrad` must have been set before, unless the saliency is
   * `cam` at a layer that is trained.
   */
  readonly result: ForwardResult;
  readonly labels: Tensor;
  readonly signs?: Tensor;
  /** Record the gradient, so that a loss on the map trains the weights. */
  readonly createGraph: boolean;
}

/**
 * Saliency S of a batch: for `cam` a map [N, h, w] of the size of the feature map, otherwise of the size of the image;
 * the signed gradient [N, C, H, W] if `keepsChannels`.
 *
 * If the head is linear in the mean of the chosen layer, the gradient of a logit there is w_ck/hw at every position,
 * and no backward pass is needed. `exact: false` takes the general path anyway.
 */
export function saliency(
  context: SaliencyContext,
  options: SaliencyOptions,
  { exact = true }: { readonly exact?: boolean } = {},
): Tensor {
  const { image } = context;
  const { source, sign } = options;
  switch (source) {
    case 'cam':
      return activationMap(context, options, exact);
    case 'input-gradient': {
      const gradient = inputGradient(context, options);
      return sign === 'signed'
        ? gradient
        : sum(sign === 'abs' ? abs(gradient) : relu(gradient), [1]);
    }
    case 'input-x-gradient':
      return saliencyOf(image, inputGradient(context, options), sign);
    case 'integrated-gradients':
      return saliencyOf(image, meanGradient(context, options), sign);
  }
}

const inputGradient = (context: SaliencyContext, { target }: SaliencyOptions): Tensor =>
  scoreGradient(context.result.logits, context.image, context, target);

/**
 * (1/m) Σ_k ∂score/∂x at ((k − ½)/m)·x, k = 1 … m: the midpoint rule. The images along the line are not part of the
 * data, so batch normalisation uses its running statistics and does not update them.
 */
function meanGradient(
  context: SaliencyContext,
  { target, integrationSteps: steps = 8 }: SaliencyOptions,
): Tensor {
  const { classifier, image } = context;
  const gradients = Array.from({ length: steps }, (_, k) => {
    const point = scaleShift(image, (k + 0.5) / steps, 0);
    const { logits } = classifier.forward(point, { training: false, features: [] });
    return scoreGradient(logits, point, context, target);
  });
  return scaleShift(gradients.reduce(add), 1 / steps, 0);
}

function activationMap(
  context: SaliencyContext,
  { layer, method, sign, target, detachAlpha = false }: SaliencyOptions,
  exact: boolean,
): Tensor {
  const { classifier, labels, signs } = context;
  const { logits, features } = context.result;
  const name = layerName(classifier, layer);
  const activations = features[name];
  const { pooledHead } = classifier;
  const linear = target !== 'log-probs' && target !== 'max-logit' && method !== 'gradcam++';
  if (exact && !detachAlpha && pooledHead?.layer === name && linear) {
    const weights = logitWeights(target, labels, logits.shape[1], signs);
    const [n, k, h, w] = activations.shape;
    const alpha = scaleShift(matmul(weights, pooledHead.weight), 1 / (h * w), 0);
    return saliencyOf(activations, reshape(alpha, [n, k, 1, 1]), sign);
  }
  const createGraph = context.createGraph && !detachAlpha;
  const gradient = scoreGradient(logits, activations, { ...context, createGraph }, target);
  if (method !== 'gradcam++') return saliencyMap(activations, gradient, { method, sign });
  return saliencyOf(activations, plusPlusWeights(activations, gradient, detachAlpha), sign);
}

/**
 * Grad-CAM++: α_k = Σ_p a_kp·g⁺_kp, a_kp = g²/(2g² + g³ Σ_q A_kq), for the score e^y (Chattopadhyay et al., WACV 2018,
 * eq. 19). Where g⁺ ≠ 0, a_kp = 1/(2 + g⁺ Σ_q A_kq), which is finite since A ≥ 0.
 */
function plusPlusWeights(activations: Tensor, gradient: Tensor, detach: boolean): Tensor {
  const weights = () => {
    const positive = relu(gradient);
    const total = sum(relu(activations), [2, 3], { keepDims: true });
    return sum(div(positive, scaleShift(mul(positive, total), 1, 2)), [2, 3], { keepDims: true });
  };
  return detach ? noGrad(weights) : weights();
}

/** A map of non-negative relevance for pictures and metrics: [N, C, H, W] gradients become Σ_c |g_c|. */
export function toMap(saliencyTensor: Tensor, sign: SaliencySign): Tensor {
  if (saliencyTensor.rank === 4) return sum(abs(saliencyTensor), [1]);
  return sign === 'signed' ? relu(saliencyTensor) : saliencyTensor;
}
