// Quantiles by hand, and what a bootstrap interval must do.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { median, medianRatio, quantile } from '../../bench/statistics.ts';

test('quantiles lie between neighbours, whatever the order', () => {
  assert.is(median([3, 1, 2]), 2);
  assert.is(median([4, 1, 3, 2]), 2.5);
  assert.is(quantile([40, 10, 30, 20], 0.25), 17.5);
  assert.is(quantile([5], 0.9), 5);
  assert.is(quantile([1, 2], 1), 2);
});

test('samples without spread give an interval without width', () => {
  assert.equal(medianRatio([6, 6, 6], [3, 3, 3, 3]), { low: 2, value: 2, high: 2 });
});

test('the interval is that of every resample, counted out by hand', () => {
  // Of three draws out of (1, 2, 3) the median is 1 in 7 of 27 cases, 2 in 13, 3 in 7; each tail is far above 2.5 %.
  assert.equal(medianRatio([1, 2, 3], [1, 1, 1]), { low: 1, value: 2, high: 3 });
  // Of five draws the median is the least only if three or more are: 181 of 3125, 5.8 % > 2.5 %.
  const { low, high } = medianRatio([1, 2, 3, 4, 5], [1, 1, 1, 1, 1]);
  assert.equal([low, high], [1, 5]);
  // Of seven, the least takes four or more draws: 1.0 %; so the 2.5 % point is the second.
  const seven = medianRatio([1, 2, 3, 4, 5, 6, 7], [1, 1, 1, 1, 1]);
  assert.equal([seven.low, seven.high], [2, 6]);
});

test('the same samples give the same interval', () => {
  const [a, b] = [
    [1, 1.2, 0.9, 1.1, 1.05],
    [2, 2.2, 1.9, 2.1, 2.05],
  ];
  assert.equal(medianRatio(a, b), medianRatio(a, b));
});

test.run();
