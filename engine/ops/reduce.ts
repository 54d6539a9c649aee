// Means, extremes, norms and spreads over axes; sums are in broadcast.ts.

import { unaryKernels } from '../../kernels/elementwise.ts';
import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import type { Tensor } from '../core/tensor.ts';
import {
  type Axes,
  chosenAxes,
  type Fold,
  foldForward,
  foldShape,
  foldSum,
  overAxes,
  type ReduceOptions,
  reshape,
  sum,
} from './broadcast.ts';
import {
  add,
  div,
  equal,
  mul,
  reluInputGrad,
  scaleShift,
  square,
  step,
  sub,
} from './elementwise.ts';
import { permute } from './shape.ts';

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

/** y = mean of x over `axes` (default: all). */
export function mean(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const y = sum(x, axes, options);
  return scaleShift(y, y.size / x.size, 0);
}

/** y = max x over `axes` (default: all), NaN if one is. The subgradient is shared evenly among equal maxima. */
export function max(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes('max', foldMax, x, axes, options);
}

/** y = min x over `axes` (default: all), NaN if one is. The subgradient is shared evenly among equal minima. */
export function min(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes('min', foldMin, x, axes, options);
}

/**
 * x/y for y = ‖x‖, and 0 with no derivative of any order where y is 0. What does not count is selected away: a factor
 * of 0 would leave the NaN of 0/0 as it is.
 */
function direction(x: Tensor, y: Tensor): Tensor {
  const divisor = add(y, scaleShift(step(y), -1, 1)); // 1 where y is 0
  return reluInputGrad(div(x, divisor), y);
}

const foldNorm: ApplyOp<Fold> = defineOp('norm', {
  inputs: ['x'],
  shape: foldShape,
  forward: (gpu, [x], fold, y) => {
    const [squares, total] = [gpu.empty(x.shape), gpu.empty(y.shape)];
    gpu.run(unaryKernels.square, { x, y: squares }, { size: x.size, a: 1, b: 0 });
    foldForward('sum')(gpu, [squares], fold, total);
    gpu.run(unaryKernels.sqrt, { x: total, y }, { size: y.size, a: 1, b: 0 });
    squares.dispose();
    total.dispose();
  },
  vjp: [({ dy, inputs: [x], y }) => mul(dy, direction(x, y))],
});

/**
 * y = ‖x‖ = √(Σ x²) over `axes` (all by default), as `torch.linalg.vector_norm`. Where x is 0, the first and second
 * derivatives are 0; those of `sqrt(sum(square(x)))` are NaN there.
 *
 * Values below 10⁻¹⁹ count as 0, since their squares are no float32.
 *
 * @throws RangeError for an axis that x does not have
 */
export function norm(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const chosen = chosenAxes('norm', axes, x.shape);
  const [first, last] = [chosen[0], chosen[chosen.length - 1]];
  if (last - first < chosen.length) return overAxes('norm', foldNorm, x, axes, options);
  // In one fold: a norm of norms has no second derivative along what an inner norm of 0 was taken of.
  const kept = x.shape.flatMap((_, axis) => (chosen.includes(axis) ? [] : [axis]));
  const together = chosen.map((_, i) => kept.length + i);
  const y = overAxes('norm', foldNorm, permute(x, [...kept, ...chosen]), together, {});
  if (!options.keepDims) return y;
  return reshape(
    y,
    x.shape.map((n, axis) => (chosen.includes(axis) ? 1 : n)),
  );
}

/** Options of `variance` and `std`. */
export interface SpreadOptions extends ReduceOptions {
  /**
   * c in 1/(n − c): 1 for an estimate from a sample, 0 for the spread of the values themselves. Default 1 (PyTorch).
   */
  readonly correction?: number;
}

/** x − mean x, and n − c. */
function deviations(
  name: string,
  x: Tensor,
  axes: Axes | undefined,
  correction: number,
): { readonly deviation: Tensor; readonly divisor: number } {
  const center = mean(x, axes, { keepDims: true });
  const n = x.size / center.size;
  if (!(correction < n)) {
    throw new RangeError(
      `${name}: correction is ${correction}, expected less than ${n}, the number of values. Pass { correction: 0 }.`,
    );
  }
  return { deviation: sub(x, center), divisor: n - correction };
}

/**
 * y = Σ (x − mean x)²/(n − c) over the n values along `axes` (all by default), as `torch.var`.
 *
 * @throws RangeError for an axis that x does not have, or a correction of n or more
 */
export function variance(
  x: Tensor,
  axes?: Axes,
  { correction = 1, ...options }: SpreadOptions = {},
): Tensor {
  const { deviation, divisor } = deviations('variance', x, axes, correction);
  return scaleShift(sum(square(deviation), axes, options), 1 / divisor, 0);
}

/**
 * y = √(Σ (x − mean x)²/(n − c)) over the n values along `axes` (all by default), as `torch.std`. Where all values
 * equal their mean, the first and second derivatives are 0; those of `sqrt(variance(x))` are NaN there.
 *
 * Where the mean of equal values is rounded, the derivatives are finite.
 *
 * @throws RangeError for an axis that x does not have, or a correction of n or more
 */
export function std(
  x: Tensor,
  axes?: Axes,
  { correction = 1, ...options }: SpreadOptions = {},
): Tensor {
  const { deviation, divisor } = deviations('std', x, axes, correction);
  return scaleShift(norm(deviation, axes, options), 1 / Math.sqrt(divisor), 0);
}
