// A small convolutional classifier: stages of convolutions and a pooling, then a dense or a pooled head.

import type { Gpu } from '../engine/core/gpu.ts';
import type { Tensor } from '../engine/core/tensor.ts';
import { dropout, flatten, globalAvgPool, maxPool2d, relu } from '../engine/ops/index.ts';
import type { Architecture } from './architecture.ts';
import { type Classifier, type ClassifierShape, checkInput } from './classifier.ts';
import {
  decomposeAffine,
  decomposeLinear,
  decomposeMaxPool,
  decomposeRelu,
} from './decomposition.ts';
import {
  addBias,
  addBiasRelu,
  batchNormLayer,
  channelBias,
  checkMode,
  convLayer,
  type Layer,
  linearLayer,
} from './layers.ts';
import type { Setting, Settings, ValuesOf } from './setting.ts';
import { Weights } from './weights.ts';

/** Shared by the architectures that have dropout. */
export const dropoutRate = {
  kind: 'number',
  least: 0,
  below: 1,
  default: 0,
  help: 'small-cnn, mobilenet_v3_small: share of the inputs of the last layer that training drops',
} as const satisfies Setting;

/** Settings of `smallCnn`. */
export const smallCnnSettings = {
  widths: {
    kind: 'integers',
    least: 1,
    most: 65_536,
    longest: 16,
    default: [16, 32],
    help: 'small-cnn: channels of each stage, which is a convolution with or without a pooling after it',
  },
  depths: {
    kind: 'integers',
    least: 1,
    most: 16,
    longest: 16,
    default: [1],
    help: 'small-cnn: convolutions of each stage, before its pooling; a stage without a number has one',
  },
  hidden: {
    kind: 'integer',
    least: 1,
    most: 65_536,
    default: 64,
    help: 'small-cnn: units of the hidden layer of a dense head',
  },
  head: {
    kind: 'choice',
    choices: ['dense', 'pooled'],
    default: 'dense',
    help: 'small-cnn: dense sees positions, pooled averages them',
  },
  norm: {
    kind: 'choice',
    choices: ['none', 'batch'],
    default: 'none',
    help: 'small-cnn: normalisation after each convolution',
  },
  dropout: dropoutRate,
  poolings: {
    kind: 'integer',
    least: 0,
    most: 16,
    default: 16,
    help: 'small-cnn: only this many stages, from the first, end in a pooling: fewer give a finer last map',
  },
} as const satisfies Settings;

/** What `smallCnn` takes: images, classes and settings. */
export type SmallCnnConfig = ClassifierShape & ValuesOf<typeof smallCnnSettings>;

const featureWidth = ({ widths }: Pick<SmallCnnConfig, 'widths'>): number =>
  widths[widths.length - 1];

/** Number of stages, from the first, that end in a pooling. */
const pooledStages = ({ widths, head, poolings }: SmallCnnConfig): number =>
  Math.min(poolings, head === 'dense' ? widths.length : widths.length - 1);

/** One convolution of the classifier. */
interface Convolution {
  readonly inChannels: number;
  readonly outChannels: number;
  /** A pooling follows it. */
  readonly isPooled: boolean;
}

/** The convolutions, from the first to the last. @throws RangeError if there are more depths than widths */
export function smallCnnConvolutions(config: SmallCnnConfig): readonly Convolution[] {
  const { widths, depths, channels } = config;
  if (depths.length > widths.length) {
    throw new RangeError(
      `smallCnn: depths has ${depths.length} numbers, expected at most ${widths.length}, one per width. Leave some out, or add widths.`,
    );
  }
  const pooled = pooledStages(config);
  return widths.flatMap((outChannels, stage) => {
    const depth = depths[stage] ?? 1;
    return Array.from({ length: depth }, (_, i) => ({
      inChannels: i > 0 ? outChannels : (widths[stage - 1] ?? channels),
      outChannels,
      isPooled: stage < pooled && i === depth - 1,
    }));
  });
}

/** Convolution, normalised or with a bias [C] for each channel. */
interface Block extends Pick<Convolution, 'isPooled'> {
  readonly conv: Layer;
  readonly bias?: Tensor;
}

const preActivation = (v: Tensor, { bias }: Block): Tensor => (bias ? addBias(v, bias) : v);

/** Keeps the order of the numbers in a channel. */
const activation = (v: Tensor, { bias }: Block): Tensor => (bias ? addBiasRelu(v, bias) : relu(v));

/** Numbers that enter a dense head: the last feature map, pooled. */
const denseInputs = (config: SmallCnnConfig): number =>
  featureWidth(config) * Math.floor(config.size / 2 ** pooledStages(config)) ** 2;

