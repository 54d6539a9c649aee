// Checks a job before anything is trained or written: do settings, data and device fit together?

import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { largestActivation, largestWeight, parameterCount } from '../../model/architectures.ts';
import type { Optimizer } from '../../model/optimizer.ts';
import type { Config } from '../config/config.ts';
import { type Dataset, imageSize } from '../data/dataset.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import { mapSize } from '../guidance/map-size.ts';
import { grouped } from '../text/lines.ts';
import { chosenLoss } from '../train/classification-loss.ts';
import {
  classifierFor,
  freezeLayers,
  optimizerFor,
  type Start,
  startingClassifier,
} from '../train/classifier.ts';
import { TrainingStep } from '../train/step.ts';
import { chosenGuidance, type Guidance } from '../train/step-inputs.ts';
import { guidedImages } from '../train/training-batches.ts';

/** Copies of the weights on the host: the last good state, the one being saved, and the file that is written of it. */
const HOST_COPIES = 3;

/**
 * Checks the sizes: square images, a full batch, tensors that fit in one buffer of the device, and weights that fit in
 * memory.
 *
 * @param memory bytes that this process may take
 * @throws RangeError that says what does not fit, and what to change
 */
export function checkFits(
  { limits, isSoftware }: AdapterReport,
  config: Config,
  dataset: Dataset,
  memory: number,
): void {
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
  const { optimizer, ema } = config.train;
  const weights = parameterCount(classifier);
  const kept = (optimizer === 'adam' ? 3 : 2) + (ema > 0 ? 1 : 0);
  const gradients = 1;
  const copies = HOST_COPIES * kept + (isSoftware ? kept + gradients : 0);
  const bytes = 4 * weights * copies;
  if (bytes > memory) {
    throw new RangeError(
      `${name}: training ${grouped(weights)} weights takes ${grouped(bytes)} bytes of memory, but this machine has ${grouped(memory)} free. Use a smaller network.`,
    );
  }
}

/** What is to be trained, and with which loss it is guided, if it is. */
export interface Training extends Start {
  readonly config: Config;
  readonly loss?: RelevanceLoss;
}

/**
 * Checks that the classifier can be built and takes the pretrained weights, that the layer to guide exists and has
 * positions, and that a step, plain and guided, can be recorded and fits in memory. Nothing is computed.
 *
 * @throws RangeError or TypeError for what does not go together; OutOfMemoryError if a step needs too much
 */
export function checkModel(gpu: Gpu, training: Training): void {
  const { config, dataset, loss } = training;
  const { train, saliency } = config;
  const classifier = startingClassifier(gpu, training);
  let optimizer: Optimizer | undefined;
  try {
    freezeLayers(classifier, train);
    mapSize(gpu, classifier, { ...saliency, ...loss?.saliency });
    const { labels } = dataset.train;
    const classLoss = chosenLoss(train, labels, dataset.classes.length);
    optimizer = optimizerFor(gpu, classifier, train);
    const record = (guidance?: Guidance) =>
      TrainingStep.sketch(
        gpu,
        classifier,
        optimizer as Optimizer,
        train.batchSize,
        guidance,
        classLoss,
      );
    const costs = [record()];
    if (loss) costs.push(record(chosenGuidance(config, loss, guidedImages(config))));
    gpu.pool.expectRoom(Math.max(...costs.map(({ plannedBytes }) => plannedBytes)));
  } finally {
    optimizer?.dispose();
    classifier.weights.dispose();
  }
}
