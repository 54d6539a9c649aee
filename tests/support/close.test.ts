// The message of a failed comparison, and checks of the float64 oracles themselves.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { array64 } from './array64.ts';
import { curvature64, type Function64, jvp64, slope64 } from './autodiff64.ts';
import { close } from './close.ts';

const says = (actual: number[], expected: number[], tolerance: object): string => {
  try {
    close(actual, expected, { op: 'conv2d', shape: [2, 3], ...tolerance });
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

test('a failure names op, shape, first bad index, both values and the largest error', () => {
  assert.is(
    says([0, 1, 2, 3, 4.5, 7], [0, 1, 2, 3, 4, 5], { rtol: 0.01 }),
    'conv2d [2, 3]: 2 of 6 values differ; first at [1, 1]: got 4.5, expected 4; ' +
      'largest error 2 at [1, 2] (rtol 0.01, atol 0).',
  );
  assert.is(says([1], [1, 2], {}), 'conv2d [2, 3]: 1 values, expected 2.');
});

test('tolerances are inclusive; NaN and infinity equal only themselves', () => {
  const six = [1, 2, 3, 4, 5];
  assert.is(says([...six, 6.5], [...six, 6], { atol: 0.5 }), '');
  assert.is(says([...six, Number.NaN], [...six, Number.NaN], {}), '');
  assert.is(says([...six, Number.POSITIVE_INFINITY], [...six, Number.POSITIVE_INFINITY], {}), '');
  assert.match(says([...six, Number.NaN], [...six, 6], { atol: 1e9 }), 'got NaN, expected 6');
  assert.match(says([...six, 6], [...six, Number.NaN], { atol: 1e9 }), 'got 6, expected NaN');
  assert.match(
    says([...six, 6], [...six, Number.POSITIVE_INFINITY], { atol: 1e9 }),
    'expected Inf',
  );
});

test('first and second derivatives of x³y', () => {
  const f: Function64 = ([x, y]) => array64([1], [x.data[0] ** 3 * y.data[0]]);
  const inputs = [array64([1], [2]), array64([1], [5])];
  const [dx, dy] = [
    [Float64Array.of(1), undefined],
    [undefined, Float64Array.of(1)],
  ];
  const near = (actual: number, expected: number) =>
    close([actual], [expected], { op: 'derivative', shape: [], rtol: 1e-8 });
  near(slope64(f, inputs, [1], dx), 60);
  near(jvp64(f, inputs, dy)[0], 8);
  near(curvature64(f, inputs, [1], dx, dx), 60);
  near(curvature64(f, inputs, [3], dx, dy), 36);
});

test('a kink within reach is an error', () => {
  const f: Function64 = ([x]) => array64([1], [Math.abs(x.data[0] - 1)]);
  assert.throws(
    () => slope64(f, [array64([1], [1.001])], [1], [Float64Array.of(1)]),
    /steps 0.002 and 0.001 give .* a kink is near/,
  );
});

test.run();
