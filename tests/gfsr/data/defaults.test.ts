// Defaults of data sets: their own where they are known, and others by size and count.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultConfig } from '../../../gfsr/config/config.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { dataDefaults } from '../../../gfsr/data/defaults.ts';

const data = (name: string, side: number, count: number) =>
  dataDefaults({ name, height: side, width: side, train: { count } });

test('defaults for a data set are settings that are taken', () => {
  for (const defaults of [data('decoy-mnist', 28, 7000), data('x', 28, 20), data('y', 224, 900)]) {
    assert.equal(parseConfig(defaults), defaults);
  }
});

test('defaults for a data set follow its size and count', () => {
  assert.is(data('decoy-mnist-clean', 28, 7000).annotation.fraction, 0);
  assert.equal(data('decoy-mnist-cdep', 28, 7000), defaultConfig);
  const few = data('few', 28, 5);
  assert.equal([few.train.batchSize, few.annotation.fraction], [5, 0.2]);
  const large = data('large', 224, 900);
  assert.equal(
    [large.masks.segmentation, large.masks.segments, large.masks.sigma],
    ['slic', 0, 9.6],
  );
});

test('what is planted can be marked, even in data that have nothing to mark', () => {
  assert.equal(data('decoy-mnist-clean+text', 28, 7000), defaultConfig);
});

test.run();
