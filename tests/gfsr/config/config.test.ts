// Settings as a whole: defaults, and changes over them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ConfigChanges, defaultConfig, withChanges } from '../../../gfsr/config/config.ts';

test('later changes win, setting by setting, and what they change stays as it was', () => {
  const first: ConfigChanges = { train: { epochs: 3, lr: 1 }, data: { limit: 5 } };
  const both = withChanges(first, { train: { epochs: 4 } }, { masks: { sigma: 0 } });
  assert.equal(both, { train: { epochs: 4, lr: 1 }, data: { limit: 5 }, masks: { sigma: 0 } });
  assert.equal(first, { train: { epochs: 3, lr: 1 }, data: { limit: 5 } });
  const full = withChanges(defaultConfig, both);
  assert.equal(full.train, { ...defaultConfig.train, epochs: 4, lr: 1 });
  assert.is(full.saliency.layer, defaultConfig.saliency.layer);
});

test.run();
