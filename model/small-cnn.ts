// A small convolutional classifier: blocks of convolution, ReLU and pooling, then a dense or a pooled head.

import type { Gpu } from '../engine/core/gpu.ts';
import type { Tensor } from '../engine/core/tensor.ts';
import { dropout, flatten, globalAvgPool, maxPool2d, relu } from '../engine/ops/index.ts';
import { type Classifier, checkInput, type SmallCnnConfig } from './classifier.ts';
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
  convLayer,
  type Layer,
  linearLayer,
} from './layers.ts';
import { Weights } from './weights.ts';

/** Convolution, normalised or with a bias [C] for each channel. */
interface Block {
  readonly conv: Layer;
  readonly bias?: Tensor;
}

const preActivation = (v: Tensor, { bias }: Block): Tensor => (bias ? addBias(v, bias) : v);

/** Keeps the order of the numbers in a channel. */
const activation = (v: Tensor, { bias }: Block): Tensor => (bias ? addBiasRelu(v, bias) : relu(v));

/**
 * conv3×3 – (batch norm) – ReLU – max pool 2, once per width; a pooled head leaves out the last pooling.
 * What enters the last layer goes through dropout, if the configuration has a rate and the mode says so.
 * Feature maps `conv1`, `conv2`, … are taken after the ReLU, before the pooling.
 */
export function smallCnn(gpu: Gpu, config: SmallCnnConfig, seed: number | string): Classifier {
  const weights = new Weights(gpu, seed);
  const { widths, classes, hidden, head, norm, dropout: rate = 0 } = config;
  const blocks = widths.map((outChannels, i): Block => {
    const name = `conv${i + 1}`;
    const inChannels = i === 0 ? config.channels : widths[i - 1];
    const options = { inChannels, outChannels, kernelSize: 3, padding: 1, bias: false };
    const conv = convLayer(weights, name, options);
    if (norm === 'none') {
      return { conv, bias: channelBias(weights, name, outChannels, inChannels * 9) };
    }
    const batchNorm = batchNormLayer(weights, `bn${i + 1}`, outChannels);
    return { conv: (x, mode) => batchNorm(conv(x, mode), mode) };
  });
  const layers = widths.map((_, i) => `conv${i + 1}`);
  const depth = widths[widths.length - 1];
  const side = Math.floor(config.size / 2 ** widths.length);
  if (head === 'dense' && side < 1) {
    throw new RangeError(
      `smallCnn: ${widths.length} poolings leave nothing of ${config.size} px. Use fewer widths.`,
    );
  }
  const dense =
    head === 'dense'
      ? linearLayer(weights, 'fc1', { inFeatures: depth * side * side, outFeatures: hidden })
      : undefined;
  const out = linearLayer(weights, 'fc', {
    inFeatures: dense ? hidden : depth,
    outFeatures: classes,
  });

  return {
    config,
    weights,
    layers,
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
      const features: Record<string, Tensor> = {};
      let y = x;
      blocks.forEach((block, i) => {
        const isPooled = dense !== undefined || i < blocks.length - 1;
        const isWanted = mode.features?.includes(layers[i]) ?? true;
        const pool = (v: Tensor) => (isPooled ? maxPool2d(v, { kernelSize: 2 }) : v);
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
      blocks.forEach((block, i) => {
        pair = decomposeAffine((x) => preActivation(block.conv(x, mode), block), pair);
        pair = decomposeRelu(pair);
        if (dense || i < blocks.length - 1) pair = decomposeMaxPool(pair, { kernelSize: 2 });
      });
      pair = decomposeLinear(dense ? flatten : globalAvgPool, pair);
      if (dense) pair = decomposeRelu(decomposeAffine((x) => dense(x, mode), pair));
      return decomposeAffine((x) => out(x, mode), pair);
    },
  };
}
