// Standard errors and intervals, by hand and against the spread of simulated samples.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../engine/core/random.ts';
import {
  macroAucError,
  meanInterval,
  shareInterval,
  wilson,
  Z,
} from '../../../../gfsr/evaluation/metrics/standard-errors.ts';
import { macroAuc } from '../../../../model/metrics.ts';
import { probabilities } from '../../../../model/scores.ts';

const near = (got: number, expected: number, within = 1e-12) =>
  assert.ok(Math.abs(got - expected) <= within, `${got}, expected ${expected}`);
const ofClass1 = (scores: readonly number[]) => scores.flatMap((p) => [1 - p, p]);

/** Each image a unit of its own. */
const single = (count: number) => Array.from({ length: count }, (_, i) => i);
const same = (got: readonly number[], expected: readonly number[]) => {
  for (const [i, value] of got.entries()) near(value, expected[i], 1e-9);
};

test('the interval of an accuracy is Wilson’s, also where all is right', () => {
  const hits = Array.from({ length: 100 }, (_, i) => Number(i < 80));
  same(shareInterval(hits, single(100)), wilson(0.8, 100));
  const [low, high] = shareInterval(new Array(10).fill(1), single(10));
  near(low, 10 / (10 + Z ** 2)); // n/(n + z²)
  near(high, 1);
});

test('images of a group that are right or wrong together count once', () => {
  // 25 groups of four images, all right or all wrong together: as wide as 25 images.
  const groups = single(100).map((i) => i >> 2);
  const together = groups.map((group) => Number(group < 20));
  same(shareInterval(together, groups), wilson(0.8, 25));
  same(shareInterval(new Array(100).fill(1), groups), wilson(1, 25));
  // Where every group has the same share, groups add nothing: not narrower than single images.
  const spread = single(100).map((i) => Number(i % 4 > 0));
  same(shareInterval(spread, groups), wilson(0.75, 100));
});

test('the interval of a mean by hand, without images that have no value', () => {
  // Deviations −0.2, 0, 0.2: variance 0.08/3².
  const half = (Z * Math.sqrt(0.08)) / 3;
  same(meanInterval([0.4, Number.NaN, 0.6, 0.8], single(4)), [0.6 - half, 0.6 + half]);
  // The first two are one unit: −0.2 and 0.2.
  same(meanInterval([0.4, 0.6, 0.8], [0, 0, 1]), [0.6 - half, 0.6 + half]);
  // A mean of shares that hardly vary is narrower than one of hits, and stays within [0, 1].
  const [low, high] = shareInterval([0.98, 1, 0.98, 1], single(4));
  assert.ok(low > 0.96 && high < 1, `${low} to ${high}`);
});

test('values that are equal, and those of one unit, do not make a mean certain', () => {
  same(shareInterval([0.4], [0]), wilson(0.4, 1));
  same(shareInterval([0.4, 0.4, 0.4], single(3)), wilson(0.4, 3));
  same(shareInterval([0, 1, 1, 1], [7, 7, 7, 7]), wilson(0.75, 1));
  assert.ok(meanInterval([0.4], [0]).every(Number.isNaN));
});

test("DeLong's error by hand, with and without ties", () => {
  // Placements 1 and 1/2 of the positives, 1/2 and 1 of the negatives: variances 1/8, each over 2.
  near(macroAucError(ofClass1([0.8, 0.6, 0.7, 0.3]), [1, 1, 0, 0], 2, single(4)), Math.sqrt(1 / 8));
  // Positives 1 and 3/4, negatives 3/4 and 1: variances 1/32.
  near(
    macroAucError(ofClass1([0.8, 0.6, 0.6, 0.3]), [1, 1, 0, 0], 2, single(4)),
    Math.sqrt(1 / 32),
  );
  assert.is(macroAucError(ofClass1([0.9, 0.8, 0.2, 0.1]), [1, 1, 0, 0], 2, single(4)), 0);
  assert.ok(Number.isNaN(macroAucError(ofClass1([0.9, 0.8, 0.2]), [1, 0, 0], 2, single(3))));
  assert.ok(Number.isNaN(macroAucError(ofClass1([0.9, 0.8]), [0, 0], 2, single(2))));
  // Components ±1/√32. In groups of equal signs they add up to ±1/√8; in groups of opposite signs, images count singly.
  const grouped = (groups: number[]) =>
    macroAucError(ofClass1([0.8, 0.6, 0.7, 0.3]), [1, 1, 0, 0], 2, groups);
  near(grouped([0, 1, 1, 0]), Math.sqrt(2 / 8));
  near(grouped([0, 1, 0, 1]), Math.sqrt(1 / 8));
  // Rounding must not make an infinity of a single positive.
  for (let negatives = 2; negatives < 40; negatives++) {
    const scores = Array.from({ length: negatives + 1 }, (_, i) => (i === 0 ? 0.35 : i / 41));
    const labels = scores.map((_, i) => (i === 0 ? 1 : 0));
    assert.ok(Number.isNaN(macroAucError(ofClass1(scores), labels, 2, single(labels.length))));
  }
});

for (const classes of [2, 4]) {
  test(`the error is the spread over samples of images, ${classes} classes`, () => {
    const random = new Random(classes, 'standard errors');
    const count = 120;
    const samples = Array.from({ length: 400 }, () => {
      const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
      const logits = Float64Array.from(
        { length: count * classes },
        (_, k) => random.normal() + (k % classes === labels[Math.floor(k / classes)] ? 0.8 : 0),
      );
      const probs = probabilities(logits, classes);
      return {
        auc: macroAuc(probs, labels, classes).value,
        error: macroAucError(probs, labels, classes, single(count)),
      };
    });
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
    const center = mean(samples.map(({ auc }) => auc));
    const spread = Math.sqrt(mean(samples.map(({ auc }) => (auc - center) ** 2)));
    // The spread of 400 samples is itself known to 1/√800, 3.5 %: three of these.
    near(mean(samples.map(({ error }) => error)) / spread, 1, 0.11);
  });
}

test('the interval of a share is that of Wilson', () => {
  const [low, high] = wilson(0.5, 100);
  assert.ok(Math.abs(low - 0.4038) < 1e-4 && Math.abs(high - 0.5962) < 1e-4);
  assert.ok(Math.abs(wilson(1, 10)[1] - 1) < 1e-12);
});

test.run();
