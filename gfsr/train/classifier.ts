// The classifier of a run: the one that settings describe, or your own, if it fits the data.

import { type ClassifierConfig, classifierConfig } from '../../model/architectures.ts';
import type { Classifier, ClassifierShape } from '../../model/classifier.ts';
import type { Config } from '../config/config.ts';
import { type Dataset, imageSize } from '../data/dataset.ts';

/**
 * The images and classes of a data set, in the form that a classifier needs. @throws RangeError if the images are not
 * square
 */
export const shapeOf = (dataset: Dataset): ClassifierShape => ({
  channels: dataset.channels,
  classes: dataset.classes.length,
  size: imageSize(dataset),
});

/** The classifier that settings describe, for the images and classes of a data set. */
export const classifierFor = (
  { model }: Pick<Config, 'model'>,
  dataset: Dataset,
): ClassifierConfig => classifierConfig(model, shapeOf(dataset));

/** @throws RangeError if a classifier was built for other images or classes than those of the data */
export function checkShape({ shape }: Classifier, dataset: Dataset): void {
  const expected = shapeOf(dataset);
  for (const key of ['channels', 'classes', 'size'] as const) {
    if (shape[key] === expected[key]) continue;
    throw new RangeError(
      `trainer: the classifier's ${key} is ${shape[key]}, expected ${expected[key]}, as ${dataset.name} has. Build it for this data.`,
    );
  }
}
