// The classifier of a run: the one that settings describe, from new or pretrained weights, or your own.

import type { Gpu } from '../../engine/core/gpu.ts';
import {
  type ClassifierConfig,
  classifierConfig,
  createClassifier,
} from '../../model/architectures.ts';
import type { Classifier, ClassifierShape } from '../../model/classifier.ts';
import { freeze } from '../../model/freeze.ts';
import { createAdam, createSgd, type Optimizer } from '../../model/optimizer.ts';
import { loadPretrained } from '../../model/pretrained.ts';
import type { LoadableState } from '../../model/weights.ts';
import type { Config } from '../config/config.ts';
import { RANDOM } from '../config/model.ts';
import { NOTHING_FROZEN, type TrainSettings } from '../config/train.ts';
import { type Dataset, imageSize } from '../data/dataset.ts';
import { type ChannelStats, channelStats } from '../data/normalise.ts';
import { layerName } from '../guidance/saliency.ts';

/** Weights to start from, and the normalisation of the images that they were trained on, if the file says it. */
export interface Pretrained {
  readonly tensors: LoadableState;
  readonly stats?: ChannelStats;
}

/** What decides the first weights. */
export interface Start {
  readonly config: Pick<Config, 'model' | 'train'>;
  readonly dataset: Dataset;
  /** The content of the file that `config.model.init` names. */
  readonly pretrained?: Pretrained;
}

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

/**
 * The classifier that settings describe, with the weights with which training starts.
 *
 * @throws RangeError if the pretrained weights are missing or of another architecture
 */
export function startingClassifier(gpu: Gpu, { config, dataset, pretrained }: Start): Classifier {
  const { init } = config.model;
  if ((init === RANDOM) !== (pretrained === undefined)) {
    throw new RangeError(
      pretrained
        ? `trainer: there are pretrained weights, but model.init is ${RANDOM}. Name their file in it.`
        : `trainer: model.init is ${init}, but its weights are missing. Read them with readPretrained, and pass them as \`pretrained\`.`,
    );
  }
  const classifier = createClassifier(gpu, classifierFor(config, dataset), config.train.seed);
  if (!pretrained) return classifier;
  try {
    loadPretrained(classifier, pretrained.tensors);
    return classifier;
  } catch (error) {
    classifier.weights.dispose();
    throw new RangeError(`${init}: ${(error as Error).message}`);
  }
}

/**
 * How pixels are normalised: as the pretrained weights expect it, or by the training images. Of several channels, grey
 * images take the means.
 */
export function statsFor(dataset: Dataset, pretrained: Pretrained | undefined): ChannelStats {
  const { stats } = pretrained ?? {};
  if (!stats) return channelStats(dataset);
  if (stats.mean.length === dataset.channels) return stats;
  const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;
  const all = (values: Float32Array) => new Float32Array(dataset.channels).fill(mean(values));
  return { mean: all(stats.mean), std: all(stats.std) };
}

/** Freezes the layers that `train.freeze` names. @throws RangeError if there are none of that name */
export function freezeLayers(classifier: Classifier, { freeze: layer }: TrainSettings): void {
  if (layer !== NOTHING_FROZEN) freeze(classifier, layerName(classifier, layer));
}

/**
 * The optimiser that settings describe, for all weights that are not frozen.
 *
 * @throws TypeError if `backboneLr` needs to know the head, and the classifier does not name it
 */
export function optimizerFor(
  gpu: Gpu,
  { weights, head }: Classifier,
  { optimizer, weightDecay, backboneLr }: TrainSettings,
): Optimizer {
  const create = optimizer === 'adam' ? createAdam : createSgd;
  const { trained } = weights;
  if (backboneLr === 1) return create(gpu, trained, { weightDecay });
  if (head === undefined) {
    throw new TypeError(
      'backboneLr: the classifier has no `head`, expected the name of its last layer. Add it, or set train.backboneLr to 1.',
    );
  }
  const part = (isOfHead: boolean) =>
    new Map([...trained].filter(([name]) => name.startsWith(`${head}.`) === isOfHead));
  const groups = [{ params: part(false), lrScale: backboneLr }, { params: part(true) }];
  return create(gpu, groups, { weightDecay });
}
