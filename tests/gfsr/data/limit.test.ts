// A cut-down data set: no larger than asked, every class in it, the same images under every condition.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assembleDataset } from '../../../gfsr/data/assemble.ts';
import { classCounts, type Split } from '../../../gfsr/data/dataset.ts';
import { limitImages, thinTrain } from '../../../gfsr/data/limit.ts';
import { allBytes } from '../../../gfsr/data/pixels.ts';
import { plantShortcut } from '../../../gfsr/data/shortcuts/plant.ts';

const SIDE = 16;
/** 60 images, of which one in thirty is of the rare class 2. */
const split = (prefix: string): Split => ({
  count: 60,
  images: Uint8Array.from({ length: 60 * SIDE * SIDE }, (_, k) => Math.floor(k / SIDE ** 2)),
  labels: Int32Array.from({ length: 60 }, (_, i) => (i % 30 === 29 ? 2 : i % 2)),
  ids: Array.from({ length: 60 }, (_, i) => `${prefix}${i}`),
});
const whole = assembleDataset(
  { name: 'sixty', classes: ['a', 'b', 'c'], channels: 1, height: SIDE, width: SIDE, notes: [] },
  { train: split('t'), val: split('v'), test: split('u') },
);

test('at most the limit, at random, with every class', () => {
  const { train, val, test, notes } = limitImages(whole, 10);
  for (const each of [train, val, test]) {
    assert.is(each.count, 10);
    assert.equal([...new Set(each.labels)].sort(), [0, 1, 2]);
    const numbers = each.ids.map((id) => Number(id.slice(1)));
    assert.equal(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
    assert.equal(
      numbers,
      numbers.map((_, i) => allBytes(each.images)[i * SIDE ** 2]),
    );
  }
  assert.match(notes[0], /Limited to 10 images per split/);
  assert.equal(limitImages(whole, 10).train.ids, train.ids);
  assert.is.not(limitImages(whole, 10, 1).train.ids.join(), train.ids.join());
  assert.is(limitImages(whole, 1000).train.count, 60);
});

test('all conditions keep the same images', () => {
  const planted = plantShortcut(whole, { kind: 'border' });
  const { val, test, vals, tests } = limitImages(planted, 7, 3);
  for (const each of Object.values(tests)) assert.equal(each.ids, test.ids);
  for (const each of Object.values(vals)) assert.equal(each.ids, val.ids);
});

test('the seed draws train and val anew, but every seed is tested on the same images', () => {
  const [a, b] = [limitImages(whole, 10, 1), limitImages(whole, 10, 2)];
  assert.equal(a.test.ids, b.test.ids);
  assert.is.not(a.train.ids.join(), b.train.ids.join());
  assert.is.not(a.val.ids.join(), b.val.ids.join());
});

test('a share of train keeps that share of every class, another one with another seed', () => {
  const half = thinTrain(whole, 0.5, 1);
  const counts = (split: Split) => classCounts(split, whole.classes.length);
  for (const [label, count] of counts(whole.train).entries()) {
    assert.is(counts(half.train)[label], Math.max(1, Math.round(count / 2)));
  }
  assert.equal([half.val, half.test], [whole.val, whole.test]);
  assert.not.equal(thinTrain(whole, 0.5, 2).train.ids, half.train.ids);
  assert.ok(counts(thinTrain(whole, 0.001, 1).train).every((count) => count <= 1));
  assert.match(half.notes.join(), /Trained on \d+ of \d+ training images/);
});

test.run();
