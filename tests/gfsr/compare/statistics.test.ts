// Statistics over seeds, against printed tables, closed forms and values worked out by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  halfInterval,
  holm,
  mean,
  pairedTTest,
  standardDeviation,
  studentTCdf,
} from '../../../gfsr/compare/statistics.ts';

const near = (got: number, expected: number, within: number) =>
  assert.ok(Math.abs(got - expected) <= within, `${got}, expected ${expected}`);

test('mean and standard deviation', () => {
  assert.is(mean([1, 2, 6]), 3);
  near(standardDeviation([1, 2, 6]), Math.sqrt(7), 1e-15);
  assert.ok(Number.isNaN(standardDeviation([1])));
});

test("Student's distribution at its printed quantiles", () => {
  // [degrees, quantile, probability]
  const table = [
    [1, 6.313751515, 0.95],
    [1, 12.70620474, 0.975],
    [2, 4.30265273, 0.975],
    [4, 2.776445105, 0.975],
    [4, 4.604094871, 0.995],
    [9, 2.262157163, 0.975],
    [30, 2.042272456, 0.975],
    [120, 1.979930405, 0.975],
  ];
  for (const [degrees, t, p] of table) {
    near(studentTCdf(t, degrees), p, 1e-9);
    near(studentTCdf(-t, degrees), 1 - p, 1e-9);
  }
});

test("Student's distribution in closed form, far into its tails", () => {
  for (const t of [-50, -3, -0.2, 0, 0.7, 8, 1000]) {
    near(studentTCdf(t, 1), 0.5 + Math.atan(t) / Math.PI, 1e-14);
    near(studentTCdf(t, 2), 0.5 + t / (2 * Math.sqrt(2 + t * t)), 1e-14);
  }
  // ½ − ¾(s − s³/3), s = t/√(t² + 4), with 4 degrees at −100
  near(studentTCdf(-100, 4) / 2.998001047e-8, 1, 1e-7);
  assert.is(studentTCdf(Number.NEGATIVE_INFINITY, 3), 0);
  assert.throws(() => studentTCdf(0, 0), /degrees of freedom are 0/);
});

test('the paired t-test by hand', () => {
  // Differences 1, 2, 3: mean 2, sd 1, t = 2√3, two degrees of freedom: p = 1 − t/√(2 + t²) = 1 − √(12/14).
  const { pairs, difference, sd, t, p } = pairedTTest([1, 1, 1], [2, 3, 4]);
  assert.equal([pairs, difference, sd], [3, 2, 1]);
  near(t, 2 * Math.sqrt(3), 1e-14);
  near(p, 1 - Math.sqrt(12 / 14), 1e-14);
  near(pairedTTest([2, 3, 4], [1, 1, 1]).t, -t, 1e-14);
});

test('interval and effect size of paired differences', () => {
  // Differences 1, 2, 3: t_{0.975, 2} = 4.30265273, J(2) = Γ(1)/Γ(½) = 1/√π.
  const { half, effect } = pairedTTest([1, 1, 1], [2, 3, 4]);
  near(half, 4.30265273 / Math.sqrt(3), 1e-8);
  near(effect, 2 / Math.sqrt(Math.PI), 1e-12);
  near(halfInterval([1, 2, 3]), half, 1e-12);
  // J(4) = Γ(2)/(√2 Γ(3/2)) = √(2/π); 1 − 3/(4·4 − 1) = 0.8 is the usual approximation.
  const five = pairedTTest([0, 0, 0, 0, 0], [1, 2, 3, 4, 5]);
  near(five.effect, (Math.sqrt(2 / Math.PI) * 3) / Math.sqrt(2.5), 1e-12);
  near(pairedTTest([2, 3, 4], [1, 1, 1]).effect, -effect, 1e-12);
});

test('the paired t-test where there is little to test', () => {
  const same = pairedTTest([1, 2, 4], [1, 2, 4]);
  const none = { half: Number.NaN, effect: Number.NaN };
  assert.equal(same, { pairs: 3, difference: 0, sd: 0, t: 0, p: 1, ...none });
  assert.ok(Number.isNaN(pairedTTest([1], [2]).p));
  assert.ok(Number.isNaN(pairedTTest([1, 2], [2, 3.001]).p), 'two pairs');
  // 0.1 + 0.1 and the like: equal up to rounding.
  const equal = pairedTTest([0.1, 0.2, 0.3], [0.2, 0.1 + 0.2, 0.4]);
  assert.ok(Number.isNaN(equal.p) && Number.isNaN(equal.t));
  assert.ok(Number.isNaN(equal.half) && Number.isNaN(equal.effect));
  assert.is(pairedTTest([1, Number.NaN, 3, 1], [2, 3, 4, 3]).pairs, 3);
  assert.throws(() => pairedTTest([1], [1, 2]), /got 1 and 2 values/);
});

test('a cross-validation widens test and interval by what its trainings share', () => {
  // Differences 1, 2, 3: sd 1. In five parts, a third as many images test as train: √(1/3 + 1/3) instead of √(1/3).
  const [plain, crossed] = [0, 1 / 3].map((overlap) => pairedTTest([1, 1, 1], [2, 3, 4], overlap));
  near(crossed.t, 2 / Math.sqrt(2 / 3), 1e-12);
  near(crossed.half, plain.half * Math.sqrt(2), 1e-9);
  assert.ok(crossed.p > plain.p);
  assert.is(crossed.effect, plain.effect);
});

test("Holm's correction by hand", () => {
  const corrected = holm([0.01, 0.04, Number.NaN, 0.03, 0.005]);
  [0.03, 0.06, Number.NaN, 0.06, 0.02].forEach((p, i) => {
    if (Number.isNaN(p)) assert.ok(Number.isNaN(corrected[i]));
    else near(corrected[i], p, 1e-15);
  });
  assert.equal(holm([0.7, 0.6]), [1, 1]);
  assert.equal(holm([]), []);
});

test.run();
