// Means and extremes over axes; sums are in broadcast.ts.

import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import type { Tensor } from '../core/tensor.ts';
import {
  type Axes,
  type Fold,
  foldForward,
  foldShape,
  foldSum,
  overAxes,
  type ReduceOptions,
  sum,
} from './broadcast.ts';
import { div, equal, mul, scaleShift } from './elementwise.ts';

const defineExtreme = (name: 'max' | 'min'): ApplyOp<Fold> =>
  defineOp(name, {
    inputs: ['x'],
    shape: foldShape,
    forward: foldForward(name),
    vjp: [
      ({ dy, inputs: [x], y, attrs }) => {
        const hits = equal(x, y);
        return mul(hits, div(dy, foldSum([hits], attrs)));
      },
    ],
  });

const foldMax = defineExtreme('max');
const foldMin = defineExtreme('min');

/** y = mean of x over `axes` (all by default). */
export function mean(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const y = sum(x, axes, options);
  return scaleShift(y, y.size / x.size, 0);
}

/** y = max x over `axes` (all by default), NaN if one is; the subgradient is shared evenly among equal maxima. */
export function max(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes('max', foldMax, x, axes, options);
}

/** y = min x over `axes` (all by default), NaN if one is; the subgradient is shared evenly among equal minima. */
export function min(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes('min', foldMin, x, axes, options);
}
