// The bootstrap: draws by hand, intervals against closed forms, pairs, and groups that stay together.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../engine/core/random.ts';
import {
  FEWEST_GROUPS,
  percentiles,
  RESAMPLES,
  resamples,
  unitsOf,
  weightedMean,
} from '../../../../gfsr/evaluation/metrics/bootstrap.ts';

const resampled = (count: number, measure: (drawn: Float64Array) => number, groups?: string[]) => {
  const values = new Float64Array(RESAMPLES);
  let at = 0;
  for (const drawn of resamples(unitsOf(count, groups))) values[at++] = measure(drawn);
  return values;
};

test('each draw has as many images as there are, and all draws are the same each time', () => {
  const sum = (drawn: Float64Array) => drawn.reduce((a, b) => a + b, 0);
  assert.ok(resampled(50, sum).every((total) => total === 50));
  const first = (drawn: Float64Array) => drawn[0];
  assert.equal(resampled(50, first), resampled(50, first));
  const never = resampled(50, (drawn) => Number(drawn[0] === 0));
  // (1 − 1/50)^50 = 0.364; the standard error over 1,000 draws is 0.015.
  assert.ok(Math.abs(never.reduce((a, b) => a + b, 0) / RESAMPLES - 0.364) < 0.06);
});

test('the interval of a mean is that of the normal distribution', () => {
  const random = new Random('mean');
  const values = Float64Array.from({ length: 400 }, () => random.normal());
  const mean = values.reduce((a, b) => a + b, 0) / 400;
  const sd = Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / 400);
  const { low, high } = percentiles(resampled(400, (drawn) => weightedMean(values, drawn)));
  const half = (1.96 * sd) / 20;
  assert.ok(Math.abs(low - (mean - half)) < 0.15 * half, `${low}`);
  assert.ok(Math.abs(high - (mean + half)) < 0.15 * half, `${high}`);
});

test('a difference is paired: two measures that always differ by 1 differ by 1 in every draw', () => {
  const random = new Random('pairs');
  const a = Float64Array.from({ length: 30 }, () => random.normal());
  const b = a.map((value) => value + 1);
  const values = resampled(30, (drawn) => weightedMean(b, drawn) - weightedMean(a, drawn));
  assert.ok(values.every((value) => Math.abs(value - 1) < 1e-12));
});

test('images of a group are drawn together, if there are enough groups', () => {
  const groups = Array.from({ length: 100 }, (_, i) => `patient ${i % FEWEST_GROUPS}`);
  assert.equal(unitsOf(100, groups).kind, 'groups');
  const alike = resampled(100, (drawn) => Number(drawn[3] === drawn[3 + FEWEST_GROUPS]), groups);
  assert.ok(alike.every((value) => value === 1));
  // The values of a group are equal, so 100 images say as much as 20: the interval is √5 times as wide.
  const values = groups.map((name) => Number(name.slice(8)));
  const width = (groups?: string[]) => {
    const { low, high } = percentiles(resampled(100, (d) => weightedMean(values, d), groups));
    return high - low;
  };
  const ratio = width(groups) / width();
  assert.ok(ratio > 1.9 && ratio < 2.6, `${ratio}`);
  const few = groups.map((name) => name.slice(0, 9));
  assert.equal(unitsOf(100, few).kind, 'images');
});

test('quantiles by hand; values that are not finite are left out, and too many of them leave none', () => {
  const { low, high } = percentiles(Array.from({ length: 41 }, (_, i) => i));
  assert.equal([low, high], [1, 39]);
  assert.equal(percentiles([1, 1, Number.NaN]), { low: 1, high: 1 });
  assert.ok(Number.isNaN(percentiles([1, Number.NaN]).low));
  assert.ok(Number.isNaN(percentiles([]).low));
  assert.is(weightedMean([1, Number.NaN, 4], [1, 5, 2]), 3);
});

test.run();
