// A classifier rebuilt from its weights file alone says exactly what it said before.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Config } from '../../../gfsr/config/config.ts';
import { channelStats } from '../../../gfsr/data/dataset.ts';
import { Evaluator } from '../../../gfsr/evaluation/evaluator.ts';
import { encodeModel, loadModel, readModel } from '../../../gfsr/store/model-file.ts';
import { classifierConfig } from '../../../gfsr/train/trainer.ts';
import { createClassifier } from '../../../model/classifier.ts';
import { testGpu } from '../../support/gpu.ts';
import { config, dataset, tempFolder } from '../report/synthetic.ts';

const folder = tempFolder();
const data = dataset(3);

for (const settings of [{}, { norm: 'batch', head: 'pooled' }] as const) {
  test(`gives the same probabilities, ${JSON.stringify(settings)}`, async () => {
    const gpu = await testGpu();
    const full = { ...config, ...settings };
    const before = createClassifier(gpu, classifierConfig(full, data), 'before');
    const path = join(folder, 'model.safetensors');
    const weights = await before.weights.state();
    writeFileSync(path, encodeModel('guided', weights, { dataset: data, config: full }));
    const { classifier, stats, classes, config: kept } = loadModel(gpu, path);
    assert.equal([stats, classes, kept], [channelStats(data), data.classes, full]);
    const [a, b] = [before, classifier].map(
      (each) => new Evaluator(gpu, each, stats, { batch: 4 }),
    );
    assert.equal(await b.predict(data.val), await a.predict(data.val));
    await a.dispose();
    await b.dispose();
  });
}

test('a file from before a setting existed is read with its default', () => {
  const { ema: _, shortcut: __, ...older } = config;
  const path = join(folder, 'older.safetensors');
  const file = { dataset: data, config: older as Config };
  writeFileSync(path, encodeModel('guided', new Map(), file));
  assert.equal(readModel(path).config, config);
});

test('refuses weights that are not those of its architecture', async () => {
  const gpu = await testGpu();
  const path = join(folder, 'other.safetensors');
  const { weights } = createClassifier(gpu, classifierConfig(config, data), 0);
  const other = { dataset: data, config: { ...config, widths: [2, 5] } };
  writeFileSync(path, encodeModel('guided', await weights.state(), other));
  assert.throws(() => loadModel(gpu, path), /other\.safetensors: weights: .* has shape/);
});

test.run();
