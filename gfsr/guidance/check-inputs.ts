// Inputs for checking a relevance loss: made-up batches of two shapes, each with a small network, and edge cases.

import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/core/random.ts';
import { formatShape, sizeOf, type Tensor } from '../../engine/core/tensor.ts';
import { type ClassifierConfig, createClassifier } from '../../model/architectures.ts';
import type { Classifier } from '../../model/classifier.ts';
import { didYouMean } from '../text/suggestions.ts';
import { decomposition, secondPass } from './loss-context.ts';
import type { RelevanceLossInputs } from './losses.ts';
import { keepsChannels, type SaliencyOptions } from './saliency.ts';

/** A batch: images [images, channels, size, size], and feature maps of side `map`. */
export interface Batch {
  readonly images: number;
  readonly channels: number;
  readonly size: number;
  readonly map: number;
}

export const CLASSES = 3;

/** The batch on which derivatives are checked. */
export const FIRST: Batch = { images: 2, channels: 1, size: 8, map: 8 };
/** Every length differs from the first batch, and the map from the image, so that hard-coded ones are found. */
export const SECOND: Batch = { images: 3, channels: 3, size: 12, map: 6 };

/** The tensors of a batch, and their network. */
export interface Trial {
  readonly inputs: RelevanceLossInputs;
  readonly classifier: Classifier;
  readonly dispose: () => void;
}

/** @throws RangeError if no architecture has the layer */
export function makeTrial(gpu: Gpu, batch: Batch, options: SaliencyOptions): Trial {
  const classifier = createClassifier(gpu, classifierWith(options.layer, batch), 'loss check');
  const tensors = makeTensors(gpu, batch, options);
  return {
    inputs: {
      ...tensors,
      forward: secondPass(classifier),
      decompose: decomposition(classifier),
    },
    classifier,
    dispose: () => {
      for (const tensor of Object.values(tensors)) tensor.dispose();
      classifier.weights.dispose();
    },
  };
}

/** Each map of `small-cnn` has half the side of the one before it. */
const MOST_MAPS = 5;

/**
 * The smallest CNN that has the layer. It also stands for the other architectures, whose batch normalisation of a few
 * values is too curved for finite differences.
 */
function classifierWith(layer: string, { channels, size }: Batch): ClassifierConfig {
  const depth = layer.startsWith('conv') ? Number(layer.slice(4)) : 2;
  if (!LAYERS.includes(layer)) {
    throw new RangeError(
      `saliency.layer is "${layer}", expected ${LAYERS.join(', ')}.${didYouMean(layer, LAYERS)}`,
    );
  }
  return {
    ...{ architecture: 'small-cnn', channels, classes: CLASSES, size: Math.max(size, 2 ** depth) },
    ...{ widths: [3, ...Array(Math.max(1, depth - 1)).fill(4)], hidden: 6 },
    ...{ head: 'dense', norm: 'none' },
  };
}

/** Layers that a loss may name: those of `small-cnn`, as far as they can be checked, and of the others. */
const LAYERS: readonly string[] = [
  ...['first', 'last'],
  ...Array.from({ length: MOST_MAPS }, (_, i) => `conv${i + 1}`),
  ...Array.from({ length: 4 }, (_, i) => `layer${i + 1}`),
  ...Array.from({ length: 13 }, (_, i) => `features.${i}`),
];

/** The layer of the network of the check that stands for a layer. */
export const layerHere = (layer: string): string =>
  /^(layer|features)/.test(layer) ? 'last' : layer;

function makeTensors(gpu: Gpu, { images, channels, size, map }: Batch, options: SaliencyOptions) {
  const random = new Random('loss check');
  const make = (shape: readonly number[], value: () => number) =>
    gpu.keep(gpu.tensor(Float32Array.from({ length: sizeOf(shape) }, value), shape));
  const signed = options.sign === 'signed';
  const side = options.source === 'cam' ? map : size;
  const mask = keepsChannels(options) ? [images, 1, side, side] : [images, side, side];
  const saliency = keepsChannels(options) ? [images, channels, side, side] : mask;
  return {
    saliency: make(saliency, () => (signed ? random.normal() : 0.1 + random.uniform())),
    mask: make(mask, () => random.uniform()),
    logits: make([images, CLASSES], () => random.normal()),
    labels: gpu.keep(
      gpu.tensor(
        Array.from({ length: images }, (_, i) => (2 * i) % CLASSES),
        [images],
        'u32',
      ),
    ),
    image: make([images, channels, size, size], () => random.normal()),
    initialSaliency: make(mask, () => 0.1 + random.uniform()),
  };
}

/** Inputs that occur in real batches, by name. The caller disposes tensors that are not those of `inputs`. */
export function edgeCases(
  gpu: Gpu,
  inputs: RelevanceLossInputs,
): readonly (readonly [what: string, inputs: RelevanceLossInputs])[] {
  const made = (x: Tensor, value: (i: number) => number) =>
    gpu.keep(
      gpu.tensor(
        Float32Array.from({ length: x.size }, (_, i) => value(i)),
        x.shape,
      ),
    );
  const { mask, saliency } = inputs;
  const perImage = saliency.size / saliency.shape[0];
  const middle = Math.floor(perImage / 2);
  return [
    ['generic inputs', inputs],
    ['an empty mask', { ...inputs, mask: made(mask, () => 0) }],
    ['a full mask', { ...inputs, mask: made(mask, () => 1) }],
    ['saliency that is zero everywhere', { ...inputs, saliency: made(saliency, () => 0) }],
    // The mean of halves is exact, so deviations from it are exactly 0.
    ['saliency that is the same everywhere', { ...inputs, saliency: made(saliency, () => 0.5) }],
    [
      'saliency at one pixel only',
      { ...inputs, saliency: made(saliency, (i) => (i % perImage === middle ? 1 : 0)) },
    ],
  ];
}

/** The batch in words, for messages. */
export const describeBatch = ({ saliency, image }: RelevanceLossInputs): string =>
  `images ${formatShape(image.shape)} and saliency ${formatShape(saliency.shape)}`;
