// sRGB to L*a*b* against published values of the primaries.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toLab } from '../../../gfsr/image/color.ts';

const close = (actual: ArrayLike<number>, expected: number[], eps: number): void => {
  expected.forEach((e, i) => {
    assert.ok(Math.abs(actual[i] - e) <= eps, `[${i}] ${actual[i]}, expected ${e}`);
  });
};

test('white, black, the primaries and mid grey (values of D65 sRGB tables)', () => {
  const one = { channels: 3, height: 1, width: 1 };
  close(toLab(new Uint8Array([255, 255, 255]), one), [100, 0, 0], 0.01);
  close(toLab(new Uint8Array([0, 0, 0]), one), [0, 0, 0], 0.01);
  close(toLab(new Uint8Array([255, 0, 0]), one), [53.24, 80.09, 67.2], 0.02);
  close(toLab(new Uint8Array([0, 255, 0]), one), [87.73, -86.18, 83.18], 0.02);
  close(toLab(new Uint8Array([0, 0, 255]), one), [32.3, 79.19, -107.86], 0.02);
  close(toLab(new Uint8Array([119, 119, 119]), one), [50.03, 0, 0], 0.02);
});

test('grey keeps lightness only, and floats agree with bytes', () => {
  const shape = { channels: 1, height: 1, width: 3 };
  const bytes = toLab(new Uint8Array([0, 119, 255]), shape);
  close(bytes, [0, 50.03, 100], 0.02);
  assert.is(bytes.length, 3);
  close(toLab(new Float32Array([0, 119, 255]), shape), [...bytes], 1e-5);
  const between = toLab(new Float32Array([118.5, 119, 300]), shape);
  assert.ok(between[0] < between[1] && between[0] > 49);
  close(between.subarray(2), [100], 1e-4);
});

test.run();
