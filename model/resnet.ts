// ResNet-18 and ResNet-34 (He et al. 2016) with torchvision's weight names, for small and large images.

import type { Gpu } from '../engine/core/gpu.ts';
import type { Tensor } from '../engine/core/tensor.ts';
import { add, globalAvgPool, maxPool2d, relu } from '../engine/ops/index.ts';
import type { Architecture } from './architecture.ts';
import { type Classifier, type ClassifierShape, checkInput } from './classifier.ts';
import { batchNormLayer, checkMode, convLayer, type Layer, linearLayer } from './layers.ts';
import type { Setting, Settings, ValuesOf } from './setting.ts';
import { kaimingNormal, Weights } from './weights.ts';

/** How strongly the first layers shrink an image: shared by the architectures of torchvision. */
export const stem = {
  kind: 'choice',
  choices: ['small', 'large'],
  default: 'small',
  help: "ResNets, mobilenet_v3_small: small keeps maps fine (28–64 px), large is torchvision's (224 px)",
} as const satisfies Setting;

/** Settings of `resnet18` and `resnet34`. */
export const resnetSettings = {
  stem,
  stageWidth: {
    kind: 'integer',
    least: 1,
    most: 65_536,
    default: 64,
    help: 'ResNets: channels of the first stage; each further one doubles them',
  },
} as const satisfies Settings;

/** What `resnet18` and `resnet34` take: images, classes and settings. */
export type ResNetConfig = ClassifierShape & ValuesOf<typeof resnetSettings>;

/** Number of basic blocks in each stage. */
export const RESNET_BLOCKS = { resnet18: [2, 2, 2, 2], resnet34: [3, 4, 6, 3] } as const;
const STAGES = 4;

/** Two 3×3 convolutions beside a shortcut, which a 1×1 convolution fits where shape changes. */
function basicBlock(
  weights: Weights,
  name: string,
  { inChannels, outChannels, stride }: { inChannels: number; outChannels: number; stride: number },
): Layer {
  const init = kaimingNormal('out');
  const conv = (part: string, from: number, kernelSize: number, step: number): Layer =>
    convLayer(weights, `${name}.${part}`, {
      inChannels: from,
      outChannels,
      kernelSize,
      stride: step,
      padding: (kernelSize - 1) / 2,
      bias: false,
      init,
    });
  const norm = (part: string): Layer => batchNormLayer(weights, `${name}.${part}`, outChannels);
  const main = [conv('conv1', inChannels, 3, stride), norm('bn1'), (x: Tensor) => relu(x)];
  main.push(conv('conv2', outChannels, 3, 1), norm('bn2'));
  const fits = stride === 1 && inChannels === outChannels;
  const shortcut = fits ? [] : [conv('downsample.0', inChannels, 1, stride), norm('downsample.1')];
  return (x, mode) => {
    const run = (layers: readonly Layer[]) => layers.reduce((v, layer) => layer(v, mode), x);
    return relu(add(run(main), run(shortcut)));
  };
}

const featureWidth = ({ stageWidth }: Pick<ResNetConfig, 'stageWidth'>): number =>
  stageWidth * 2 ** (STAGES - 1);

/** Number of trained weights: each convolution has a normalisation of two numbers per channel. */
function parameters(blocks: readonly number[], config: ResNetConfig): number {
  const { stageWidth, stem, channels, classes } = config;
  const conv = (from: number, to: number, kernelSize: number) => to * (from * kernelSize ** 2 + 2);
  const stages = blocks.map((count, i) => {
    const to = stageWidth * 2 ** i;
    const from = i === 0 ? to : to / 2;
    const fitted = i === 0 ? 0 : conv(from, to, 1);
    return conv(from, to, 3) + (2 * count - 1) * conv(to, to, 3) + fitted;
  });
  const first = conv(channels, stageWidth, stem === 'large' ? 7 : 3);
  return first + stages.reduce((a, b) => a + b, 0) + classes * (featureWidth(config) + 1);
}

/** Feature maps `layer1` … `layer4`; `layer4` feeds the pooled linear head `fc`. */
function resnet(
  blocks: readonly number[],
  gpu: Gpu,
  config: ResNetConfig,
  seed: number | string,
): Classifier {
  const weights = new Weights(gpu, seed);
  const { stageWidth: width, stem, channels, classes, size } = config;
  const large = stem === 'large';
  const first = convLayer(weights, 'conv1', {
    inChannels: channels,
    outChannels: width,
    kernelSize: large ? 7 : 3,
    stride: large ? 2 : 1,
    padding: large ? 3 : 1,
    bias: false,
    init: kaimingNormal('out'),
  });
  const firstNorm = batchNormLayer(weights, 'bn1', width);
  const layers = blocks.map((_, i) => `layer${i + 1}`);
  const stages = layers.map((name, i) => {
    const outChannels = width * 2 ** i;
    return Array.from({ length: blocks[i] }, (_, block) => {
      const shrinks = i > 0 && block === 0;
      const inChannels = shrinks ? outChannels / 2 : outChannels;
      const stride = shrinks ? 2 : 1;
      return basicBlock(weights, `${name}.${block}`, { inChannels, outChannels, stride });
    });
  });
  const fc = linearLayer(weights, 'fc', { inFeatures: featureWidth(config), outFeatures: classes });
  return {
    shape: { channels, classes, size },
    weights,
    layers,
    head: 'fc',
    pooledHead: { layer: 'layer4', weight: weights.parameters.get('fc.weight') as Tensor },
    forward(x, mode) {
      checkInput(x, config);
      checkMode(mode);
      let y = relu(firstNorm(first(x, mode), mode));
      if (large) y = maxPool2d(y, { kernelSize: 3, stride: 2, padding: 1 });
      const features: Record<string, Tensor> = {};
      stages.forEach((stage, i) => {
        y = stage.reduce((v, block) => block(v, mode), y);
        features[layers[i]] = y;
      });
      return { logits: fc(globalAvgPool(y), mode), features };
    },
  };
}

const architecture = (blocks: readonly number[]): Architecture<typeof resnetSettings> => ({
  settings: resnetSettings,
  create: (gpu, config, seed) => resnet(blocks, gpu, config, seed),
  largestActivation: ({ size, stem, stageWidth }) =>
    (stageWidth * size * size) / (stem === 'large' ? 4 : 1),
  parameters: (config) => parameters(blocks, config),
  featureWidth,
  decomposes: false,
});

/** The row of `resnet18` in the table of architectures. */
export const resnet18Architecture = architecture(RESNET_BLOCKS.resnet18);
/** The row of `resnet34` in the table of architectures. */
export const resnet34Architecture = architecture(RESNET_BLOCKS.resnet34);
