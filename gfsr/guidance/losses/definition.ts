// The interface of relevance losses: their inputs, and how they are defined.

import type { Tensor } from '../../../engine/core/tensor.ts';
import type { Decomposed } from '../../../model/decomposition.ts';
import { LOSS_NAMES } from '../../config/guidance.ts';
import type { SaliencyOptions } from '../saliency.ts';

/** What a relevance loss may use, for a batch of N images. */
export interface RelevanceLossInputs {
  /**
   * S [N, h, w], computed when it is first read; for the source `input-gradient` with the sign `signed`, the gradient
   * [N, C, H, W].
   */
  readonly saliency: Tensor;
  /** M in [0, 1], 1 = relevant: [N, h, w], or [N, 1, H, W] together with such a gradient. */
  readonly mask: Tensor;
  /** [N, classes]. */
  readonly logits: Tensor;
  /** u32 [N]. */
  readonly labels: Tensor;
  /** [N, C, H, W], normalised. */
  readonly image: Tensor;
  /** Logits [N, classes] of the same classifier for other images [N, C, H, W]: one more forward pass. */
  readonly forward: (image: Tensor) => Tensor;
  /**
   * Logits [N, classes] of a part and of the rest of images [N, C, H, W], which add up to those of the whole:
   * contextual decomposition of the classifier.
   *
   * @throws RangeError for a classifier that does not support it
   */
  readonly decompose: (part: Tensor, rest: Tensor) => Decomposed;
  /** Saliency before guidance started, a constant [N, h, w]; for a loss with `initialSaliency: true`. */
  readonly initialSaliency?: Tensor;
}

/** A loss that penalises saliency outside the mask. Make one with `defineRelevanceLoss`. */
export interface RelevanceLoss {
  /** Its name in settings, tables and reports. */
  readonly name: string;
  /** Where the formula comes from. */
  readonly source: string;
  /** The saliency that it is defined on, if the paper prescribes one. */
  readonly saliency?: Partial<SaliencyOptions>;
  /** Whether it needs the classifier's saliency map from before guidance started. */
  readonly initialSaliency?: boolean;
  /** The loss of each image: [N]. */
  readonly loss: (inputs: RelevanceLossInputs) => Tensor;
}

/**
 * Defines your own relevance loss: a plain function of tensors, which the tape differentiates. Pass it to `Trainer` or
 * `runExperiment` as `loss`.
 *
 * @returns the definition, unchanged
 * @throws RangeError if the name is that of a built-in loss or not a plain word, or if the source is missing; TypeError
 *   if `loss` is not a function
 */
export function defineRelevanceLoss(definition: RelevanceLoss): RelevanceLoss {
  const { name, source, loss } = definition;
  if (typeof name !== 'string' || !/^[\w-]+$/.test(name)) {
    throw new RangeError(
      `defineRelevanceLoss: name is ${JSON.stringify(name)}, expected letters, digits, _ and -.`,
    );
  }
  if ((LOSS_NAMES as readonly string[]).includes(name)) {
    throw new RangeError(`defineRelevanceLoss: ${name} exists already. Choose another name.`);
  }
  if (typeof source !== 'string' || source.trim() === '') {
    throw new RangeError(
      `defineRelevanceLoss: ${name} has no source. Say where the formula comes from, even if it is just "ours".`,
    );
  }
  if (typeof loss !== 'function') {
    throw new TypeError(
      `defineRelevanceLoss: loss of ${name} is ${typeof loss}, expected a function of tensors.`,
    );
  }
  return definition;
}
