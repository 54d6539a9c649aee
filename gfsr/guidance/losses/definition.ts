// The interface of relevance losses: their inputs, and how they are defined.

import type { Tensor } from '../../../engine/core/tensor.ts';
import type { Decomposed } from '../../../model/decomposition.ts';
import { checkValue } from '../../config/check-value.ts';
import type { Declarations } from '../../config/declaration.ts';
import { LOSS_NAMES } from '../../config/guidance.ts';
import { saliencySettings } from '../../config/saliency.ts';
import { didYouMean } from '../../text/suggestions.ts';
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
 * @throws RangeError if the name is that of a built-in loss or not a plain word, if the source is missing, or if a
 *   saliency option does not exist; TypeError if `loss` is not a function
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
  checkSaliencyOptions(definition.saliency ?? {}, `defineRelevanceLoss: ${name}`);
  return definition;
}

/**
 * Checks that saliency options exist, and their values. Whether a classifier has the layer can only be checked later.
 *
 * @param where start of the error message
 * @throws RangeError that suggests the nearest name
 */
export function checkSaliencyOptions(options: object, where: string): void {
  const known: Declarations = saliencySettings;
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, option)) {
      const names = Object.keys(known);
      throw new RangeError(
        `${where}: unknown saliency option ${option}.${didYouMean(option, names)} Expected ${names.join(', ')}.`,
      );
    }
    checkValue(`${where}: saliency.${option}`, known[option], value);
  }
}
