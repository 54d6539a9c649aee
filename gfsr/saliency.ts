// Saliency of a classifier: which score is differentiated, at which layer, and how it becomes a map.

import {
  abs,
  affine,
  logSoftmax,
  matmul,
  mul,
  oneHot,
  relu,
  reshape,
  type SaliencyMethod,
  type SaliencySign,
  saliencyMap,
  saliencyOf,
  sum,
} from '../engine/ops/index.ts';
import { grad } from '../engine/tape.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Classifier, ForwardResult } from '../model/classifier.ts';

/**
 * The score that is differentiated: `label`, the true class's logit; `random-signs`, every logit with a
 * random sign, so that evidence for *any* class counts; `log-probs`, Σ_k log p_k (Ross et al. 2017).
 */
export type SaliencyTarget = 'label' | 'random-signs' | 'log-probs';

export interface SaliencyOptions {
  /** `cam`: Grad-CAM or HiResCAM at `layer`; `input-gradient`: ∂score/∂x. */
  readonly source: 'cam' | 'input-gradient';
  /** Name of a feature map, or `first` or `last`. */
  readonly layer: string;
  readonly method: SaliencyMethod;
  readonly sign: SaliencySign;
  readonly target: SaliencyTarget;
  /** Treat the channel weights as constants, which leaves out the second-order part. Default false. */
  readonly detachAlpha?: boolean;
}

/** The full name of a layer. @throws RangeError with the names that exist. */
export function layerName({ layers }: Classifier, layer: string): string {
  if (layer === 'first') return layers[0];
  if (layer === 'last') return layers[layers.length - 1];
  if (layers.includes(layer)) return layer;
  throw new RangeError(`saliency: no layer ${layer}, expected first, last, ${layers.join(', ')}.`);
}

/** Σ over the batch of each image's score. `signs` [N, classes] of ±1 is needed for `random-signs`. */
function totalScore(
  logits: Tensor,
  labels: Tensor,
  target: SaliencyTarget,
  signs?: Tensor,
): Tensor {
  if (target === 'log-probs') return sum(logSoftmax(logits));
  if (target === 'label') return sum(mul(logits, oneHot(labels, logits.shape[1])));
  if (!signs) throw new TypeError('saliency: target random-signs needs a tensor of signs.');
  return sum(mul(logits, signs));
}

export interface SaliencyContext {
  readonly classifier: Classifier;
  readonly image: Tensor;
  /** The result of `classifier.forward(image)`; for `input-gradient`, `image.requiresGrad` must have been set before. */
  readonly result: ForwardResult;
  readonly labels: Tensor;
  readonly signs?: Tensor;
  /** Record the gradient, so that a loss on the map trains the weights. */
  readonly createGraph: boolean;
}

/**
 * Saliency S of a batch: [N, h, w] for `cam`, the signed gradient [N, C, H, W] for `input-gradient`.
 *
 * Where the head is linear on the mean of the chosen layer, the gradient of a logit there is w_ck/hw at
 * every position, and no backward pass is needed; `exact: false` takes the general path all the same.
 */
export function saliency(
  { classifier, image, result, labels, signs, createGraph }: SaliencyContext,
  { source, layer, method, sign, target, detachAlpha = false }: SaliencyOptions,
  { exact = true }: { readonly exact?: boolean } = {},
): Tensor {
  const { logits, features } = result;
  if (source === 'input-gradient') {
    const [gradient] = grad(totalScore(logits, labels, target, signs), [image], { createGraph });
    return gradient;
  }
  const name = layerName(classifier, layer);
  const activations = features[name];
  const { pooledHead } = classifier;
  if (exact && !detachAlpha && pooledHead?.layer === name && target !== 'log-probs') {
    const scores = target === 'label' ? oneHot(labels, logits.shape[1]) : (signs as Tensor);
    const [n, k, h, w] = activations.shape;
    const alpha = affine(matmul(scores, pooledHead.weight), 1 / (h * w), 0);
    return saliencyOf(activations, reshape(alpha, [n, k, 1, 1]), sign);
  }
  const [gradient] = grad(totalScore(logits, labels, target, signs), [activations], {
    createGraph: createGraph && !detachAlpha,
  });
  return saliencyMap(activations, gradient, { method, sign });
}

/** A map of non-negative relevance for pictures and metrics: [N, C, H, W] gradients become Σ_c |g_c|. */
export function toMap(saliencyTensor: Tensor, sign: SaliencySign): Tensor {
  if (saliencyTensor.rank === 4) return sum(abs(saliencyTensor), [1]);
  return sign === 'signed' ? relu(saliencyTensor) : saliencyTensor;
}
