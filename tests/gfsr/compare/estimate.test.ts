// The time of a comparison: every part is measured, shared where trials are alike, and adds up trial by trial.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { annotationPlanes } from '../../../gfsr/annotation/planes.ts';
import { simulateAnnotations } from '../../../gfsr/annotation/simulate.ts';
import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import { estimateTrials, type Timings } from '../../../gfsr/compare/estimate.ts';
import { listTrials } from '../../../gfsr/compare/trials.ts';
import { defaultConfig } from '../../../gfsr/config/config.ts';
import { medmnistDataset } from '../../../gfsr/data/medmnist.ts';
import { readNpz } from '../../../gfsr/data/npz.ts';
import { relevanceLossNamed } from '../../../gfsr/guidance/losses.ts';
import { testGpu } from '../../support/gpu.ts';
import { npz } from '../../support/npz.ts';
import { tinyArrays } from '../../support/tiny-data.ts';

const gpu = await testGpu();
const file = npz({
  ...tinyArrays(48, 'train'),
  ...tinyArrays(16, 'val'),
  ...tinyArrays(16, 'test'),
});
const dataset = medmnistDataset(readNpz(file), 'tiny');
const sources = {
  dataset: async () => dataset,
  annotations: async () => annotationPlanes(simulateAnnotations(dataset, { count: 4 }), dataset),
  loss: relevanceLossNamed,
  pretrained: () => undefined,
};
const settings = {
  model: { widths: [2], hidden: 4 },
  train: { batchSize: 8, epochs: 4 },
  guidance: { warmupEpochs: 1 },
  masks: { concepts: 3, segments: 16 },
};
const timings: Timings = new Map();
const estimate = (variants: unknown[], seeds: number[]) => {
  const spec = parseComparison(
    JSON.stringify({ settings, variants, seeds, fractions: [0.1] }),
    'lab.json',
  );
  return estimateTrials(gpu, listTrials(spec, defaultConfig), dataset, sources, timings);
};

test('the parts add up, and what was timed is not timed again', async () => {
  const plain = await estimate(['cross-entropy'], [0]);
  // Four epochs of six steps, and one evaluation.
  assert.ok(Math.abs(plain.seconds - (24 * plain.plainStep + plain.evaluation)) < 1e-9);
  assert.is(plain.guidedSteps, undefined);
  const both = await estimate(['cross-entropy', 'gfsr'], [0]);
  const [guided] = both.guidedSteps as readonly [number, number];
  // The warm start is shared: three epochs more, with masks.
  const more = 18 * guided + both.evaluation + both.masks;
  assert.ok(both.masks > 0 && guided > 0);
  assert.ok(Math.abs(both.seconds - plain.seconds - more) < 1e-9);
  const known = timings.size;
  const seeds = await estimate(['cross-entropy', 'gfsr'], [0, 1, 2]);
  assert.ok(Math.abs(seeds.seconds - 3 * both.seconds) < 1e-9);
  assert.is(timings.size, known);
  await estimate([{ name: 'gfsr', controls: ['oracle', 'permuted'] }], [0]);
  assert.is(timings.size, known);
  await estimate([{ name: 'gfsr', guidance: { lambda: 3 }, train: { lr: 0.1 } }], [0]);
  assert.is(timings.size, known, 'what no time depends on is not timed again');
  await estimate([{ name: 'cross-entropy', train: { augment: 'flip' } }], [0]);
  await estimate([{ name: 'cross-entropy', model: { dropout: 0.5 } }], [0]);
  assert.is(timings.size, known + 4, 'evaluation and step, with augmentation and with dropout');
});

test.run();
