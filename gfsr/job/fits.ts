// Checks a job before anything is trained or written: do settings, data and device fit together?

import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { createClassifier, largestActivation, largestWeight } from '../../model/architectures.ts';
import type { Config } from '../config/config.ts';
import { type Dataset, imageSize } from '../data/dataset.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import { mapSize } from '../guidance/map-size.ts';
import { grouped } from '../text/lines.ts';
import { classifierFor } from '../train/classifier.ts';

/**
 * Checks the sizes: square images, a full batch, and tensors that fit in one buffer of the device.
 *
 * @throws RangeError that says what does not fit, and what to change
 */
export function checkFits({ limits }: AdapterReport, config: Config, dataset: Dataset): void {
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const { name, height, width, train } = dataset;
  imageSize(dataset);
  const { batchSize } = config.train;
  if (batchSize > train.count) {
    throw new RangeError(
      `${name}: batchSize is ${batchSize}, but there are ${train.count} training images. Use a smaller --batch-size.`,
    );
  }
  const classifier = classifierFor(config, dataset);
  const image = largestActivation(classifier);
  const weight = largestWeight(classifier);
  const expect = (what: string, elements: number, fix: string) => {
    if (4 * elements <= limit) return;
    throw new RangeError(
      `${name}: ${what} of ${height}×${width} pixels needs ${grouped(4 * elements)} bytes in one buffer, ` +
        `but this device allows ${grouped(limit)}. ${fix}`,
    );
  };
  expect('the feature map of one image', image, 'Use smaller images.');
  if (weight) {
    expect(`${weight.name} for images`, weight.elements, `Use smaller images, or ${weight.fix}.`);
  }
  expect(
    `a batch of ${batchSize} images`,
    image * batchSize,
    `Use --batch-size ${Math.floor(limit / (4 * image))} or less.`,
  );
}

/**
 * Checks that the classifier can be built, and that the layer to guide exists and has positions.
 *
 * @param loss may name another layer than the settings
 * @throws RangeError if not
 */
export function checkModel(gpu: Gpu, config: Config, dataset: Dataset, loss?: RelevanceLoss): void {
  const classifier = createClassifier(gpu, classifierFor(config, dataset), config.train.seed);
  try {
    mapSize(gpu, classifier, { ...config.saliency, ...loss?.saliency });
  } finally {
    classifier.weights.dispose();
  }
}
