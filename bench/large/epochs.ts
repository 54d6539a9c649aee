// Two epochs over a large folder with marks, the second one guided, by a network that costs little.
//
//   node --conditions=gfsr-source --import tsx bench/large/memory.ts memory.csv bench/large/epochs.ts big
//
// The network sees patches of 16 × 16 pixels. Marks spread over images that are reduced to 56 pixels.

import { parseArgs } from 'node:util';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { globalAvgPool, relu } from '../../engine/ops/index.ts';
import { readAnnotationFile } from '../../gfsr/annotation/annotation-files.ts';
import { annotationPlanes } from '../../gfsr/annotation/planes.ts';
import { parseConfig } from '../../gfsr/config/parse.ts';
import { datasetOf } from '../../gfsr/data/load.ts';
import { reduceImages } from '../../gfsr/data/resize.ts';
import { measure } from '../../gfsr/evaluation/evaluate.ts';
import { writePartsAtomically } from '../../gfsr/files/atomic-file.ts';
import { buildMasks } from '../../gfsr/masks/masks.ts';
import { supervisionParts } from '../../gfsr/store/checkpoint-file.ts';
import { shapeOf } from '../../gfsr/train/classifier.ts';
import { memoryStore, trainGuided, warmStart } from '../../gfsr/train/experiment.ts';
import { Trainer } from '../../gfsr/train/trainer.ts';
import type { Classifier, ClassifierShape } from '../../model/classifier.ts';
import { convLayer, linearLayer } from '../../model/layers.ts';
import { Weights } from '../../model/weights.ts';

const PATCH = 16;

/** A convolution whose windows do not overlap, one of 3 × 3 on its map, and a linear layer on the mean. */
function patchNet(gpu: Gpu, shape: ClassifierShape): Classifier {
  const weights = new Weights(gpu, 0);
  const [wide, width] = [8, 16];
  const patches = convLayer(weights, 'patches', {
    ...{ inChannels: shape.channels, outChannels: wide, kernelSize: PATCH, stride: PATCH },
  });
  const mix = convLayer(weights, 'mix', {
    ...{ inChannels: wide, outChannels: width, kernelSize: 3, padding: 1 },
  });
  const head = linearLayer(weights, 'head', { inFeatures: width, outFeatures: shape.classes });
  return {
    ...{ shape, weights, layers: ['patches', 'mix'], head: 'head' },
    forward(x, mode) {
      const first = relu(patches(x, mode));
      const second = relu(mix(first, mode));
      return {
        logits: head(globalAvgPool(second), mode),
        features: { patches: first, mix: second },
      };
    },
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { batch: { type: 'string', default: '128' }, side: { type: 'string', default: '56' } },
});
const [source] = positionals;
const config = parseConfig({
  data: { source, cache: 'always' },
  train: { batchSize: Number(values.batch), epochs: 2, augment: 'none', ema: 0, baseline: false },
  guidance: { warmupEpochs: 1, rampEpochs: 0 },
  masks: { features: 'none', segments: 49, concepts: 10, fallback: 'none' },
});
console.log('reading');
const dataset = await datasetOf(config, console.log);
const small = reduceImages(dataset, Number(values.side));
const annotations = annotationPlanes(
  await readAnnotationFile(`${source}-marks.json`, small),
  small,
);
const { device, wait, memory } = await createNodeDevice();
const gpu = new Gpu(device, { wait, memory });
const classifier = patchNet(gpu, shapeOf(dataset));
const trainer = new Trainer(gpu, { dataset, config, classifier });
const stage = (name: string) =>
  console.log(`${name} (${(process.cpuUsage().user / 1e6).toFixed(0)} s of processor time so far)`);
const job = { trainer, config, store: memoryStore(), hooks: {} };
const saveSupervision: typeof job.store.saveSupervision = async (supervision) => {
  stage('writing the masks');
  writePartsAtomically(`${source}-masks.safetensors`, supervisionParts(supervision));
  stage('epoch 2, guided');
};
stage('epoch 1');
const warm = await warmStart(job);
await trainGuided(
  { ...job, store: { ...job.store, saveSupervision } },
  {
    warm,
    makeMasks: (evaluator, size) => {
      stage('spreading the marks');
      return buildMasks(gpu, evaluator, small, annotations, { ...config.masks, seed: 0 }, size);
    },
  },
);
stage('evaluation');
const { evaluation } = await measure(trainer.evaluator, dataset, config.saliency);
stage(`accuracy ${evaluation.test.accuracy.toFixed(3)}`);
await trainer.dispose();
classifier.weights.dispose();
gpu.destroy();
