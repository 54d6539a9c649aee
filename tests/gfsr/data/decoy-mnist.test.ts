// Decoy-MNIST: the recipe, its variants, and that seeds decide everything.

import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Split } from '../../../gfsr/data/dataset.ts';
import { decoyMnist } from '../../../gfsr/data/decoy-mnist.ts';
import { readMedmnist } from '../../../gfsr/data/medmnist.ts';
import { loadMnistDigits } from '../../../gfsr/data/mnist-digits-node.ts';
import { allBytes, type Pixels } from '../../../gfsr/data/pixels.ts';
import { dataPath } from '../../support/data.ts';

const AREA = 784;
const digits = await loadMnistDigits();
const ross = decoyMnist(digits, { seed: 1 });
const image = (split: Split, i: number) => split.images.subarray(i * AREA, (i + 1) * AREA);

/** Grey of each planted square, after checking that it is one square in a corner. */
function greys(split: Split, size: number): number[] {
  const corners = new Map<number, number>();
  const values: number[] = [];
  for (let i = 0; i < split.count; i++) {
    const planted = split.shortcut?.subarray(i * AREA, (i + 1) * AREA) as Uint8Array;
    const pixels = [...planted.keys()].filter((pixel) => planted[pixel] === 1);
    assert.is(pixels.length, size * size);
    const top = pixels[0];
    assert.ok([0, 28 - size, (28 - size) * 28, (28 - size) * 29].includes(top), `corner ${top}`);
    assert.is(pixels[pixels.length - 1], top + (size - 1) * 29);
    const seen = new Set(pixels.map((pixel) => image(split, i)[pixel]));
    assert.is(seen.size, 1);
    corners.set(top, (corners.get(top) ?? 0) + 1);
    values.push([...seen][0]);
  }
  assert.is(corners.size, 4);
  for (const count of corners.values()) assert.ok(Math.abs(count / split.count - 0.25) < 0.05);
  return values;
}

const truth = (split: Split) => Array.from(split.labels, (y) => 255 - 25 * y);
const agreement = (a: number[], b: number[]) => a.filter((v, i) => v === b[i]).length / a.length;

test('the digits are those of the npz of real MNIST digits', () => {
  const path = dataPath('mnist-10k/mnist_10k.npz');
  if (!path) return;
  const real = readMedmnist(readFileSync(path), 'mnist_10k');
  const sorted = (bytes: Uint8Array) =>
    Array.from({ length: bytes.length / AREA }, (_, i) =>
      Buffer.from(bytes.subarray(i * AREA, (i + 1) * AREA)).toString('latin1'),
    ).sort();
  const all = [real.train, real.val, real.test].map((split) => Buffer.from(allBytes(split.images)));
  assert.equal(sorted(digits.images), sorted(Buffer.concat(all)));
});

test('sizes, and no digit in two splits', () => {
  assert.equal([ross.train.count, ross.val.count, ross.test.count], [7000, 1000, 2000]);
  assert.is(new Set([ross.train, ross.val, ross.test].flatMap((split) => split.ids)).size, 10_000);
});

test("Ross's recipe: the grey tells the class in train and val, and a random one in test", () => {
  assert.equal(greys(ross.train, 4), truth(ross.train));
  assert.equal(greys(ross.val, 4), truth(ross.val));
  const random = greys(ross.test, 4);
  assert.ok(random.every((v) => (255 - v) % 25 === 0 && v >= 30));
  assert.ok(Math.abs(agreement(random, truth(ross.test)) - 0.1) < 0.03);
  assert.is(ross.test, ross.tests.random);
  const wrong = greys(ross.tests.misleading, 4);
  assert.is(agreement(wrong, truth(ross.test)), 0);
  assert.is(new Set(wrong).size, 10);
});

test('every test split shows the same digits, with squares in the same corners', () => {
  const { random, absent, misleading } = ross.tests;
  assert.equal(random.shortcut, misleading.shortcut);
  assert.ok(allBytes(absent.shortcut as Pixels).every((v) => v === 0));
  for (let i = 0; i < absent.images.length; i++) {
    const planted = allBytes(random.shortcut as Pixels)[i] === 1;
    if (!planted && allBytes(random.images)[i] !== allBytes(absent.images)[i])
      assert.unreachable(`pixel ${i}`);
  }
});

