// Members of an ensemble, and data for a trained classifier: nothing is measured on images that were trained on.
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultConfig, withChanges } from '../../../gfsr/config/config.ts';
import { datasetOf } from '../../../gfsr/data/load.ts';
import { channelStats } from '../../../gfsr/data/normalise.ts';
import { encodeModel, type LoadedModel } from '../../../gfsr/store/model-file.ts';
import { checkMembers, dataFor, loadMembers } from '../../../gfsr/store/trained.ts';
import { classifierFor } from '../../../gfsr/train/classifier.ts';
import { createClassifier } from '../../../model/architectures.ts';
import { testGpu } from '../../support/gpu.ts';
import { writeTiny } from '../../support/tiny-data.ts';
import { config, dataset, tempFolder } from '../report/synthetic.ts';

/** As far as `checkMembers` looks at a model. */
const member = (seed: number, source: string, folds = 0) =>
  ({
    config: withChanges(defaultConfig, { data: { source, folds }, train: { seed } }),
  }) as LoadedModel;

test('members that were trained on test images are refused', async () => {
  const members = [member(0, 'decoy-mnist'), member(1, 'decoy-mnist')];
  const dataset = await datasetOf(members[0].config);
  try {
    await checkMembers(members, dataset);
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      /^ensemble: member 2 \(seed 1, folds 0\) was trained on [\d,]+ of the [\d,]+ test images of member 1 \(seed 0, folds 0\)/,
    );
  }
  await checkMembers([members[0], member(0, 'decoy-mnist')], dataset);
});

test('so are members of other parts of a cross-validation, with the same seed too', async () => {
  const source = writeTiny(tempFolder());
  const plain = member(0, source);
  const dataset = await datasetOf(plain.config);
  await checkMembers([plain, member(1, source)], dataset);
  for (const [seed, folds] of [
    [0, 4],
    [1, 5],
  ]) {
    const error = await checkMembers([plain, member(seed, source, folds)], dataset).catch((e) => e);
    assert.instance(error, RangeError);
    assert.match(error.message, `member 2 (seed ${seed}, folds ${folds}) was trained on`);
  }
  const turn = member(2, source, 4);
  await checkMembers([turn, member(2, source, 4)], await datasetOf(turn.config));
});

test('an ensemble does not count a classifier twice, under whatever path it comes', async () => {
  const gpu = await testGpu();
  const folder = tempFolder();
  const path = (name: string) => join(folder, `${name}.safetensors`);
  const data = dataset();
  for (const [name, seed] of [
    ['a', 'one'],
    ['b', 'two'],
  ]) {
    const classifier = createClassifier(gpu, classifierFor(config, data), seed);
    const weights = await classifier.weights.state();
    const saved = { weights, architecture: classifier.config, stats: channelStats(data) };
    writeFileSync(path(name), encodeModel('guided', saved, { dataset: data, config }));
    // The same weights in a file with other bytes.
    const copy = encodeModel('cross-entropy', saved, { dataset: data, config });
    if (name === 'a') writeFileSync(path('copy of a'), copy);
  }
  symlinkSync(path('a'), path('link to a'));
  assert.is((await loadMembers(gpu, [path('a'), path('b')])).length, 2);
  for (const other of ['a', 'link to a', 'copy of a']) {
    const error = await loadMembers(gpu, [path('a'), path('b'), path(other)]).catch((e) => e);
    assert.instance(error, RangeError);
    assert.is(
      error.message,
      `ensemble: ${path(other)} is the same classifier as ${path('a')}, and would count twice. Name each one once.`,
    );
  }
});

/** As far as `dataFor` looks at a model. */
const model = (...classes: string[]) =>
  ({ classes, classifier: { shape: { channels: 1, size: 12 } } }) as unknown as LoadedModel;

const [healthy, ill] = dataset().classes;

test('classes are matched by name, and reordered in every split', () => {
  const data = dataset();
  assert.is(dataFor(model(healthy, ill), data), data);
  const swapped = dataFor(model(ill, healthy), data);
  assert.equal(swapped.classes, [ill, healthy]);
  for (const split of ['train', 'val', 'test'] as const) {
    assert.equal(
      [...swapped[split].labels],
      [...data[split].labels].map((label) => 1 - label),
    );
  }
  assert.match(swapped.notes.join(), /matched by name/);
});

test('data with numbers gets the names in their order, with a note', () => {
  const data = dataset(1, ['0', '1']);
  const named = dataFor(model(healthy, ill), data);
  assert.equal(named.classes, [healthy, ill]);
  assert.is(named.train.labels, data.train.labels);
  assert.match(named.notes.join(), `in the order of their numbers: 0 ${healthy}, 1 ${ill}`);
  assert.is(dataFor(model(healthy, ill), named), named);
});

test('other names are refused, and so are names where there were numbers: nobody knows their order', () => {
  const data = dataset();
  assert.throws(() => dataFor(model(healthy, 'dead'), data), /expected healthy, dead, as the/);
  assert.throws(() => dataFor(model('a', 'b', 'c'), data), /has 2 classes, expected the 3/);
  assert.throws(() => dataFor(model('0', '1'), data), /expected 0, 1, .*these numbers as names/);
});

test.run();
