// Activations and other functions of one number that WGSL lacks or does not define for all values.

import { unary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

/**
 * The error function: up to 1 as x·P(x²), above as 1 − e^R(|x|), which is 1 in float32 from 4 on. The polynomials
 * are minimax fits with an error of 1.2·10⁻⁹. The rest is rounding and the error of exp.
 */
const ERF = /* wgsl */ `
fn erf(v: T) -> T {
  let s = v * v;
  let near = v * (1.12837911 + s * (-0.37612626 + s * (0.112836003 + s * (-0.0268544443
    + s * (0.00518953521 + s * (-0.000802084105 + s * 7.8891193e-05))))));
  let t = min(abs(v), T(4.0));
  let far = ONE - exp(-0.000353708921 + t * (-1.12704003 + t * (-0.638225615 + t * (-0.103037439
    + t * (0.0218053516 + t * (-0.00293961563 + t * 0.0001855749))))));
  return select(near, sign(v) * far, abs(v) > ONE);
}
`;

/** WGSL's tanh may overflow inside. */
const TANH = /* wgsl */ `
fn safe_tanh(v: T) -> T { return select(tanh(v), sign(v), abs(v) > T(15.0)); }
`;

/** ln(1 + e) for e in [0, 1] as the series of 2·artanh(e/(2 + e)): log(1 + e) would lose a small e. */
const LOG1P = /* wgsl */ `
fn log1p(e: T) -> T {
  let r = e / (2.0 + e);
  let s = r * r;
  return 2.0 * r * (1.0 + s * (1.0 / 3.0 + s * (1.0 / 5.0 + s * (1.0 / 7.0 + s * (1.0 / 9.0
    + s * (1.0 / 11.0 + s * (1.0 / 13.0 + s / 15.0)))))));
}
`;

/** v^n by squaring for a whole n, where v may be negative. Otherwise WGSL's pow, and NaN (by its bits) for v < 0. */
const POWER = /* wgsl */ `
fn power(v: T, n: f32) -> T {
  if (n != trunc(n)) {
    let nan = bitcast<T>(bitcast<vec4u>(v) | vec4u(0x7fc00000u));
    let at_zero = select(ZERO, ONE / abs(v), T(n) < ZERO);
    let positive = select(pow(abs(v), T(n)), at_zero, v == ZERO);
    return select(positive, nan, (v < ZERO) | is_nan(v));
  }
  var result = ONE;
  var base = v;
  for (var rest = u32(abs(n)); rest > 0u; rest /= 2u) {
    if ((rest & 1u) == 1u) { result *= base; }
    base *= base;
  }
  return select(result, ONE / result, T(n) < ZERO);
}
`;

/** `a` and `b` are attributes of the op. Comparisons are written so that NaN stays NaN. */
export const activationKernels = {
  erf: unary('erf', 'erf(v)', ERF),
  gelu: unary('gelu', '0.5 * v * (1.0 + erf(0.70710678 * v))', ERF),
  geluTanh: unary(
    'gelu_tanh',
    '0.5 * v * (1.0 + safe_tanh(0.79788456 * (v + 0.044715 * v * v * v)))',
    TANH,
  ),
  silu: unary('silu', 'v / (1.0 + exp(-v))'),
  softplus: unary('softplus', 'select(v, ZERO, v <= ZERO) + log1p(exp(-abs(v)))', LOG1P),
  leakyRelu: unary('leaky_relu', 'select(v, a * v, v <= ZERO)'),
  hardsigmoid: unary(
    'hardsigmoid',
    'select(select(v / 6.0 + 0.5, ONE, v > T(3.0)), ZERO, v < T(-3.0))',
  ),
  hardswish: unary(
    'hardswish',
    'select(select(v * (v / 6.0 + 0.5), v, v > T(3.0)), ZERO, v < T(-3.0))',
  ),
  hardswishSlope: unary(
    'hardswish_slope',
    'select(select(v / 3.0 + 0.5, ONE, v > T(3.0)), ZERO, v < T(-3.0))',
  ),
  clamp: unary('clamp', 'select(select(v, T(b), v > T(b)), T(a), v < T(a))'),
  within: unary('within', 'select(ZERO, ONE, (v >= T(a)) & (v <= T(b)))'),
  pow: unary('pow', 'power(v, a)', POWER),
} satisfies Record<string, Kernel>;
