// What a run leaves: figures that parse, weights that say what they are, and pictures of the right size.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { channelStats } from '../../../gfsr/data/normalise.ts';
import { decodePng } from '../../../gfsr/image/png.ts';
import { writeResults } from '../../../gfsr/report/result-files.ts';
import { readModel } from '../../../gfsr/store/load-model.ts';
import { RunFolder } from '../../../gfsr/store/run-folder.ts';
import { parseCsv } from '../../../gfsr/text/csv.ts';
import {
  config,
  context,
  dataset,
  evaluation,
  result,
  SIZE,
  tempFolder,
  weights,
} from './synthetic.ts';

const folder = tempFolder();
const data = dataset();
const both = RunFolder.create(join(folder, 'both'), config, context(data));
const found = result({ plain: 0.7, guided: 0.95 });
await writeResults(both, found, data);

const text = (name: string) => readFileSync(join(both.path, name), 'utf8');

test('metrics.json has every figure, and null for what is no number', async () => {
  const { arms, lossBalance, annotated, seed } = JSON.parse(text('metrics.json'));
  assert.equal(Object.keys(arms), ['cross-entropy', 'guided']);
  assert.equal(arms.guided.evaluation, evaluation(0.95, 0.8));
  assert.is(arms.guided.history.length, config.train.epochs);
  assert.is(arms.guided.trainingSeconds, 3.75);
  assert.equal([lossBalance, annotated, seed], [2.5, 2, 0]);
  const nan = RunFolder.create(join(folder, 'nan'), config, context(data));
  const { guided } = result({ guided: Number.NaN }).arms;
  await writeResults(nan, { ...found, arms: { guided } }, data);
  const metrics = JSON.parse(readFileSync(join(nan.path, 'metrics.json'), 'utf8'));
  assert.is(metrics.arms.guided.evaluation.test.accuracy, null);
});

test('the CSV files have one row per figure and one row per epoch', () => {
  const metrics = parseCsv(text('metrics.csv')).map(({ fields }) => fields);
  assert.equal(metrics[0], ['arm', 'on', 'metric', 'value', 'sd', 'count', 'skipped']);
  assert.ok(metrics.every((fields) => fields.length === 7));
  assert.is(metrics.length, 1 + 2 * 2 * (3 * 6 + 4 + 2 + 5));
  const row = (arm: string, on: string, metric: string) =>
    metrics.find((fields) => fields.slice(0, 3).join() === [arm, on, metric].join())?.slice(3);
  assert.equal(row('guided', 'test misleading', 'accuracy'), ['0.95', '', '', '']);
  assert.equal(row('cross-entropy', 'test', 'epg'), ['0.3', '0.1', '1000', '0']);
  assert.equal(row('guided', 'val', 'epg'), ['0.8', '0.1', '1000', '0']);
  assert.equal(row('guided', 'test', 'uselessSaliency'), ['0.04', '', '', '']);
  assert.equal(row('guided', 'test', 'masks'), ['1000', '', '', '']);
  assert.equal(row('guided', 'test', 'emptyMasks'), ['0', '', '', '']);
  const epochs = parseCsv(text('history.csv')).map(({ fields }) => fields);
  assert.is(epochs.length, 1 + 2 * config.train.epochs);
  assert.equal(epochs[2].slice(0, 3), ['cross-entropy', '1', '0.5']);
});

test('which image was in which split is a file of its own', () => {
  const [header, ...rows] = parseCsv(text('splits.csv')).map(({ fields }) => fields);
  assert.equal(header.slice(0, 3), ['id', 'split', 'label']);
  const { train, val, test: held, classes } = data;
  const of = (name: string) => rows.filter(([, split]) => split === name).map(([id]) => id);
  assert.equal([of('train'), of('val'), of('test')], [train.ids, val.ids, held.ids]);
  assert.equal(
    rows.slice(0, train.count).map(([, , label]) => label),
    Array.from(train.labels, (label) => classes[label]),
  );
});

