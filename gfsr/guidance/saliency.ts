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

/** Σ over the batch of each image's score. `random-signs` needs `signs` [N, classes] of ±1. */
function totalScore(
  logits: Tensor,
  labels: Tensor,
  target: SaliencyTarget,
  signs?: Tensor,
): Tensor {
  if (target === 'log-probs') return sum(logSoftmax(logits));
  if (target === 'max-logit') return sum(max(logits, [1]));
  return sum(mul(logits, logitWeights(target, labels, logits.shape[1], signs)));
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

function inputGradient(
  { image, result, labels, signs, createGraph }: SaliencyContext,
  { target }: SaliencyOptions,
): Tensor {
  return grad(totalScore(result.logits, labels, target, signs), [image], { createGraph })[0];
}

/**
 * (1/m) Σ_k ∂score/∂x at ((k − ½)/m)·x, k = 1 … m: the midpoint rule. The images along the line are not part of the
 * data, so batch normalisation uses its running statistics and does not update them.
 */
function meanGradient(
  { classifier, image, labels, signs, createGraph }: SaliencyContext,
  { target, integrationSteps: steps = 8 }: SaliencyOptions,
): Tensor {
  const gradients = Array.from({ length: steps }, (_, k) => {
    const point = scaleShift(image, (k + 0.5) / steps, 0);
    const { logits } = classifier.forward(point, { training: false, features: [] });
    return grad(totalScore(logits, labels, target, signs), [point], { createGraph })[0];
  });
  return scaleShift(gradients.reduce(add), 1 / steps, 0);
}

function activationMap(
  { classifier, result, labels, signs, createGraph }: SaliencyContext,
  { layer, method, sign, target, detachAlpha = false }: SaliencyOptions,
  exact: boolean,
): Tensor {
  const { logits, features } = result;
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
  const [gradient] = grad(totalScore(logits, labels, target, signs), [activations], {
    createGraph: createGraph && !detachAlpha,
  });
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
