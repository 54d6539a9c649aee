// Planted shortcuts: every kind in grey and RGB, the rule that ties them to the class, the test conditions.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SHORTCUT_KINDS } from '../../../../gfsr/config/data.ts';
import { checkDataset, type Dataset, type Split } from '../../../../gfsr/data/dataset.ts';
import { allBytes, type Pixels } from '../../../../gfsr/data/pixels.ts';
import { shortcuts } from '../../../../gfsr/data/shortcuts/kinds.ts';
import { type PlantedDataset, plantShortcut } from '../../../../gfsr/data/shortcuts/plant.ts';

interface BlankOptions {
  classes?: number;
  channels?: number;
  height?: number;
  width?: number;
  count?: number;
}

/** Images of one mid grey, labels in turn, and a mask over each whole image. */
function blank(options: BlankOptions = {}): Dataset {
  const { classes = 3, channels = 1, height = 28, width = 28, count = 30 } = options;
  const split = (name: string): Split => ({
    count,
    images: new Uint8Array(count * channels * height * width).fill(128),
    labels: Int32Array.from({ length: count }, (_, i) => i % classes),
    ids: Array.from({ length: count }, (_, i) => `${name}-${i}`),
    masks: new Map([[0, new Uint8Array(height * width).fill(1)]]),
  });
  return checkDataset({
    name: 'blank',
    classes: Array.from({ length: classes }, (_, c) => String(c)),
    channels,
    height,
    width,
    train: split('train'),
    val: split('val'),
    test: split('test'),
    tests: {},
    notes: [],
  });
}

const image = ({ images, count }: Split, i: number) => {
  const size = images.length / count;
  return images.subarray(i * size, (i + 1) * size);
};

/** The grey of each image's frame, which is the class for the kind `border`. */
const frames = (split: Split, side = 28) =>
  Array.from({ length: split.count }, (_, i) => allBytes(split.images)[i * side * side]);
const truth = (split: Split, classes = 3) =>
  Array.from(split.labels, (y) => Math.round((255 * y) / (classes - 1)));
const agreement = (a: number[], b: number[]) => a.filter((v, i) => v === b[i]).length / a.length;

for (const kind of SHORTCUT_KINDS) {
  for (const shape of [
    { channels: 1, height: 28, width: 28 },
    { channels: 3, height: 40, width: 64 },
  ]) {
    test(`${kind} changes pixels only where it says so, in ${shape.channels} channels`, () => {
      const { channels, height, width } = shape;
      const area = height * width;
      const { train } = plantShortcut(blank({ ...shape, count: 6 }), { kind });
      for (let i = 0; i < train.count; i++) {
        const marked = train.shortcut?.subarray(i * area, (i + 1) * area) as Uint8Array;
        const share = marked.filter(Boolean).length / area;
        assert.ok(share > 0 && share < 0.7, `${kind}: share ${share}`);
        const pixels = image(train, i);
        for (let at = 0; at < channels * area; at++) {
          const change = Math.abs(pixels[at] - 128);
          if (!marked[at % area]) assert.ok(change <= 32, `${kind}: unmarked change of ${change}`);
        }
      }
    });

    test(`${kind} tells as many classes apart as it says, in ${shape.channels} channels`, () => {
      const classes = Math.min(shortcuts[kind].most(Math.min(shape.height, shape.width)), 12);
      const count = classes;
      const { train } = plantShortcut(blank({ ...shape, classes, count }), { kind });
      const looks = new Set(Array.from({ length: count }, (_, i) => image(train, i).join()));
      assert.is(looks.size, classes);
    });
  }
}

test('the same image has another look for another class in the same place', () => {
  const dataset = blank({ count: 60 });
  for (const kind of SHORTCUT_KINDS) {
    const { tests } = plantShortcut(dataset, { kind });
    for (let i = 0; i < 3; i++) {
      assert.is.not(image(tests.present, i).join(), image(tests.misleading, i).join(), kind);
    }
  }
  const { tests } = plantShortcut(dataset, { kind: 'swatch' });
  assert.equal(tests.present.shortcut, tests.misleading.shortcut);
});

test('at full strength the shortcut is the class in train, val and present, and never in misleading', () => {
  const { train, val, test: main, tests } = plantShortcut(blank(), { kind: 'border' });
  for (const split of [train, val, tests.present]) assert.equal(frames(split), truth(split));
  assert.is(agreement(frames(tests.misleading), truth(tests.misleading)), 0);
  assert.is(main, tests.random);
  assert.is.not(agreement(frames(main), truth(main)), 1);
  assert.equal([...new Set(frames(main))].sort(), [0, 128, 255].sort());
});

test('validation images have the same conditions, in the same places, independent of those of test', () => {
  const dataset = blank({ count: 60 });
  const { val, vals, tests } = plantShortcut(dataset, { kind: 'border' });
  assert.equal(Object.keys(vals), ['random', 'absent', 'misleading']);
  assert.equal(vals.absent.images, dataset.val.images);
  assert.is(agreement(frames(vals.misleading), truth(val)), 0);
  assert.is.not(agreement(frames(vals.random), truth(val)), 1);
  assert.is.not(frames(vals.misleading).join(), frames(tests.misleading).join());
  const swatch = plantShortcut(dataset, { kind: 'swatch' });
  assert.equal(swatch.vals.misleading.shortcut, swatch.val.shortcut);
});

test('strength s gives the class away with chance s + (1 - s) / classes', () => {
  const dataset = blank({ count: 3000, height: 8, width: 8 });
  for (const strength of [0, 0.5, 0.9]) {
    const { train } = plantShortcut(dataset, { kind: 'border', strength, seed: 5 });
    const expected = strength + (1 - strength) / 3;
    const found = agreement(frames(train, 8), truth(train));
    // Four standard deviations of 3,000 draws.
    assert.ok(Math.abs(found - expected) < 0.037, `${found} for strength ${strength}`);
  }
});

test('absent leaves the images as they were; masks lose what the shortcut lies on', () => {
  const dataset = blank();
  const { train, tests } = plantShortcut(dataset, { kind: 'border' });
  assert.equal(tests.absent.images, dataset.test.images);
  assert.not(allBytes(tests.absent.shortcut as Pixels).includes(1));
  const shortcut = train.shortcut?.subarray(0, 784) as Uint8Array;
  assert.equal(
    train.masks?.get(0),
    shortcut.map((v) => 1 - v),
  );
  assert.ok(allBytes(dataset.train.images).every((v) => v === 128));
});

test('the seed decides everything', () => {
  const pixels = (planted: PlantedDataset) => [planted.train, planted.test].map((s) => s.images);
  const plant = (seed: number) => pixels(plantShortcut(blank(), { kind: 'hair', seed }));
  assert.equal(plant(1), plant(1));
  assert.not.equal(plant(1), plant(2));
});

test('says what is wrong', () => {
  const plant = (dataset: Dataset, options: object) => () =>
    plantShortcut(dataset, { kind: 'hair', ...options });
  assert.throws(plant(blank(), { kind: 'tattoo' }), /kind, got "tattoo", expected text, border/);
  assert.throws(plant(blank(), { strength: 1.5 }), /strength, got 1.5, expected 0 to 1/);
  assert.throws(plant(blank({ channels: 2 }), {}), /has 2 channels, expected 1 or 3/);
  assert.throws(plant(blank({ classes: 13 }), {}), /can distinguish 12 classes on 28×28.* got 13/);
  const planted = plantShortcut(blank(), { kind: 'hair' });
  assert.throws(plant(planted, {}), /blank\+hair already has a shortcut/);
});

test.run();
