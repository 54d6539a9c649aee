// A quick training: how many epochs it has, which classifier a device gets, and what a person is told of it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withChanges } from '../../../gfsr/config/config.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { relevanceLossNamed } from '../../../gfsr/guidance/losses.ts';
import { fitted, leftOut, quickEpochs, smallerClassifiers } from '../../../gfsr/job/quick.ts';
import { testGpu } from '../../support/gpu.ts';
import { halves as dataset } from '../../support/halves.ts';

const config = parseConfig({
  data: { source: 'halves' },
  model: { widths: [8, 12], hidden: 4 },
  train: { batchSize: 8, epochs: 3 },
  guidance: { warmupEpochs: 1, rampEpochs: 1 },
});
const loss = relevanceLossNamed(config.guidance.loss);
const { signal } = new AbortController();
const widthsOf = ({ model }: typeof config) => model.widths;

test('it has a hundred steps and ten epochs at least, and never more epochs than a thorough one', () => {
  const train = { ...config.train, batchSize: 32, epochs: 40 };
  assert.is(quickEpochs(train, 140), 25);
  assert.is(quickEpochs(train, 1600), 10);
  assert.is(quickEpochs({ ...train, epochs: 7 }, 140), 7);
  assert.is(quickEpochs(train, 40), 40);
});

test('its classifier has all channels, half of them, or a quarter', () => {
  assert.equal(smallerClassifiers(config).map(widthsOf), [
    [8, 12],
    [4, 6],
    [2, 3],
  ]);
  assert.equal(
    smallerClassifiers(config).map(({ masks }) => masks.fallback),
    ['mean', 'mean', 'none'],
  );
  const weights = withChanges(config, { model: { init: 'weights.safetensors' } });
  assert.equal(
    smallerClassifiers(weights),
    [weights],
    'given weights have the size that they have',
  );
});

test('a device that is quick enough gets all channels, and one that is not the fewest', async () => {
  const gpu = await testGpu();
  const work = { config, dataset, loss, annotations: new Map() };
  const timings: string[] = [];
  const choices = smallerClassifiers(config);
  const taken = await fitted(gpu, { ...work, choices }, signal, (what) => timings.push(what));
  assert.match(timings[0], /^steps of a classifier of \d+ to \d+ channels$/);
  assert.equal(taken.config.model.widths, [8, 12]);
  const long = withChanges(config, { train: { epochs: 1_000_000 } });
  const least = await fitted(gpu, { ...work, choices: smallerClassifiers(long) }, signal);
  assert.equal(
    least.config,
    withChanges(long, { model: { widths: [2, 3] }, masks: { fallback: 'none' } }),
  );
  assert.equal((await fitted(gpu, work, signal)).config, config, 'nothing is left to choose');
});

test('what is left out is said, and nothing else', () => {
  assert.is(leftOut(config, config), undefined);
  const less = withChanges(config, { train: { epochs: 2 }, model: { widths: [2, 3] } });
  assert.is(
    leftOut(less, config),
    'Quick on this machine: 2 epochs instead of 3 and a classifier of 2 to 3 channels instead of 8 to 12.',
  );
  assert.is(
    leftOut(withChanges(less, { masks: { fallback: 'none' } }), config),
    'Quick on this machine: 2 epochs instead of 3, a classifier of 2 to 3 channels instead of 8 to 12, and no check of how well your marks spread.',
  );
  assert.is(leftOut(config, less), undefined);
});

test.run();
