// A small convolutional classifier: blocks of convolution, ReLU and pooling, then a dense or a pooled head.

import type { Gpu } from '../engine/gpu.ts';
import { flatten, globalAvgPool, maxPool2d, relu } from '../engine/ops/index.ts';
import type { Tensor } from '../engine/tensor.ts';
import { type Classifier, checkInput, type SmallCnnConfig } from './classifier.ts';
import { batchNormLayer, convLayer, type Layer, linearLayer } from './layers.ts';
import { Weights } from './weights.ts';

/**
 * conv3×3 – (batch norm) – ReLU – max pool 2, once per width; a pooled head leaves out the last pooling.
 * Feature maps `conv1`, `conv2`, … are taken after the ReLU, before the pooling.
 */
export function smallCnn(gpu: Gpu, config: SmallCnnConfig, seed: number | string): Classifier {
  const weights = new Weights(gpu, seed);
  const { widths, classes, hidden, head, norm } = config;
  const blocks = widths.map((outChannels, i): Layer[] => {
    const inChannels = i === 0 ? config.channels : widths[i - 1];
    const options = { inChannels, outChannels, kernelSize: 3, padding: 1, bias: norm === 'none' };
    const conv = convLayer(weights, `conv${i + 1}`, options);
    return norm === 'batch' ? [conv, batchNormLayer(weights, `bn${i + 1}`, outChannels)] : [conv];
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
      blocks.forEach((block, i) => {
        y = relu(block.reduce((v, layer) => layer(v, mode), y));
        features[layers[i]] = y;
        if (dense || i < blocks.length - 1) y = maxPool2d(y, { kernelSize: 2 });
      });
      y = dense ? relu(dense(flatten(y), mode)) : globalAvgPool(y);
      return { logits: out(y, mode), features };
    },
  };
}
