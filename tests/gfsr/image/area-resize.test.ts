// Area weights: exact at whole and broken ratios, and mean-preserving.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { areaOverlaps, areaResize } from '../../../gfsr/image/area-resize.ts';

test('whole ratio averages blocks; same size copies', () => {
  const source = Float32Array.from([1, 3, 5, 7, 2, 4, 6, 8]);
  assert.equal([...areaResize(source, [2, 4], [1, 2])], [2.5, 6.5]);
  const copy = areaResize(source, [2, 4], [2, 4]);
  assert.equal([...copy], [...source]);
  assert.is.not(copy, source);
});

test('3 to 2: each output takes one and a half inputs', () => {
  assert.equal([...areaResize(Float32Array.from([0, 3, 6]), [1, 3], [1, 2])], [1, 5]);
  const [first, second] = areaOverlaps(3, 2);
  assert.is(first.first, 0);
  assert.ok(Math.abs(first.shares[0] - 2 / 3) < 1e-15);
  assert.is(second.first, 1);
});

test('enlarging: 2 to 3 mixes only where a pixel straddles', () => {
  assert.equal([...areaResize(Float32Array.from([0, 6]), [1, 2], [1, 3])], [0, 3, 6]);
});

test('any ratio keeps the mean, and shares sum to 1', () => {
  const source = Float32Array.from({ length: 28 * 28 }, (_, i) => (i * 37) % 101);
  const mean = (a: Float32Array): number => a.reduce((s, v) => s + v, 0) / a.length;
  for (const size of [
    [7, 7],
    [13, 5],
    [14, 28],
    [40, 31],
  ] as const) {
    assert.ok(Math.abs(mean(areaResize(source, [28, 28], size)) - mean(source)) < 1e-3);
  }
  for (const { shares } of areaOverlaps(28, 13)) {
    assert.ok(Math.abs(shares.reduce((s, v) => s + v, 0) - 1) < 1e-12);
  }
});

test('bad sizes', () => {
  assert.throws(() => areaResize(new Float32Array(3), [2, 2], [1, 1]), /got 3, expected 4/);
  assert.throws(() => areaResize(new Float32Array(4), [2, 2], [0, 1]), /areaOverlaps: bad sizes/);
});

test.run();
