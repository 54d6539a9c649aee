// Splits become a data set. Without test images val tests, and validation comes from train, the same for every run.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { assembleDataset } from '../../../gfsr/data/assemble.ts';
import type { Split } from '../../../gfsr/data/dataset.ts';
import { allBytes } from '../../../gfsr/data/pixels.ts';

const SIDE = 4;
const AREA = SIDE * SIDE;
const parts = { name: 'toy', classes: ['a', 'b'], channels: 1, height: SIDE, width: SIDE };

function split(count: number, name: string, change: Partial<Split> = {}): Split {
  const random = new Random(0, name);
  return {
    count,
    images: Uint8Array.from({ length: count * AREA }, () => random.int(256)),
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
    ids: Array.from({ length: count }, (_, i) => `${name} ${i}`),
    ...change,
  };
}

test('with test images every split stays what it is', () => {
  const [train, val, tested] = [split(4, 'train'), split(2, 'val'), split(2, 'test')];
  const made = assembleDataset(parts, { train, val, test: tested });
  assert.is(made.train, train);
  assert.is(made.val, val);
  assert.is(made.test, tested);
  assert.equal(made.notes, []);
  assert.throws(() => assembleDataset(parts, { train }), /got train, expected train and val/);
});

test('without, val tests and a fifth of train validates, of each class and of images with a mask', () => {
  const masks = new Map(Array.from({ length: 20 }, (_, i) => [i, new Uint8Array(AREA).fill(1)]));
  const val = split(6, 'val');
  const made = assembleDataset(parts, { train: split(100, 'train', { masks }), val });
  assert.equal(made.test, val);
  assert.equal([made.train.count, made.val.count], [80, 20]);
  assert.is(made.val.masks?.size, 4);
  assert.is(made.val.labels.filter((label) => label === 1).length, 10);
  assert.equal([...made.train.ids, ...made.val.ids].sort(), split(100, 'train').ids.sort());
  assert.is(made.origin?.indexed[99], 'train 99', 'annotations count the images of the file');
  assert.match(made.notes[0], /val \(6 images\) serves as test, and 20 of its 100 training images/);
});

test('near-copies stay in one split, and so do groups', () => {
  const train = split(60, 'train');
  // Image 2k+1 is image 2k, darker.
  for (let i = 0; i < 30; i++) {
    const from = train.images.subarray(2 * i * AREA, (2 * i + 1) * AREA);
    allBytes(train.images).set(
      from.map((v) => Math.round(v / 2) + 10),
      (2 * i + 1) * AREA,
    );
  }
  const pairOf = (id: string) => Math.floor(Number(id.split(' ')[1]) / 2);
  const apart = (made: ReturnType<typeof assembleDataset>, of: (id: string) => number) => {
    const kept = new Set(made.train.ids.map(of));
    return made.val.ids.filter((id) => kept.has(of(id)));
  };
  const made = assembleDataset(parts, { train, val: split(4, 'val') });
  assert.equal(apart(made, pairOf), []);
  assert.match(made.notes[0], /near-copies kept together/);
  const threeOf = (id: string) => Math.floor(Number(id.split(' ')[1]) / 3);
  const groups = train.ids.map((id) => `patient ${threeOf(id)}`);
  const grouped = assembleDataset(parts, { train: { ...train, groups }, val: split(4, 'val') });
  assert.equal(apart(grouped, threeOf), []);
  assert.match(grouped.notes[0], /groups kept together/);
  const one = { ...train, groups: train.ids.map(() => 'patient') };
  const undivided = assembleDataset(parts, { train: one, val: split(4, 'val') });
  assert.is(undivided.test, undivided.val);
  assert.match(undivided.notes[0], /train is a single group.*test is val/);
});

test.run();
