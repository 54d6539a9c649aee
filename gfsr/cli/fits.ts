// Checks a job before anything is trained or written: do settings, data and device fit each other?

import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { createClassifier, largestActivation } from '../../model/classifier.ts';
import type { Config } from '../config/config.ts';
import { type Dataset, imageSize } from '../data/dataset.ts';
import { layerName } from '../guidance/saliency.ts';
import { grouped } from '../text/lines.ts';
import { classifierConfig } from '../train/trainer.ts';

/** Elements of the dense head's weight; 0 where there is none. */
function denseHead({ architecture, widths, hidden, head }: Config, side: number): number {
  if (architecture !== 'small-cnn' || head !== 'dense') return 0;
  return hidden * widths[widths.length - 1] * Math.floor(side / 2 ** widths.length) ** 2;
}

/**
 * The sizes: squares, a full batch, and the largest tensors in one buffer of the device.
 *
 * @throws RangeError that says what does not fit, and what to change
 */
export function checkFits({ limits }: AdapterReport, config: Config, dataset: Dataset): void {
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const { name, height, width, train } = dataset;
  imageSize(dataset);
  if (config.batchSize > train.count) {
    throw new RangeError(
      `${name}: batchSize is ${config.batchSize}, but there are ${train.count} train images. Use a smaller --batch-size.`,
    );
  }
  const image = largestActivation(classifierConfig(config, dataset));
  const expect = (what: string, elements: number, fix: string) => {
    if (4 * elements <= limit) return;
    throw new RangeError(
      `${name}: ${what} of ${height}×${width} pixels needs ${grouped(4 * elements)} bytes in one buffer, ` +
        `this device allows ${grouped(limit)}. ${fix}`,
    );
  };
  expect('the feature map of one image', image, 'Shrink the images.');
  expect(
    'the dense head for images',
    denseHead(config, height),
    'Shrink the images, or use --head pooled.',
  );
  expect(
    `a batch of ${config.batchSize} images`,
    image * config.batchSize,
    `Use --batch-size ${Math.floor(limit / (4 * image))} or less.`,
  );
}

/** The classifier can be built, and has the layer to guide. @throws RangeError that says what is wrong */
export function checkModel(gpu: Gpu, config: Config, dataset: Dataset): void {
  const classifier = createClassifier(gpu, classifierConfig(config, dataset), config.seed);
  try {
    layerName(classifier, config.layer);
  } finally {
    classifier.weights.dispose();
  }
}
