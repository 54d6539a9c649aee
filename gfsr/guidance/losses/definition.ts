// The seam for relevance losses: what one is given, and how one is defined.

import type { Tensor } from '../../../engine/core/tensor.ts';
import type { Decomposed } from '../../../model/decomposition.ts';
import { LOSS_NAMES } from '../../config/guidance.ts';
import type { SaliencyOptions } from '../saliency.ts';

/** What a relevance loss may use, for a batch of N images. */
export interface RelevanceLossInputs {
  /**
   * S [N, h, w], computed once it is read; for the source `input-gradient` with the sign `signed`, the gradient [N,
   * C, H, W].
   */
  readonly saliency: Tensor;
  /** M in [0, 1], 1 = relevant: [N, h, w], or [N, 1, H, W] beside such a gradient. */
  readonly mask: Tensor;
  /** [N, classes]. */
  readonly logits: Tensor;
  /** u32 [N]. */
  readonly labels: Tensor;
  /** [N, C, H, W], normalised. */
  readonly image: Tensor;
  /** Logits [N, classes] of other images [N, C, H, W] by the same classifier: one more forward pass. */
  readonly forward: (image: Tensor) => Tensor;
  /**
   * Logits [N, classes] of a part and of the rest of images [N, C, H, W], which add up to those of the whole:
   * contextual decomposition of the classifier.
   *
   * @throws RangeError for a classifier that has none
   */
  readonly decompose: (part: Tensor, rest: Tensor) => Decomposed;
  /** Saliency before guidance started, a constant [N, h, w]; for a loss with `initialSaliency: true`. */
  readonly initialSaliency?: Tensor;
}

/** A loss that punishes saliency outside of the mask; make one with `defineRelevanceLoss`. */
export interface RelevanceLoss {
  /** How settings, tables and reports call it. */
  readonly name: string;
  /** Where the formula comes from. */
  readonly source: string;
  /** The saliency it is defined on, where it is not free. */
  readonly saliency?: Partial<SaliencyOptions>;
  /** It needs the saliency map of the classifier as it was before guidance started. */
  readonly initialSaliency?: boolean;
  /** The loss of each image: [N]. */
  readonly loss: (inputs: RelevanceLossInputs) => Tensor;
}

/**
 * Defines a relevance loss of your own: a plain function over tensors, which the tape differentiates. Give it to
 * `Trainer` or `runExperiment` as `loss`.
 *
 * @returns the definition as it is
 * @throws RangeError if the name is a built-in loss's or no plain word, or the source is missing; TypeError if `loss`
 *   is no function
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
      `defineRelevanceLoss: ${name} has no source. Say where the formula comes from, if only "ours".`,
    );
  }
  if (typeof loss !== 'function') {
    throw new TypeError(
      `defineRelevanceLoss: loss of ${name} is ${typeof loss}, expected a function of tensors.`,
    );
  }
  return definition;
}
