// Saliency of any class of each image, such as the one that the classifier chose, instead of the true one.

import { predictedClasses } from '../../model/metrics.ts';
import type { Split } from '../data/dataset.ts';
import type { SaliencyOptions } from '../guidance/saliency.ts';
import type { Explanations, Predictor } from './evaluator.ts';

/** Explanations, and the classes that they are about. */
export interface ExplainedClasses extends Explanations {
  /** Of the highest probability, [n]. */
  readonly predicted: Int32Array;
  /** Class of each map, [n]. */
  readonly explained: Int32Array;
}

/**
 * Predicts the images at `indices`, and explains the class that was predicted, or `target`.
 *
 * @param indices default: all images of the split
 * @param target a class for all images
 */
export async function explainClasses(
  predictor: Predictor,
  split: Split,
  saliency: SaliencyOptions,
  classes: number,
  { indices = split.labels.map((_, i) => i), target }: ExplainClassesOptions = {},
): Promise<ExplainedClasses> {
  const { probs } = await predictor.predict(split, indices);
  const predicted = predictedClasses(probs, classes);
  const explained = target === undefined ? predicted : predicted.map(() => target);
  const labels = split.labels.slice();
  for (const [i, label] of explained.entries()) labels[indices[i]] = label;
  const options = { ...saliency, target: 'label' } as const;
  const { maps, height, width } = await predictor.explain({ ...split, labels }, options, indices);
  return { probs, predicted, explained, maps, height, width };
}

/** Which images, and of which class; see `explainClasses`. */
export interface ExplainClassesOptions {
  readonly indices?: ArrayLike<number>;
  readonly target?: number;
}