test('what the report draws is in files of its own', () => {
  const rows = (name: string) => parseCsv(text(name)).map(({ fields }) => fields);
  const [, ...differences] = rows('differences.csv');
  assert.equal(
    differences.map(([on, metric]) => `${on} ${metric}`),
    ['test accuracy', 'absent accuracy', 'misleading accuracy', 'test auc', 'test epg'],
  );
  const [, , gain, low, high, p] = differences[2].map(Number);
  assert.ok(Math.abs(gain - 0.25) < 1e-9 && low < gain && gain < high && p < 1e-6);
  assert.is(JSON.parse(text('metrics.json')).differences[2].on, 'misleading');
  assert.is(rows('confusion.csv').length, 1 + 2 * 4);
  assert.is(rows('curves.csv').length, 1 + 2 * 2 * 101);
  const byClass = rows('classes.csv');
  assert.is(byClass.length, 1 + 2 * 2 * 5);
  // The made-up EPG is 0.7 in every image of one class and 0.9 in those of the other.
  const epg = byClass.filter(([arm, , metric]) => arm === 'guided' && metric === 'epg');
  assert.equal(
    epg.map((row) => row.slice(3).map((value) => value && Number(value).toFixed(2))),
    [
      ['0.70', '0.70', '0.70', '', '500.00'],
      ['0.90', '0.90', '0.90', '', '500.00'],
    ],
  );
  assert.is(rows('calibration.csv').length, 1 + 2 * 15);
  assert.equal(rows('data.csv')[1], ['train', 'healthy', '4']);
  // 72 % and 97 % of 1,000 images are right.
  assert.is(rows('mistakes.csv').length, 1 + 280 + 30);
  assert.not.ok(readdirSync(both.path).includes('groups.csv'));
});

test('a weights file says all that is needed to rebuild its classifier', () => {
  const model = readModel(join(both.path, 'guided.safetensors'));
  assert.equal(model.weights, weights('guided'));
  assert.equal(model.stats, channelStats(data));
  assert.equal(model.classes, data.classes);
  assert.equal(model.config, config);
  assert.is(model.arm, 'guided');
  assert.equal(model.architecture, {
    architecture: 'small-cnn',
    channels: 1,
    classes: 2,
    size: SIZE,
    widths: [2, 3],
    depths: [1],
    hidden: 4,
    head: 'dense',
    norm: 'none',
    dropout: 0,
    poolings: 16,
  });
});

test('the classifier of one arm is not taken for that of the other', () => {
  const guided = join(both.path, 'guided.safetensors');
  assert.is(readModel(guided, 'guided').arm, 'guided');
  assert.throws(
    () => readModel(guided, 'cross-entropy'),
    /guided\.safetensors: holds the classifier of guided, expected that of cross-entropy/,
  );
});

test('a weights file that is missing, damaged or of another program is refused', () => {
  const other = join(folder, 'other.safetensors');
  assert.throws(() => readModel(other), /cannot read .*other\.safetensors": no such file/);
  writeFileSync(other, 'PK');
  assert.throws(() => readModel(other), /other\.safetensors: .*at least 10/);
  const header = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  ';
  const bytes = new Uint8Array(8 + header.length + 4);
  bytes[0] = header.length;
  bytes.set(Buffer.from(header), 8);
  writeFileSync(other, bytes);
  assert.throws(() => readModel(other), /a file of another program, expected gfsr-model-1/);
});

test('pictures show image, mask where there is one, and both arms', () => {
  const files = readdirSync(join(both.path, 'overlays')).sort();
  assert.equal(files, ['test-1.png', 'test-2.png', 'test-3.png', 'train-0.png', 'train-5.png']);
  const side = 19 * SIZE; // the least whole multiple of 12 above 224
  for (const file of files) {
    const { width, height, channels } = decodePng(
      readFileSync(join(both.path, `overlays/${file}`)),
    );
    const tiles = file.startsWith('train') ? 4 : 3;
    assert.equal([width, height, channels], [tiles * side + (tiles - 1) * 8, side, 3], file);
  }
});

test('one arm alone, in colour, without masks', async () => {
  const rgb = dataset(3);
  const alone = RunFolder.create(join(folder, 'alone'), config, context(rgb));
  const { examples } = await writeResults(alone, result({ plain: 0.7 }, rgb), rgb);
  assert.ok(examples.every(({ mask, arms }) => mask === undefined && arms.length === 1));
  assert.is(readModel(join(alone.path, 'cross-entropy.safetensors')).architecture.channels, 3);
  assert.not.ok(readdirSync(alone.path).includes('guided.safetensors'));
});

test('a picture predicts what the probabilities say', async () => {
  const [first, second] = (await writeResults(both, found, data)).examples;
  assert.equal([first.split, first.index, first.label], ['test', 1, data.classes[1]]);
  assert.equal([second.index, second.label], [2, 'healthy']);
  for (const { predicted, probability } of [...first.arms, ...second.arms]) {
    assert.equal([predicted, probability], [data.classes[1], 0.75]);
  }
  assert.equal([first.arms[0].right, second.arms[0].right], [true, false]);
});

test('while results are written, others get their turns, and a signal ends it', async () => {
  const run = RunFolder.create(join(folder, 'stopped'), config, context(data));
  const stop = new AbortController();
  // A timer gets a turn only between two pieces.
  setTimeout(() => stop.abort(new Error('enough')), 0);
  try {
    await writeResults(run, found, data, stop.signal);
    assert.unreachable('it was not stopped');
  } catch (error) {
    assert.is((error as Error).message, 'enough');
  }
  assert.not.ok(readdirSync(run.path).includes('splits.csv'));
});

test.run();
