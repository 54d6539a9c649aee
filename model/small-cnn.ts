// A small convolutional classifier: blocks of convolution, ReLU and pooling, then a dense or a pooled head.

import type { Gpu } from '../engine/gpu.ts';
import { flatten, globalAvgPool, maxPool2d, relu } from '../engine/ops/index.ts';
import type { Tensor } from '../engine/tensor.ts';
import { type Classifier, checkInput, type SmallCnnConfig } from './classifier.ts';
import { batchNormLayer, biasReluLayer, convLayer, type Layer, linearLayer } from './layers.ts';
import { Weights } from './weights.ts';

/** `activate` keeps the order of numbers in a channel. */
interface Block {
  readonly conv: Layer;
  readonly activate: Layer;
}

/**
 * conv3×3 – (batch norm) – ReLU – max pool 2, once per width; a pooled head leaves out the last pooling.
 * Feature maps `conv1`, `conv2`, … are taken after the ReLU, before the pooling.
 */
export function smallCnn(gpu: Gpu, config: SmallCnnConfig, seed: number | string): Classifier {
  const weights = new Weights(gpu, seed);
  const { widths, classes, hidden, head, norm } = config;
  const blocks = widths.map((outChannels, i): Block => {
    const name = `conv${i + 1}`;
    const inChannels = i === 0 ? config.channels : widths[i - 1];
    const options = { inChannels, outChannels, kernelSize: 3, padding: 1, bias: false };
    const conv = convLayer(weights, name, options);
    if (norm === 'none') {
      const fanIn = inChannels * 9;
      return { conv, activate: biasReluLayer(weights, name, { channels: outChannels, fanIn }) };
    }
    const batchNorm = batchNormLayer(weights, `bn${i + 1}`, outChannels);
    return { conv: (x, mode) => batchNorm(conv(x, mode), mode), activate: (x) => relu(x) };
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
    pooledHead: dense
      ? undefined
      : { layer: layers[layers.length - 1], weight: weights.parameters.get('fc.weight') as Tensor },
    forward(x, mode) {
      checkInput(x, config);
      const features: Record<string, Tensor> = {};
      let y = x;
      blocks.forEach(({ conv, activate }, i) => {
        const isPooled = dense !== undefined || i < blocks.length - 1;
        const isWanted = mode.features?.includes(layers[i]) ?? true;
        const pool = (v: Tensor) => (isPooled ? maxPool2d(v, { kernelSize: 2 }) : v);
        y = conv(y, mode);
        if (!isWanted) {
          // The largest stays the largest: the same numbers, of a quarter of the work.
          y = activate(pool(y), mode);
          return;
        }
        features[layers[i]] = activate(y, mode);
        y = pool(features[layers[i]]);
      });
      y = dense ? relu(dense(flatten(y), mode)) : globalAvgPool(y);
      return { logits: out(y, mode), features };
    },
  };
}
