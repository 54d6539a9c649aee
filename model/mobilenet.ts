// MobileNetV3-small with torchvision's weight names: depthwise convolutions, squeeze-excitation and hard-swish.
//
// Source: Howard et al., "Searching for MobileNetV3", ICCV 2019.

import type { Gpu } from '../engine/core/gpu.ts';
import type { Tensor } from '../engine/core/tensor.ts';
import {
  add,
  dropout,
  globalAvgPool,
  hardsigmoid,
  hardswish,
  mul,
  relu,
  reshape,
} from '../engine/ops/index.ts';
import type { Architecture } from './architecture.ts';
import { type Classifier, type ClassifierShape, checkInput } from './classifier.ts';
import { batchNormLayer, checkMode, convLayer, type Layer, linearLayer } from './layers.ts';
import { stem } from './resnet.ts';
import type { Settings, ValuesOf } from './setting.ts';
import { dropoutRate } from './small-cnn.ts';
import { constant, kaimingNormal, normal, Weights } from './weights.ts';

/** Settings of `mobilenet_v3_small`. */
export const mobilenetSettings = {
  stem,
  widthMult: {
    kind: 'number',
    above: 0,
    most: 16,
    default: 1,
    help: 'mobilenet_v3_small: factor of the channels of all layers, which are rounded to multiples of 8',
  },
  dropout: dropoutRate,
} as const satisfies Settings;

/** What `mobilenet_v3_small` takes: images, classes and settings. */
export type MobileNetConfig = ClassifierShape & ValuesOf<typeof mobilenetSettings>;

/** As torchvision's, whose batch normalisation differs from PyTorch's defaults here. */
export const MOBILENET_EPS = 1e-3;
const NORM = { eps: MOBILENET_EPS, momentum: 0.01 };
const LINEAR_INIT = { init: normal(0.01), biasInit: constant(0) };

/** Kernel size, expanded channels, channels, squeeze-excitation, activation and stride: table 2 of the paper. */
const TABLE = [
  [3, 16, 16, true, 'relu', 2],
  [3, 72, 24, false, 'relu', 2],
  [3, 88, 24, false, 'relu', 1],
  [5, 96, 40, true, 'hardswish', 2],
  [5, 240, 40, true, 'hardswish', 1],
  [5, 240, 40, true, 'hardswish', 1],
  [5, 120, 48, true, 'hardswish', 1],
  [5, 144, 48, true, 'hardswish', 1],
  [5, 288, 96, true, 'hardswish', 2],
  [5, 576, 96, true, 'hardswish', 1],
  [5, 576, 96, true, 'hardswish', 1],
] as const;

/** Channels of the first convolution, and of the hidden layer of the head. */
const [FIRST, HIDDEN] = [16, 1024];
/** The last convolution makes this many channels of each. */
const LAST_EXPANSION = 6;

/** The sizes of a bottleneck: expand (unless the channels stay), depthwise, squeeze and excite, project. */
export interface Bottleneck {
  /** "features.1". */
  readonly name: string;
  readonly inChannels: number;
  readonly expanded: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  /** Channels between the two layers of squeeze-excitation; absent if it has none. */
  readonly squeezed?: number;
  readonly activation: 'relu' | 'hardswish';
}

/** The sizes of all layers. */
export interface MobileNetLayout {
  /** "features.0". */
  readonly first: { readonly outChannels: number; readonly stride: number };
  readonly blocks: readonly Bottleneck[];
  /** A pointwise convolution. */
  readonly last: {
    readonly name: string;
    readonly inChannels: number;
    readonly outChannels: number;
  };
  /** Units of the hidden layer of the head. */
  readonly hidden: number;
}

/** To a multiple of 8, and never to less than nine tenths. */
function roundChannels(channels: number): number {
  const near = Math.max(8, 8 * Math.floor((channels + 4) / 8));
  return near < 0.9 * channels ? near + 8 : near;
}

/** The sizes of all layers. With a small stem the first two strides are 1. */
export function mobilenetLayout({
  stem,
  widthMult,
}: Pick<MobileNetConfig, 'stem' | 'widthMult'>): MobileNetLayout {
  const wide = (channels: number) => roundChannels(channels * widthMult);
  const isSmall = stem === 'small';
  let inChannels = wide(FIRST);
  const first = { outChannels: inChannels, stride: isSmall ? 1 : 2 };
  const blocks = TABLE.map(
    ([kernelSize, expansion, channels, squeezes, activation, stride], i): Bottleneck => {
      const [expanded, outChannels] = [wide(expansion), wide(channels)];
      const block = {
        ...{ name: `features.${i + 1}`, inChannels, expanded, outChannels, kernelSize, activation },
        stride: isSmall && i === 0 ? 1 : stride,
        ...(squeezes && { squeezed: roundChannels(Math.floor(expanded / 4)) }),
      };
      inChannels = outChannels;
      return block;
    },
  );
  const last = { inChannels, outChannels: LAST_EXPANSION * inChannels };
  return {
    ...{ first, blocks, hidden: wide(HIDDEN) },
    last: { name: `features.${TABLE.length + 1}`, ...last },
  };
}

const ACTIVATIONS = { relu, hardswish, none: (x: Tensor) => x };

interface ConvNormOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize?: number;
  readonly stride?: number;
  readonly groups?: number;
  readonly activation: keyof typeof ACTIVATIONS;
}

/** Convolution `<name>.0`, batch normalisation `<name>.1`, activation. */
function convNorm(
  weights: Weights,
  name: string,
  { activation, kernelSize = 1, ...options }: ConvNormOptions,
): Layer {
  const conv = convLayer(weights, `${name}.0`, {
    ...{ ...options, kernelSize, padding: (kernelSize - 1) / 2, bias: false },
    init: kaimingNormal('out'),
  });
  const norm = batchNormLayer(weights, `${name}.1`, options.outChannels, NORM);
  return (x, mode) => ACTIVATIONS[activation](norm(conv(x, mode), mode));
}