/** Number of trained weights: convolutions with bias or normalisation, and the head. */
function parameters(config: SmallCnnConfig): number {
  const { classes, hidden, head, norm } = config;
  const each = norm === 'batch' ? 2 : 1;
  const convolutions = smallCnnConvolutions(config).map(
    ({ inChannels, outChannels }) => outChannels * (9 * inChannels + each),
  );
  const inputs = head === 'dense' ? hidden : featureWidth(config);
  const dense = head === 'dense' ? hidden * (denseInputs(config) + 1) : 0;
  return convolutions.reduce((a, b) => a + b, 0) + dense + classes * (inputs + 1);
}

/**
 * A stage per width: conv3×3 – (batch norm) – ReLU, as often as `depths` says, then max pool 2. A pooled head leaves
 * out the last pooling, and no more than the first `poolings` stages pool. What enters the last layer goes through
 * dropout, if the configuration has a rate and the mode says so.
 * Feature maps `conv1`, `conv2`, … are taken after the ReLU, before the pooling.
 *
 * @throws RangeError if there are more depths than widths, or if poolings leave a dense head nothing
 */
export function smallCnn(gpu: Gpu, config: SmallCnnConfig, seed: number | string): Classifier {
  const weights = new Weights(gpu, seed);
  const { channels, classes, size, hidden, head, norm, dropout: rate } = config;
  const convolutions = smallCnnConvolutions(config);
  const layers = convolutions.map((_, i) => `conv${i + 1}`);
  const blocks = convolutions.map(({ inChannels, outChannels, isPooled }, i): Block => {
    const name = layers[i];
    const options = { inChannels, outChannels, kernelSize: 3, padding: 1, bias: false };
    const conv = convLayer(weights, name, options);
    if (norm === 'none') {
      return { conv, bias: channelBias(weights, name, outChannels, inChannels * 9), isPooled };
    }
    const batchNorm = batchNormLayer(weights, `bn${i + 1}`, outChannels);
    return { conv: (x, mode) => batchNorm(conv(x, mode), mode), isPooled };
  });
  const inFeatures = denseInputs(config);
  if (head === 'dense' && inFeatures === 0) {
    throw new RangeError(
      `smallCnn: ${pooledStages(config)} poolings leave nothing of ${size} px. Use fewer widths or poolings.`,
    );
  }
  const dense =
    head === 'dense' ? linearLayer(weights, 'fc1', { inFeatures, outFeatures: hidden }) : undefined;
  const out = linearLayer(weights, 'fc', {
    inFeatures: dense ? hidden : featureWidth(config),
    outFeatures: classes,
  });

  return {
    shape: { channels, classes, size },
    weights,
    layers,
    head: 'fc',
    dropout: rate,
    // With dropout the weights of the mean are other ones in every pass.
    pooledHead:
      dense || rate > 0
        ? undefined
        : {
            layer: layers[layers.length - 1],
            weight: weights.parameters.get('fc.weight') as Tensor,
          },
    forward(x, mode) {
      checkInput(x, config);
      checkMode(mode);
      const features: Record<string, Tensor> = {};
      let y = x;
      blocks.forEach((block, i) => {
        const isWanted = mode.features?.includes(layers[i]) ?? true;
        const pool = (v: Tensor) => (block.isPooled ? maxPool2d(v, { kernelSize: 2 }) : v);
        y = block.conv(y, mode);
        if (!isWanted) {
          // The largest stays the largest: the same numbers, of a quarter of the work.
          y = activation(pool(y), block);
          return;
        }
        features[layers[i]] = activation(y, block);
        y = pool(features[layers[i]]);
      });
      y = dense ? relu(dense(flatten(y), mode)) : globalAvgPool(y);
      if (rate > 0 && mode.dropout) y = dropout(y, rate, mode.dropout);
      return { logits: out(y, mode), features };
    },
    decompose(parts) {
      checkInput(parts.part, config);
      const mode = { training: false };
      let pair = parts;
      for (const block of blocks) {
        pair = decomposeAffine((x) => preActivation(block.conv(x, mode), block), pair);
        pair = decomposeRelu(pair);
        if (block.isPooled) pair = decomposeMaxPool(pair, { kernelSize: 2 });
      }
      pair = decomposeLinear(dense ? flatten : globalAvgPool, pair);
      if (dense) pair = decomposeRelu(decomposeAffine((x) => dense(x, mode), pair));
      return decomposeAffine((x) => out(x, mode), pair);
    },
  };
}

/** The row of `smallCnn` in the table of architectures. */
export const smallCnnArchitecture: Architecture<typeof smallCnnSettings> = {
  settings: smallCnnSettings,
  create: smallCnn,
  largestActivation: (config) =>
    Math.max(
      ...config.widths.map((width, stage) => {
        const poolings = Math.min(stage, pooledStages(config));
        return width * Math.floor(config.size / 2 ** poolings) ** 2;
      }),
    ),
  largestWeight: (config) => ({
    name: 'the dense head',
    elements: config.head === 'dense' ? config.hidden * denseInputs(config) : 0,
    fix: 'use --head pooled',
  }),
  parameters,
  featureWidth,
  decomposes: true,
};
