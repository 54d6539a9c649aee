// Activations and other smooth or clipped functions of one number.

import { activationKernels as kernels } from '../../kernels/activations.ts';
import type { Tensor } from '../core/tensor.ts';
import { exp, mul, neg, scaleShift, sigmoid, square, step, tanh } from './elementwise.ts';
import { unary, unaryWith } from './elementwise-op.ts';

/** y = 2/√π·∫₀ˣ e^(−t²) dt; largest error 1.4·10⁻⁷ over [−6, 6] on lavapipe, relative 1.7·10⁻⁷. */
export const erf: (x: Tensor) => Tensor = unary('erf', kernels.erf, ({ dy, inputs: [x] }) =>
  scaleShift(mul(dy, exp(neg(square(x)))), 2 / Math.sqrt(Math.PI), 0),
);

const geluOp = unary('gelu', kernels.gelu, {
  composite: (x) =>
    mul(scaleShift(x, 0.5, 0), scaleShift(erf(scaleShift(x, Math.SQRT1_2, 0)), 1, 1)),
});

const geluTanhOp = unary('geluTanh', kernels.geluTanh, {
  composite: (x) => {
    const inner = mul(x, scaleShift(square(x), 0.044715, 1));
    const slope = tanh(scaleShift(inner, Math.sqrt(2 / Math.PI), 0));
    return mul(scaleShift(x, 0.5, 0), scaleShift(slope, 1, 1));
  },
});

/** Options of `gelu`. */
export interface GeluOptions {
  /** `tanh`: y = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))). Default `none`. */
  readonly approximate?: 'none' | 'tanh';
}

/**
 * y = x/2·(1 + erf(x/√2)) (Hendrycks & Gimpel 2016), or its approximation by tanh. The error, relative to |x|, is
 * that of erf.
 *
 * @throws RangeError for another `approximate`
 */
export function gelu(x: Tensor, { approximate = 'none' }: GeluOptions = {}): Tensor {
  if (approximate !== 'none' && approximate !== 'tanh') {
    throw new RangeError(`gelu: approximate is ${approximate}, expected 'none' or 'tanh'.`);
  }
  return approximate === 'tanh' ? geluTanhOp(x) : geluOp(x);
}

/** y = x/(1 + e^−x). */
export const silu: (x: Tensor) => Tensor = unary('silu', kernels.silu, {
  composite: (x) => mul(x, sigmoid(x)),
});

/** y = ln(1 + e^x) without overflow; on either side as accurate as the device's exp. */
export const softplus: (x: Tensor) => Tensor = unary(
  'softplus',
  kernels.softplus,
  ({ dy, inputs: [x] }) => mul(dy, sigmoid(x)),
);

const leakyReluOp = unaryWith(
  'leakyRelu',
  kernels.leakyRelu,
  ({ dy, inputs: [x], attrs: { a: slope } }) => mul(dy, scaleShift(step(x), 1 - slope, slope)),
);

/** y = x where x > 0, else slope·x. The subgradient at 0 is `slope`. */
export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => leakyReluOp(x, { a: slope, b: 0 });

const clampOp = unaryWith('clamp', kernels.clamp, ({ dy, inputs: [x], attrs }) =>
  mul(dy, withinOp(x, attrs)),
);

const withinOp = unaryWith('within', kernels.within, 'zero');

/**
 * y = min(max(x, low), high); the subgradient is 1 where low ≤ x ≤ high, bounds included, else 0.
 *
 * @throws RangeError unless low ≤ high
 */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  needRange('clamp', low, high);
  return clampOp(x, { a: low, b: high });
}

/** y = 1 where low ≤ x ≤ high, else 0; its gradient is zero. @throws RangeError unless low ≤ high */
export function within(x: Tensor, low: number, high: number): Tensor {
  needRange('within', low, high);
  return withinOp(x, { a: low, b: high });
}

/** y = 0 below −3, 1 above 3, x/6 + ½ between; the subgradient at ±3 is 1/6. */
export const hardsigmoid: (x: Tensor) => Tensor = unary(
  'hardsigmoid',
  kernels.hardsigmoid,
  ({ dy, inputs: [x] }) => mul(dy, scaleShift(within(x, -3, 3), 1 / 6, 0)),
);

/** The derivative of `hardswish`: x/3 + ½ where −3 ≤ x ≤ 3. */
const hardswishSlope = unary('hardswishSlope', kernels.hardswishSlope, ({ dy, inputs: [x] }) =>
  mul(dy, scaleShift(within(x, -3, 3), 1 / 3, 0)),
);

/** y = x·hardsigmoid(x) (Howard et al. 2019); the subgradient is −½ at −3 and 3/2 at 3, as PyTorch's. */
export const hardswish: (x: Tensor) => Tensor = unary(
  'hardswish',
  kernels.hardswish,
  ({ dy, inputs: [x] }) => mul(dy, hardswishSlope(x)),
);

function needRange(name: string, low: number, high: number): void {
  if (!(low <= high)) {
    throw new RangeError(`${name}: bounds ${low} and ${high}, expected low ≤ high.`);
  }
}

const powOp = unaryWith('pow', kernels.pow, ({ dy, inputs: [x], attrs: { a: exponent } }) =>
  exponent === 0 ? scaleShift(dy, 0, 0) : scaleShift(mul(dy, pow(x, exponent - 1)), exponent, 0),
);

/**
 * y = x^exponent. A whole exponent accepts any x (products by squaring). Any other gives NaN for x < 0, and is
 * otherwise the device's `pow`: relative errors of 8·10⁻⁷ at exponent 2.5 and 2.3·10⁻⁶ at 7.3 on lavapipe.
 *
 * @throws RangeError unless |exponent| is below 2³²
 */
export function pow(x: Tensor, exponent: number): Tensor {
  if (!(Math.abs(exponent) < 2 ** 32)) {
    throw new RangeError(`pow: exponent is ${exponent}, expected a number between −2³² and 2³².`);
  }
  return powOp(x, { a: exponent, b: 0 });
}
