// The losses of one batch: classification for all images, relevance for the guided ones, and how both are read.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Tensor } from '../../engine/core/tensor.ts';
import { concat, mean, mul, slice } from '../../engine/ops/index.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { Mode } from '../../model/layers.ts';
import { decomposition, secondPass } from '../guidance/loss-context.ts';
import { mapsFor, saliency } from '../guidance/saliency.ts';
import { type ClassificationLoss, classificationLoss } from './classification-loss.ts';
import { type Guidance, type Inputs, lossSaliency } from './step-inputs.ts';

/**
 * Means over the batch: cross-entropy, or the classification loss chosen instead, and ω·relevance loss if the step is
 * guided.
 */
export interface StepLosses {
  readonly crossEntropy: number;
  readonly relevance: number;
}

/** The losses of a batch on the device, both []. */
export interface LossTensors {
  readonly crossEntropy: Tensor;
  readonly relevance?: Tensor;
}

const wholeShape = (x: Tensor): number[] => x.shape.map(() => 0);

/** The first `count` images of a batch, and the rest. */
function split(x: Tensor, count: number): [Tensor, Tensor | undefined] {
  const [n, ...rest] = x.shape;
  if (count === n) return [x, undefined];
  const from = wholeShape(x);
  from[0] = count;
  return [slice(x, wholeShape(x), [count, ...rest]), slice(x, from, [n - count, ...rest])];
}

/** The losses of a batch as tensors: mean classification loss, and mean_i ω_i L_rel,i over the guided images. */
export function lossTensors(
  classifier: Classifier,
  inputs: Inputs,
  guidance: Guidance | undefined,
  classLoss: ClassificationLoss,
  { training }: Mode,
): LossTensors {
  const [image, rest] = split(inputs.images, guidance?.images ?? inputs.images.shape[0]);
  const options = guidance && lossSaliency(guidance);
  if (options) image.requiresGrad = true; // for input gradients, and for maps of frozen layers
  const features = options ? mapsFor(classifier, options) : [];
  const drawn = (site: number): Mode =>
    training ? { training, dropout: { state: inputs.noise, site } } : { training };
  const result = classifier.forward(image, { ...drawn(0), features });
  const others = rest && classifier.forward(rest, { ...drawn(1), features: [] }).logits;
  const logits = others ? concat([result.logits, others]) : result.logits;
  const crossEntropy = classificationLoss(logits, inputs.labels, classLoss, inputs.classWeights);
  if (!guidance || !options) return { crossEntropy };
  const { guidedLabels: labels, signs, masks: mask, weights, initialSaliency } = inputs;
  const context = { classifier, image, result, labels, signs, createGraph: true };
  let map: Tensor | undefined;
  const each = guidance.loss.loss({
    ...{ mask, logits: result.logits, labels, image, initialSaliency },
    // Lazy, so that a loss that does not read it does not pay for it.
    get saliency() {
      map ??= saliency(context, options);
      return map;
    },
    forward: secondPass(classifier),
    decompose: decomposition(classifier),
  });
  return { crossEntropy, relevance: mean(mul(each, weights)) };
}

/** The losses just computed, copied in order, so a later run does not change them. */
export async function readLosses(
  gpu: Gpu,
  { crossEntropy, relevance }: LossTensors,
): Promise<StepLosses> {
  const losses = relevance ? [crossEntropy, relevance] : [crossEntropy];
  const [[ce], [rel] = [0]] = await gpu.readAll(losses);
  return { crossEntropy: ce, relevance: rel };
}
