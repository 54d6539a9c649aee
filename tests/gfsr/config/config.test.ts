// Settings as a whole: defaults, changes over them, and the defaults that fit a data set.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ConfigChanges,
  dataDefaults,
  defaultConfig,
  withChanges,
} from '../../../gfsr/config/config.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';

test('later changes win, setting by setting, and what they change stays as it was', () => {
  const first: ConfigChanges = { train: { epochs: 3, lr: 1 }, data: { limit: 5 } };
  const both = withChanges(first, { train: { epochs: 4 } }, { masks: { sigma: 0 } });
  assert.equal(both, { train: { epochs: 4, lr: 1 }, data: { limit: 5 }, masks: { sigma: 0 } });
  assert.equal(first, { train: { epochs: 3, lr: 1 }, data: { limit: 5 } });
  const full = withChanges(defaultConfig, both);
  assert.equal(full.train, { ...defaultConfig.train, epochs: 4, lr: 1 });
  assert.is(full.saliency.layer, defaultConfig.saliency.layer);
});

const data = (name: string, side: number, count: number) =>
  dataDefaults({ name, height: side, width: side, train: { count } });

test('defaults for a data set are settings that are taken', () => {
  for (const defaults of [data('decoy-mnist', 28, 7000), data('x', 28, 20), data('y', 224, 900)]) {
    assert.equal(parseConfig(defaults), defaults);
  }
});

test('defaults for a data set follow its size and count', () => {
  assert.is(data('decoy-mnist-clean', 28, 7000).annotation.fraction, 0);
  const few = data('few', 28, 5);
  assert.equal([few.train.batchSize, few.annotation.fraction], [5, 0.2]);
  const large = data('large', 224, 900);
  assert.equal(
    [large.masks.segmentation, large.masks.segments, large.masks.sigma],
    ['slic', 0, 9.6],
  );
});

test.run();
