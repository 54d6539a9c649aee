// Settings as a whole: defaults, and changes over them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ConfigChanges, defaultConfig, withChanges } from '../../../gfsr/config/config.ts';
import * as gfsr from '../../../gfsr/index.ts';

test('later changes win, setting by setting, and what they change stays as it was', () => {
  const first: ConfigChanges = { train: { epochs: 3, lr: 1 }, data: { limit: 5 } };
  const both = withChanges(first, { train: { epochs: 4 } }, { masks: { sigma: 0 } });
  assert.equal(both, { train: { epochs: 4, lr: 1 }, data: { limit: 5 }, masks: { sigma: 0 } });
  assert.equal(first, { train: { epochs: 3, lr: 1 }, data: { limit: 5 } });
  const full = withChanges(defaultConfig, both);
  assert.equal(full.train, { ...defaultConfig.train, epochs: 4, lr: 1 });
  assert.is(full.saliency.layer, defaultConfig.saliency.layer);
});

test('callers from outside hear of a setting that there is not, and of what is no settings', () => {
  // biome-ignore lint/suspicious/noExplicitAny: as JavaScript lets it pass
  const change = (...changes: any[]) => gfsr.withChanges(defaultConfig, ...changes);
  assert.equal(change({ train: { epochs: 4 } }).train.epochs, 4);
  assert.throws(
    () => change({ train: { epoch: 4 } }),
    /withChanges: unknown setting train\.epoch\. Did you mean train\.epochs\?/,
  );
  assert.throws(
    () => change({ trian: {} }),
    /withChanges: unknown key trian\. Did you mean train\?/,
  );
  assert.throws(() => change({ epochs: 4 }), /withChanges: epochs is now train\.epochs/);
  assert.throws(() => change(undefined), /withChanges: got undefined, expected settings by room/);
});

test.run();
