// What a relevance loss may request from the classifier besides saliency: a second pass, and contextual decomposition.

import type { Tensor } from '../../engine/core/tensor.ts';
import { DECOMPOSED } from '../../model/architectures.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { Decomposed } from '../../model/decomposition.ts';

/**
 * The classifier on images that are not part of the data: batch normalisation uses its running statistics and does not
 * update them.
 */
export const secondPass =
  (classifier: Classifier) =>
  (image: Tensor): Tensor =>
    classifier.forward(image, { training: false, features: [] }).logits;

/** Contextual decomposition by a classifier. @throws RangeError if it does not support it */
export const decomposition =
  (classifier: Classifier) =>
  (part: Tensor, rest: Tensor): Decomposed => {
    if (classifier.decompose) return classifier.decompose({ part, rest });
    throw new RangeError(
      `decompose: the classifier has no contextual decomposition, expected ${DECOMPOSED.join(' or ')}. Use another loss.`,
    );
  };
