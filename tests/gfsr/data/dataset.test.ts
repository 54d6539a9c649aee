// Data sets: the checks, subsets and channel statistics.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  checkDataset,
  classCounts,
  type Dataset,
  imageAt,
  mapSplits,
  numberedClasses,
  type Split,
  subset,
} from '../../../gfsr/data/dataset.ts';
import { channelStats } from '../../../gfsr/data/normalise.ts';
import { allBytes, type Pixels } from '../../../gfsr/data/pixels.ts';

function split(labels: number[], prefix = 'x'): Split {
  const count = labels.length;
  return {
    count,
    images: Uint8Array.from({ length: count * 2 * 6 }, (_, i) => (i * 7) % 256),
    labels: Int32Array.from(labels),
    ids: labels.map((_, i) => `${prefix}${i}`),
    masks: new Map([[count - 1, new Uint8Array(6).fill(1)]]),
    shortcut: Uint8Array.from({ length: count * 6 }, (_, i) => (i < 6 ? 1 : 0)),
  };
}

function dataset(change: Partial<Dataset> = {}): Dataset {
  return {
    name: 'toy',
    classes: ['a', 'b'],
    channels: 2,
    height: 2,
    width: 3,
    train: split([0, 1, 1]),
    val: split([0]),
    test: split([1]),
    tests: {},
    notes: [],
    ...change,
  };
}

test('a good data set passes and comes back', () => {
  const good = dataset();
  assert.is(checkDataset(good), good);
});

test('every kind of disagreement is named', () => {
  const train = split([0, 1, 1]);
  const cases: [Partial<Dataset>, RegExp][] = [
    [{ classes: ['a'] }, /toy: got 1 classes, expected at least 2/],
    [{ height: 0 }, /toy: bad height, got 0/],
    [{ width: 4 }, /split train: images has 36 values, expected 48 \(3 images of \[2, 2, 4\]\)/],
    [{ val: { ...split([0]), count: 0 } }, /split val: got 0 images/],
    [
      { train: split([0, 2, 1]) },
      /split train: label out of range at image 1, got 2, expected 0 to 1/,
    ],
    [{ train: { ...train, ids: ['a', 'b', 'a'] } }, /id "a" occurs twice/],
    [{ train: { ...train, ids: ['a'] } }, /ids has 1 values, expected 3/],
    [
      { train: { ...train, masks: new Map([[3, new Uint8Array(6)]]) } },
      /got index 3, expected 0 to 2/,
    ],
    [
      { train: { ...train, masks: new Map([[0, new Uint8Array(5)]]) } },
      /mask of image 0 has 5 values/,
    ],
    [{ train: { ...train, masks: new Map([[0, new Uint8Array(6).fill(255)]]) } }, /got value 255/],
    [{ train: { ...train, shortcut: new Uint8Array(1) } }, /shortcut has 1 values, expected 18/],
  ];
  for (const [change, message] of cases) {
    assert.throws(() => checkDataset(dataset(change)), message);
  }
});

test('images of floats, which would be divided by 255, are refused', () => {
  const floats = new Float32Array(36) as unknown as Uint8Array;
  const wrong = dataset({ train: { ...split([0, 1, 1]), images: floats } });
  const message = /split train: images is a Float32Array, expected a Uint8Array of 0 to 255/;
  assert.throws(() => checkDataset(wrong), message);
  assert.throws(() => channelStats(wrong), message);
});

test('every condition is checked, and changed as the split that it belongs to', () => {
  const bad = dataset({ tests: { absent: split([7]) } });
  assert.throws(() => checkDataset(bad), /toy: test absent: label out of range at image 0, got 7/);

  const worse = dataset({ vals: { absent: split([7]) } });
  assert.throws(() => checkDataset(worse), /toy: val absent: label out of range at image 0, got 7/);

  const good = dataset({
    tests: { absent: split([0]), misleading: split([1]) },
    vals: { absent: split([1]) },
  });
  const names: string[] = [];
  const changed = mapSplits(good, (each, name) => {
    names.push(name);
    return { ...each, ids: each.ids.map((id) => `${name} ${id}`) };
  });
  assert.equal(names.sort(), ['test', 'test', 'test', 'train', 'val', 'val']);
  assert.equal(changed.tests.absent.ids, ['test x0']);
  assert.equal(changed.tests.misleading.labels, good.tests.misleading.labels);
  assert.equal(changed.val.ids, ['val x0']);
  assert.equal(changed.vals?.absent.ids, ['val x0']);
});

test('an image is a view of its split', () => {
  const images = split([0, 1, 1]);
  assert.equal([...imageAt(images, 1)], [...allBytes(images.images).slice(12, 24)]);
  imageAt(images, 2)[0] = 99;
  assert.is(allBytes(images.images)[24], 99);
});

test('subset copies everything that belongs to an image', () => {
  const { train } = dataset();
  const part = subset(train, [2, 0]);
  assert.is(part.count, 2);
  assert.equal([...part.labels], [1, 0]);
  assert.equal(part.ids, ['x2', 'x0']);
  assert.equal(allBytes(part.images).slice(0, 12), allBytes(train.images).slice(24, 36));
  assert.equal([...(part.masks?.keys() ?? [])], [0]);
  assert.equal([...allBytes(part.shortcut as Pixels)], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  assert.throws(() => subset(train, [3]), /subset: got index 3, expected 0 to 2/);
});

test('class counts and channel statistics', () => {
  assert.equal([...classCounts(split([0, 1, 1]), 2)], [1, 2]);
  const images = Uint8Array.from([0, 255, 0, 255, 0, 255, 51, 51, 51, 51, 51, 51]);
  const train = { ...split([0]), images };
  const { mean, std } = channelStats(dataset({ train }));
  assert.ok(Math.abs(mean[0] - 0.5) < 1e-6 && Math.abs(std[0] - 0.5) < 1e-6);
  assert.ok(Math.abs(mean[1] - 0.2) < 1e-6);
  assert.ok(Math.abs(std[1] - 1 / 255) < 1e-7, 'a constant channel has the floor, not 0');
});

test('numbered classes', () => {
  assert.equal(numberedClasses([2, 0], 'x'), ['0', '1', '2']);
  assert.throws(() => numberedClasses([-1], 'x'), /x: got label -1/);
  assert.throws(() => numberedClasses([2e9], 'x'), RangeError);
});

test.run();
