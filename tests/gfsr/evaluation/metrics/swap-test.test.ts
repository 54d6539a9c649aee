// The paired permutation test: McNemar's probabilities worked out by hand, and groups against a list of all swaps.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../engine/core/random.ts';
import { unitsOf } from '../../../../gfsr/evaluation/metrics/bootstrap.ts';
import { gains, swapTest } from '../../../../gfsr/evaluation/metrics/swap-test.ts';

/** p of images that only one of the two gets right. */
const ofImages = (onlyFirst: number, onlySecond: number) =>
  swapTest(Int32Array.from({ length: onlyFirst + onlySecond }, (_, i) => (i < onlyFirst ? -1 : 1)));
const near = (got: number, expected: number) =>
  assert.ok(Math.abs(got - expected) <= 1e-12 * Math.max(1, expected), `${got}, not ${expected}`);

test('gains count the images that one alone gets right, image by image or group by group', () => {
  const found = (first: number[], second: number[], labels: number[], groups?: readonly string[]) =>
    Array.from(gains(first, second, labels, unitsOf(labels.length, groups)));
  assert.equal(found([0, 1, 1, 0, 2], [0, 0, 1, 1, 2], [0, 1, 0, 1, 2]), [0, -1, 0, 1, 0]);
  assert.equal(found([1, 1, 0], [1, 0, 1], [1, 1, 1]), [0, -1, 1]);
  const patients = Array.from({ length: 40 }, (_, i) => `patient ${i >> 1}`);
  const right = new Array(40).fill(0);
  const wrong = right.map((_, i) => Number(i < 3)); // both images of the first patient, one of the second
  assert.equal(found(wrong, right, right, patients).slice(0, 3), [2, 1, 0]);
});

test('of single images it is the exact binomial test', () => {
  near(ofImages(0, 0), 1);
  near(ofImages(0, 1), 1);
  near(ofImages(0, 5), 2 / 32);
  near(ofImages(1, 5), (2 * (1 + 6)) / 64);
  near(ofImages(5, 1), ofImages(1, 5));
  near(ofImages(3, 3), 1);
  near(ofImages(2, 8), (2 * (1 + 10 + 45)) / 1024);
});

test('thousands of images neither overflow nor vanish', () => {
  const large = ofImages(4900, 5100);
  assert.ok(large > 0.045 && large < 0.0475, `${large}`); // z = 1.99 with the correction of continuity
  assert.ok(ofImages(0, 5000) >= 0 && ofImages(0, 5000) < 1e-300);
});

test('of groups by hand: their images are swapped together', () => {
  // Two groups of 20 images each: the sums ±40 and 0, 0, so half of the swaps are as large.
  near(swapTest(Int32Array.of(20, 20)), 1 / 2);
  // 3 + 2 − 1 = 4: the sums ±6, ±4, ±2, 0, 0; of the eight, four are at least 4.
  near(swapTest(Int32Array.of(3, 2, -1)), 4 / 8);
  near(swapTest(Int32Array.of(-3, -2, 1, 0, 0)), 4 / 8);
  near(swapTest(Int32Array.of(5, 5, 5, 5, 5, 5)), 2 / 64);
});

test('of groups, every swap is counted', () => {
  const random = new Random(0, 'swaps');
  for (let round = 0; round < 50; round++) {
    const drawn = Int32Array.from({ length: 1 + random.int(10) }, () => random.int(15) - 7);
    const sum = (swap: number) =>
      Math.abs(drawn.reduce((all, gain, i) => all + ((swap >> i) & 1 ? -gain : gain), 0));
    const swaps = Array.from({ length: 2 ** drawn.length }, (_, swap) => sum(swap));
    near(swapTest(drawn), swaps.filter((each) => each >= sum(0)).length / swaps.length);
  }
});

test.run();
