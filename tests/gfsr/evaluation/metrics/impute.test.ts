// Noisy linear imputation: cases by hand, a dense solver, and the noise.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../engine/core/random.ts';
import { imputeLinear } from '../../../../gfsr/evaluation/metrics/impute.ts';

const exact = () => ({ noise: 0, random: new Random(0) });

test('one missing pixel: neighbours beside it weigh 1/6, across corners 1/12', () => {
  const image = Uint8Array.of(12, 60, 12, 60, 255, 60, 12, 60, 12);
  const removed = [0, 0, 0, 0, 1, 0, 0, 0, 0];
  const out = imputeLinear(image, removed, [3, 3], exact());
  assert.is(out[4], (4 * 60) / 6 + (4 * 12) / 12);
  assert.is(image[4], 255);
});

test('in a corner the weights inside the image are scaled up', () => {
  const out = imputeLinear(Uint8Array.of(0, 50, 100, 200), [1, 0, 0, 0], [2, 2], exact());
  assert.is(out[0], (50 / 6 + 100 / 6 + 200 / 12) / (5 / 12));
});

test('a gap in a line is bridged in a straight line', () => {
  const image = Uint8Array.of(0, 9, 9, 9, 200);
  assert.equal([...imputeLinear(image, [0, 1, 1, 1, 0], [1, 5], exact())], [0, 50, 100, 150, 200]);
});

test('each channel by itself, and what is not removed stays', () => {
  const out = imputeLinear(Uint8Array.of(10, 0, 30, 100, 0, 120), [0, 1, 0], [1, 3], exact());
  assert.equal([...out], [10, 20, 30, 100, 110, 120]);
});

test('equals a dense solution where most pixels are gone', () => {
  const [height, width] = [9, 11];
  const random = new Random(4);
  const image = Uint8Array.from({ length: height * width }, () => random.int(256));
  const removed = Array.from(image, (_, p) => (p % 7 === 0 ? 0 : 1));
  const out = imputeLinear(image, removed, [height, width], exact());
  const expected = dense(image, removed, height, width);
  for (const [p, value] of expected.entries()) {
    assert.ok(Math.abs(out[p] - value) <= 0.51, `pixel ${p}: got ${out[p]}, expected ${value}`);
  }
});

test('the noise has the deviation asked for', () => {
  const side = 60;
  const removed = Array.from({ length: side * side }, (_, p) => (p % 2 ? 1 : 0));
  const image = new Uint8Array(side * side).fill(128);
  const out = imputeLinear(image, removed, [side, side], { noise: 0.02, random: new Random(1) });
  const errors = [...out].filter((_, p) => removed[p]).map((v) => v - 128);
  const deviation = Math.sqrt(errors.reduce((sum, v) => sum + v * v, 0) / errors.length);
  assert.ok(Math.abs(deviation - 0.02 * 255) < 0.3, `deviation ${deviation}`);
});

test('says what is wrong', () => {
  assert.throws(() => imputeLinear(new Uint8Array(2), [1, 1], [1, 2], exact()), /every pixel/);
  assert.throws(() => imputeLinear(new Uint8Array(3), [1, 0], [1, 2], exact()), /sizes differ/);
});

/** Gaussian elimination on the equation of every pixel. */
function dense(image: Uint8Array, removed: number[], height: number, width: number): number[] {
  const n = height * width;
  const rows = Array.from({ length: n }, (_, p) => {
    const row = new Array<number>(n + 1).fill(0);
    if (!removed[p]) {
      row[p] = 1;
      row[n] = image[p];
      return row;
    }
    for (let q = 0; q < n; q++) {
      const dy = Math.abs(Math.floor(p / width) - Math.floor(q / width));
      const dx = Math.abs((p % width) - (q % width));
      if (q === p || dy > 1 || dx > 1) continue;
      const weight = dy + dx === 1 ? 1 / 6 : 1 / 12;
      row[p] += weight;
      row[q] -= weight;
    }
    return row;
  });
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      if (i === k || rows[i][k] === 0) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return rows.map((row, k) => row[n] / row[k]);
}

test.run();
