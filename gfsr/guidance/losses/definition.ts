// The seam for relevance losses: what one is given, how one is defined, and how one is found by its name.

import type { Tensor } from '../../../engine/core/tensor.ts';
import type { Decomposed } from '../../../model/decomposition.ts';
import type { SaliencyOptions } from '../saliency.ts';

/** What a relevance loss may use, for a batch of N images. */
export interface RelevanceLossInputs {
  /** S [N, h, w], computed once it is read; for the source `input-gradient` with the sign `signed`, the gradient [N, C, H, W]. */
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
   * Logits [N, classes] of a part and of the rest of images [N, C, H, W], which add up to those of the whole: contextual
   * decomposition of the classifier.
   *
   * @throws RangeError for a classifier that has none
   */
  readonly decompose: (part: Tensor, rest: Tensor) => Decomposed;
  /** Saliency before guidance started, a constant [N, h, w]; for a loss with `reference: true`. */
  readonly reference?: Tensor;
}

export interface RelevanceLoss {
  /** How settings, tables and reports call it. */
  readonly name: string;
  /** Where the formula comes from. */
  readonly source: string;
  /** The saliency it is defined on, where it is not free. */
  readonly saliency?: Partial<SaliencyOptions>;
  /** It needs the saliency map of the classifier as it was before guidance started. */
  readonly reference?: boolean;
  /** The loss of each image: [N]. */
  readonly loss: (inputs: RelevanceLossInputs) => Tensor;
}

const registry = new Map<string, RelevanceLoss>();

/** Every relevance loss by name: the built-in ones, and those that were defined since. */
export const relevanceLosses: ReadonlyMap<string, RelevanceLoss> = registry;

/**
 * Defines a relevance loss: a plain function over tensors, which the tape differentiates. It can be named in
 * the setting `loss` from then on.
 *
 * @throws RangeError if the name is taken or no plain word, or the source is missing; TypeError if `loss` is
 *   no function
 */
export function defineRelevanceLoss(definition: RelevanceLoss): RelevanceLoss {
  const { name, source, loss } = definition;
  if (typeof name !== 'string' || !/^[\w-]+$/.test(name)) {
    throw new RangeError(
      `defineRelevanceLoss: name is ${JSON.stringify(name)}, expected letters, digits, _ and -.`,
    );
  }
  if (registry.has(name)) {
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
  registry.set(name, definition);
  return definition;
}

/** Whether a setting `loss` means a file that defines one. */
export const isLossFile = (name: string): boolean => /\.m?[jt]s$/.test(name);

const files = new Map<string, RelevanceLoss>();

/** Makes the loss that a file defined known by the file's path. */
export function rememberLossFile(path: string, loss: RelevanceLoss): void {
  files.set(path, loss);
}

/** The loss of that name, or of a file remembered before. @throws RangeError with the names that exist */
export function relevanceLossNamed(name: string): RelevanceLoss {
  const loss = registry.get(name) ?? files.get(name);
  if (loss) return loss;
  throw new RangeError(
    `loss: no relevance loss ${name}, expected ${[...registry.keys()].join(', ')}.`,
  );
}