test('validation digits have the same conditions', () => {
  const { random, absent, misleading } = ross.vals;
  for (const each of [random, absent, misleading]) assert.equal(each.ids, ross.val.ids);
  assert.equal(misleading.shortcut, ross.val.shortcut);
  assert.ok(allBytes(absent.shortcut as Pixels).every((v) => v === 0));
  assert.is(agreement(greys(misleading, 4), truth(ross.val)), 0);
  assert.ok(Math.abs(agreement(greys(random, 4), truth(ross.val)) - 0.1) < 0.05);
});

test('the clean variant is the same digits without squares', () => {
  const clean = decoyMnist(digits, { seed: 1, variant: 'clean' });
  assert.equal(clean.train.ids, ross.train.ids);
  assert.equal(clean.test.images, ross.tests.absent.images);
  assert.ok(allBytes(clean.train.shortcut as Pixels).every((v) => v === 0));
  const from = Number(clean.train.ids[5].slice('mnist-'.length));
  assert.equal(image(clean.train, 5), digits.images.subarray(from * AREA, (from + 1) * AREA));
});

test("CDEP's variant: 5x5, and the rule reversed in test", () => {
  const cdep = decoyMnist(digits, { seed: 1, variant: 'cdep' });
  assert.equal(greys(cdep.train, 5), truth(cdep.train));
  assert.equal(
    greys(cdep.test, 5),
    Array.from(cdep.test.labels, (y) => 25 * y),
  );
  assert.is(agreement(greys(cdep.tests.misleading, 5), truth(cdep.test)), 0);
});

test('the square may be anywhere, by the rule of Ross, and in the same place under each condition', () => {
  const anywhere = decoyMnist(digits, { seed: 1, variant: 'anywhere' });
  assert.equal(anywhere.train.ids, ross.train.ids);
  const { train, tests } = anywhere;
  const tops = Array.from({ length: train.count }, (_, i) => {
    const planted = train.shortcut?.subarray(i * AREA, (i + 1) * AREA) as Uint8Array;
    const top = planted.indexOf(1);
    for (const [pixel, on] of planted.entries()) {
      const [down, right] = [Math.floor(pixel / 28), pixel % 28];
      const inside = [down - Math.floor(top / 28), right - (top % 28)].every(
        (d) => d >= 0 && d < 4,
      );
      if (inside !== (on === 1)) assert.unreachable(`image ${i}, pixel ${pixel}`);
      if (inside) assert.is(image(train, i)[pixel], 255 - 25 * train.labels[i]);
    }
    return top;
  });
  assert.is(new Set(tops).size, 25 * 25, 'every place occurs');
  assert.equal(tests.random.shortcut, tests.misleading.shortcut);
  assert.is(anywhere.test, tests.random);
});

test('masks mark the digit and not the square', () => {
  for (const i of [0, 17, 999]) {
    const mask = ross.train.masks?.get(i) as Uint8Array;
    const shortcut = ross.train.shortcut?.subarray(i * AREA, (i + 1) * AREA) as Uint8Array;
    const area = mask.reduce((sum, v) => sum + v, 0);
    assert.ok(area > 20 && area < 400, `area ${area}`);
    assert.ok(
      mask.every((v, pixel) => v === (image(ross.train, i)[pixel] > 1 && !shortcut[pixel] ? 1 : 0)),
    );
  }
});

test('the seed decides everything', () => {
  assert.equal(decoyMnist(digits, { seed: 1 }).test.images, ross.test.images);
  assert.not.equal(decoyMnist(digits, { seed: 2 }).train.ids, ross.train.ids);
});

test('what is wrong is named', () => {
  assert.throws(
    () => decoyMnist(digits, { variant: 'decoy' as 'ross' }),
    /variant, got "decoy", expected ross, cdep, anywhere, clean/,
  );
  const few = { images: new Uint8Array(AREA), labels: new Uint8Array(1) };
  assert.throws(() => decoyMnist(few), /got 1 labels and 784 pixels/);
});

test.run();
