// A classifier rebuilt from its weights file alone says exactly what it said before.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Config, withChanges } from '../../../gfsr/config/config.ts';
import { channelStats } from '../../../gfsr/data/normalise.ts';
import { Evaluator } from '../../../gfsr/evaluation/evaluator.ts';
import { loadModel, readModel } from '../../../gfsr/store/load-model.ts';
import { decodeModel, encodeModel, restoreModel } from '../../../gfsr/store/model-file.ts';
import { encodeTensorFile } from '../../../gfsr/store/tensor-file.ts';
import { classifierFor } from '../../../gfsr/train/classifier.ts';
import { createClassifier } from '../../../model/architectures.ts';
import { testGpu } from '../../support/gpu.ts';
import { config, dataset, tempFolder } from '../report/synthetic.ts';

const folder = tempFolder();
const data = dataset(3);
const stats = channelStats(data);

for (const settings of [{}, { norm: 'batch', head: 'pooled' }] as const) {
  test(`gives the same probabilities, ${JSON.stringify(settings)}`, async () => {
    const gpu = await testGpu();
    const full = withChanges(config, { model: settings });
    const before = createClassifier(gpu, classifierFor(full, data), 'before');
    const path = join(folder, 'model.safetensors');
    const weights = await before.weights.state();
    // What is saved is the classifier's own architecture, whatever the settings beside it say.
    const saved = { weights, architecture: before.config, stats };
    const bytes = encodeModel('guided', saved, { dataset: data, config: full });
    const other = withChanges(full, { model: { widths: [9] } });
    assert.equal(
      decodeModel(encodeModel('guided', saved, { dataset: data, config: other })).architecture,
      classifierFor(full, data),
    );
    writeFileSync(path, bytes);
    const { classifier, stats: read, classes, config: kept } = loadModel(gpu, path);
    assert.equal([read, classes, kept], [stats, data.classes, full]);
    const fromBytes = restoreModel(gpu, decodeModel(bytes)).classifier;
    const [a, b, c] = [before, classifier, fromBytes].map(
      (each) => new Evaluator(gpu, each, stats, { batch: 4 }),
    );
    const expected = await a.predict(data.val);
    assert.equal(await b.predict(data.val), expected);
    assert.equal(await c.predict(data.val), expected);
    for (const each of [a, b, c]) await each.dispose();
  });
}

test('a file from before a setting existed is read with its default', () => {
  const { ema: _, ...train } = config.train;
  const { shortcut: __, ...source } = config.data;
  const older = { ...config, train, data: source };
  const path = join(folder, 'older.safetensors');
  const file = { dataset: data, config: older as Config };
  const saved = { weights: new Map(), architecture: classifierFor(config, data), stats };
  writeFileSync(path, encodeModel('guided', saved, file));
  assert.equal(readModel(path).config, config);
});

test('a file from when settings were a flat list is read', () => {
  const shape = { channels: 1, classes: 2, size: 12 };
  const value = {
    ...{ arm: 'guided', data: 'tiny', classes: ['a', 'b'], mean: [0.5], std: [0.25] },
    architecture: { architecture: 'resnet18', ...shape, stem: 'small', width: 8 },
    config: { data: 'tiny.npz', architecture: 'resnet18', width: 8, steps: 4, epochs: 3 },
  };
  const bytes = encodeTensorFile('gfsr-model-1', { tensors: new Map(), value });
  const { architecture, config: settings } = decodeModel(bytes);
  assert.equal(architecture, { architecture: 'resnet18', ...shape, stem: 'small', stageWidth: 8 });
  assert.equal([settings.data.source, settings.train.epochs], ['tiny.npz', 3]);
  assert.equal([settings.model.stageWidth, settings.saliency.integrationSteps], [8, 4]);
});

test('bytes that are no weights file are refused, under the name that they were given', () => {
  assert.throws(() => decodeModel(new Uint8Array(3), 'cats.safetensors'), /^cats\.safetensors: /);
  assert.throws(() => decodeModel(new Uint8Array(3)), /^decodeModel: /);
});

test('a classifier of your own is refused, with the way to save it', () => {
  const own = { weights: new Map(), architecture: undefined, stats };
  assert.throws(
    () => encodeModel('guided', own, { dataset: data, config }),
    /encodeModel: the classifier is your own, expected .*encodeSafetensors/,
  );
});

test('refuses weights that are not those of its architecture', async () => {
  const gpu = await testGpu();
  const path = join(folder, 'other.safetensors');
  const { weights } = createClassifier(gpu, classifierFor(config, data), 0);
  const architecture = classifierFor(withChanges(config, { model: { widths: [2, 5] } }), data);
  const saved = { weights: await weights.state(), architecture, stats };
  writeFileSync(path, encodeModel('guided', saved, { dataset: data, config }));
  assert.throws(() => loadModel(gpu, path), /other\.safetensors: weights: .* has shape/);
});

test('a file that describes more weights than it has is refused before memory is taken', async () => {
  const gpu = await testGpu();
  const huge = withChanges(config, { model: { widths: [60_000, 60_000] } });
  const saved = { weights: new Map(), architecture: classifierFor(huge, data), stats };
  const file = encodeModel('guided', saved, { dataset: data, config: huge });
  const used = gpu.stats.usedBytes;
  assert.throws(
    () => restoreModel(gpu, decodeModel(file)),
    /the architecture has 32,\d+,\d+,\d+ weights, but the file holds 0/,
  );
  assert.is(gpu.stats.usedBytes, used);
});

test.run();
