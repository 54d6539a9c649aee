// An architecture of your own: three layers, trained and guided like those of the library.

import { dataDefaults, markPlane, runExperiment, withChanges } from 'gfsr';
import { flatten, Gpu, maxPool2d, relu } from 'gfsr/engine';
import { createNodeDevice } from 'gfsr/engine/node';
import { type Classifier, convLayer, linearLayer, Weights } from 'gfsr/model';
import { shapes, strokeOn } from './shapes.ts';

/** A window of 7 × 7 pixels, one of 3 × 3, and a dense layer; the first map is the one that is guided. */
function wideNet(gpu: Gpu, seed: number | string): Classifier {
  const weights = new Weights(gpu, seed);
  const size = 24;
  const wide = convLayer(weights, 'wide', {
    inChannels: 1,
    outChannels: 8,
    kernelSize: 7,
    padding: 3,
  });
  const narrow = convLayer(weights, 'narrow', {
    inChannels: 8,
    outChannels: 16,
    kernelSize: 3,
    padding: 1,
  });
  const inFeatures = 16 * (size / 4) ** 2;
  const head = linearLayer(weights, 'head', { inFeatures, outFeatures: 2 });
  return {
    shape: { channels: 1, classes: 2, size },
    weights,
    layers: ['wide', 'narrow'],
    forward(x, mode) {
      const first = relu(wide(x, mode));
      const second = relu(narrow(maxPool2d(first, { kernelSize: 2 }), mode));
      const logits = head(flatten(maxPool2d(second, { kernelSize: 2 })), mode);
      return { logits, features: { wide: first, narrow: second } };
    },
    recreate: (other) => wideNet(gpu, other), // for the running mean of the weights
  };
}

const { device, wait } = await createNodeDevice();
const gpu = new Gpu(device, { wait });
const dataset = shapes();
const { train, height, width } = dataset;
const config = withChanges(dataDefaults(dataset), {
  train: { epochs: 8, batchSize: 16, lr: 3e-3 },
  saliency: { layer: 'first' },
  guidance: { lambda: 4, warmupEpochs: 1, rampEpochs: 1 },
});
const classifier = wideNet(gpu, config.train.seed);
console.log(`${classifier.weights.size} parameters`);

const annotations = new Map(
  Array.from({ length: 16 }, (_, i) => [i, [markPlane([strokeOn(train, i)], height, width)]]),
);
const { arms } = await runExperiment(gpu, { dataset, config, annotations, classifier });
for (const [name, { evaluation }] of Object.entries(arms)) {
  console.log(`${name}: accuracy ${evaluation.test.accuracy.toFixed(2)}`);
}
classifier.weights.dispose();
gpu.destroy();