/** y = x·hardsigmoid(fc2(relu(fc1(mean of x)))), for each channel (Hu et al., CVPR 2018). */
function squeezeExcitation(
  weights: Weights,
  name: string,
  channels: number,
  squeezed: number,
): Layer {
  const layer = (part: string, inChannels: number, outChannels: number): Layer =>
    convLayer(weights, `${name}.${part}`, {
      ...{ inChannels, outChannels, kernelSize: 1 },
      ...{ init: kaimingNormal('out'), biasInit: constant(0) },
    });
  const [fc1, fc2] = [layer('fc1', channels, squeezed), layer('fc2', squeezed, channels)];
  return (x, mode) => {
    const pooled = reshape(globalAvgPool(x), [x.shape[0], channels, 1, 1]);
    return mul(x, hardsigmoid(fc2(relu(fc1(pooled, mode)), mode)));
  };
}

function bottleneck(weights: Weights, block: Bottleneck): Layer {
  const { inChannels, expanded, outChannels, kernelSize, stride, squeezed, activation } = block;
  const parts: Layer[] = [];
  const next = () => `${block.name}.block.${parts.length}`;
  if (expanded !== inChannels) {
    parts.push(convNorm(weights, next(), { inChannels, outChannels: expanded, activation }));
  }
  parts.push(
    convNorm(weights, next(), {
      ...{ inChannels: expanded, outChannels: expanded, groups: expanded },
      ...{ kernelSize, stride, activation },
    }),
  );
  if (squeezed) parts.push(squeezeExcitation(weights, next(), expanded, squeezed));
  const project = { inChannels: expanded, outChannels, activation: 'none' } as const;
  parts.push(convNorm(weights, next(), project));
  const isResidual = stride === 1 && inChannels === outChannels;
  return (x, mode) => {
    const y = parts.reduce((v, part) => part(v, mode), x);
    return isResidual ? add(x, y) : y;
  };
}

/** Number of trained weights. */
function parameters(config: MobileNetConfig): number {
  const { first, blocks, last, hidden } = mobilenetLayout(config);
  /** With a normalisation of two numbers per channel. */
  const conv = (from: number, to: number, kernelSize = 1) => to * (from * kernelSize ** 2 + 2);
  const linear = (from: number, to: number) => to * (from + 1);
  const each = blocks.map(({ inChannels, expanded, outChannels, kernelSize, squeezed = 0 }) => {
    const expand = expanded === inChannels ? 0 : conv(inChannels, expanded);
    const excite = squeezed ? linear(expanded, squeezed) + linear(squeezed, expanded) : 0;
    return expand + conv(1, expanded, kernelSize) + excite + conv(expanded, outChannels);
  });
  return [
    ...[conv(config.channels, first.outChannels, 3), ...each],
    conv(last.inChannels, last.outChannels),
    ...[linear(last.outChannels, hidden), linear(hidden, config.classes)],
  ].reduce((a, b) => a + b);
}

/** Elements of the largest map of one image; expanded maps, which have no names, are larger than the others. */
function largestActivation(config: MobileNetConfig): number {
  const { first, blocks, last } = mobilenetLayout(config);
  let side = Math.ceil(config.size / first.stride);
  let largest = first.outChannels * side ** 2;
  for (const { expanded, stride } of blocks) {
    largest = Math.max(largest, expanded * side ** 2);
    side = Math.ceil(side / stride);
  }
  return Math.max(largest, last.outChannels * side ** 2);
}

/** Feature maps `features.0` … `features.12`, by the names of torchvision's layers; the head has a hidden layer. */
function mobilenetV3Small(gpu: Gpu, config: MobileNetConfig, seed: number | string): Classifier {
  const weights = new Weights(gpu, seed);
  const { channels, classes, size, dropout: rate } = config;
  const { first, blocks, last, hidden } = mobilenetLayout(config);
  const activation = 'hardswish';
  const start = { inChannels: channels, ...first, kernelSize: 3, activation } as const;
  const stages: readonly (readonly [string, Layer])[] = [
    ['features.0', convNorm(weights, 'features.0', start)],
    ...blocks.map((block) => [block.name, bottleneck(weights, block)] as const),
    [last.name, convNorm(weights, last.name, { ...last, activation })],
  ];
  const dense = linearLayer(weights, 'classifier.0', {
    ...{ inFeatures: last.outChannels, outFeatures: hidden, ...LINEAR_INIT },
  });
  const head = 'classifier.3';
  const out = linearLayer(weights, head, {
    ...{ inFeatures: hidden, outFeatures: classes, ...LINEAR_INIT },
  });
  return {
    shape: { channels, classes, size },
    ...{ weights, head, dropout: rate },
    layers: stages.map(([name]) => name),
    forward(x, mode) {
      checkInput(x, config);
      checkMode(mode);
      const features: Record<string, Tensor> = {};
      const map = stages.reduce((v, [name, stage]) => {
        features[name] = stage(v, mode);
        return features[name];
      }, x);
      const y = hardswish(dense(globalAvgPool(map), mode));
      const kept = rate > 0 && mode.dropout ? dropout(y, rate, mode.dropout) : y;
      return { logits: out(kept, mode), features };
    },
  };
}

/** The row of `mobilenet_v3_small` in the table of architectures. */
export const mobilenetV3SmallArchitecture: Architecture<typeof mobilenetSettings> = {
  settings: mobilenetSettings,
  create: mobilenetV3Small,
  largestActivation,
  parameters,
  featureWidth: (config) => mobilenetLayout(config).last.outChannels,
  decomposes: false,
};
