// Rank correlation and SSIM by hand; bilinear resize, on which the comparison with images rests.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  rankCorrelation,
  ranks,
  structuralSimilarity,
} from '../../../../gfsr/evaluation/metrics/map-similarity.ts';
import { bilinearResize } from '../../../../gfsr/image/bilinear-resize.ts';

const close = (a: number, b: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(a - b) <= tolerance, `got ${a}, expected ${b}`);

test('ranks share the mean among ties', () => {
  assert.equal([...ranks([3, 1, 3, 2])], [3.5, 1, 3.5, 2]);
});

test("Spearman's correlation: order alone counts", () => {
  close(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1000]), 1);
  close(rankCorrelation([1, 2, 3, 4], [9, 5, 2, 0]), -1);
  close(rankCorrelation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]), 1 - (6 * 4) / (5 * 24));
  assert.ok(Number.isNaN(rankCorrelation([1, 1, 1], [1, 2, 3])));
  assert.ok(Number.isNaN(rankCorrelation([1, Number.NaN, 3], [1, 2, 3])));
  assert.throws(() => rankCorrelation([1], [1, 2]), /lengths differ, got 1 and 2/);
});

test('SSIM: 1 for the same map in any scale, by hand for an inverted map, NaN for a constant one', () => {
  const map = [0, 1, 2, 3];
  close(
    structuralSimilarity(
      map,
      map.map((v) => 5 * v + 7),
      [2, 2],
    ),
    1,
  );
  // Means 1/2, variances 5/36, covariance −5/36.
  const expected = (-2 * (5 / 36) + 0.0009) / (2 * (5 / 36) + 0.0009);
  close(structuralSimilarity(map, [...map].reverse(), [2, 2]), expected);
  assert.ok(Number.isNaN(structuralSimilarity(map, [1, 1, 1, 1], [2, 2])));
  assert.throws(() => structuralSimilarity(map, map, [2, 3]), /got 4 and 4 pixels, expected 6/);
});

test('SSIM is the mean over windows of 7×7', () => {
  const size = [7, 8] as const;
  const a = Array.from({ length: 56 }, (_, p) => Math.sin(p));
  const b = a.map((v, p) => (p % 8 === 7 ? -v : v)); // differs in the last column alone
  const whole = structuralSimilarity(a, b, size);
  assert.ok(whole > 0.5 && whole < 1, `${whole}`); // one of two windows is the same
});

test('bilinear resize: the same size is a copy, twice the size has quarters between', () => {
  assert.equal([...bilinearResize([1, 2, 3, 4], [2, 2], [2, 2])], [1, 2, 3, 4]);
  assert.equal([...bilinearResize([0, 4], [1, 2], [1, 4])], [0, 1, 3, 4]);
  assert.equal([...bilinearResize([5], [1, 1], [2, 3])], [5, 5, 5, 5, 5, 5]);
  assert.throws(() => bilinearResize([1], [2, 2], [4, 4]), /got 1, expected 4/);
});

test.run();
