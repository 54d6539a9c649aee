// Defaults of data sets: their own where they are known, and others by size and count.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Config, ConfigChanges } from '../../../gfsr/config/config.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { dataDefaults } from '../../../gfsr/data/defaults.ts';

const data = (name: string, side: number, count: number, given?: ConfigChanges) =>
  dataDefaults({ name, height: side, width: side, train: { count } }, given);

test('defaults for a data set are settings that are taken', () => {
  for (const defaults of [data('decoy-mnist', 28, 7000), data('x', 28, 20), data('y', 224, 900)]) {
    assert.equal(parseConfig(defaults), defaults);
  }
});

test('defaults for a data set follow its size and count', () => {
  assert.is(data('decoy-mnist-clean', 28, 7000).annotation.fraction, 0);
  assert.equal(data('decoy-mnist-cdep', 28, 7000), data('decoy-mnist', 28, 7000));
  const { guidance, saliency, annotation } = data('decoy-mnist', 28, 7000);
  assert.equal(
    [guidance.loss, guidance.lambda, guidance.balance, saliency.layer, annotation.fraction],
    ['energy', 32, 'loss-ratio', 'first', 0.01],
  );
  const few = data('few', 28, 5);
  assert.equal([few.train.batchSize, few.annotation.fraction], [5, 0.2]);
  const large = data('large', 224, 900);
  assert.equal(
    [large.masks.segmentation, large.masks.segments, large.masks.sigma],
    ['grid', 0, 9.6],
  );
  for (const [side, map] of [
    [8, 4],
    [14, 7],
    [28, 7],
    [64, 8],
    [224, 7],
  ]) {
    const { widths, head, poolings } = data('x', side, 900).model;
    assert.is(head, 'pooled');
    assert.is(Math.floor(side / 2 ** Math.min(poolings, widths.length - 1)), map, `${side}`);
  }
});

test('the default is the method by its name; warm-up and ramp are shares of the epochs', () => {
  const fits = data('x', 64, 545);
  const { source, layer, method, sign, target } = fits.saliency;
  assert.equal([source, layer, method, sign, target], ['cam', 'last', 'gradcam', 'relu', 'label']);
  assert.equal(
    [fits.guidance.loss, fits.guidance.lambda, fits.guidance.balance],
    ['gfsr', 1, 'none'],
  );
  const course = ({ train, guidance }: Config) => [
    train.epochs,
    guidance.warmupEpochs,
    guidance.rampEpochs,
  ];
  assert.equal(course(fits), [40, 8, 4]);
  assert.equal(course(data('x', 28, 4708)), [8, 2, 1]);
  assert.equal(course(data('x', 28, 4708, { train: { epochs: 20 } })), [20, 4, 2]);
  assert.equal(course(data('x', 28, 4708, { train: { batchSize: 128 } })), [28, 6, 3]);
  assert.equal(course(data('x', 28, 4708, { train: { epochs: 1 } })), [1, 1, 1]);
});

test('what is planted can be marked, even in data that have nothing to mark', () => {
  assert.equal(data('decoy-mnist-clean+text', 28, 7000), data('decoy-mnist', 28, 7000));
});

test('what is no data set is named', () => {
  // biome-ignore lint/suspicious/noExplicitAny: as JavaScript lets it pass
  const call = dataDefaults as (data?: any) => unknown;
  assert.throws(() => call(), /dataDefaults: got undefined, expected a data set/);
  assert.throws(() => call({ name: 'mine' }), /dataDefaults: got {"name":"mine"}, expected/);
});

test.run();
