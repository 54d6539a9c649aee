// First and second derivatives of float64 functions by central differences: only the function itself can be wrong.

import { type Array64, array64 } from './array64.ts';

export type Function64 = (inputs: readonly Array64[]) => Array64;

/**
 * f′(0) elementwise, of fourth order: error h⁴·f⁗′/30 and 10⁻¹⁶·|f|/h, about 10⁻¹² at h = 2·10⁻³.
 * The same at half the step must agree, so that a kink nearby gives an error instead of a wrong value.
 */
export function derivative(f: (t: number) => Float64Array, h = 2e-3): Float64Array {
  const [coarse, fine] = [stencil(f, h), stencil(f, h / 2)];
  const scale = Math.max(1e-2, ...coarse.map(Math.abs));
  for (let i = 0; i < fine.length; i++) {
    if (!(Math.abs(coarse[i] - fine[i]) <= 1e-5 * scale)) {
      throw new Error(
        `derivative: steps ${h} and ${h / 2} give ${coarse[i]} and ${fine[i]} (element ${i}): a kink is near.`,
      );
    }
  }
  return fine;
}

function stencil(f: (t: number) => Float64Array, h: number): Float64Array {
  const [a, b, c, d] = [-2, -1, 1, 2].map((k) => f(k * h));
  return a.map((_, i) => (a[i] - 8 * b[i] + 8 * c[i] - d[i]) / (12 * h));
}

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
};

/** One array per input, or undefined if the input does not change. */
export type Direction = readonly (Float64Array | undefined)[];

/** The inputs moved by t·direction. */
export function moved(inputs: readonly Array64[], direction: Direction, t: number): Array64[] {
  return inputs.map((x, i) => {
    const u = direction[i];
    return u
      ? array64(
          x.shape,
          x.data.map((v, k) => v + t * u[k]),
        )
      : x;
  });
}

/** d/dt f(x + t·v): the Jacobian times v. */
export const jvp64 = (f: Function64, inputs: readonly Array64[], v: Direction): Float64Array =>
  derivative((t) => f(moved(inputs, v, t)).data);

/** d/dt ⟨dy, f(x + t·v)⟩. */
export const slope64 = (
  f: Function64,
  inputs: readonly Array64[],
  dy: ArrayLike<number>,
  v: Direction,
  h?: number,
): number => derivative((t) => Float64Array.of(dot(dy, f(moved(inputs, v, t)).data)), h)[0];

/** d²/ds dt ⟨dy, f(x + s·u + t·v)⟩. */
export const curvature64 = (
  f: Function64,
  inputs: readonly Array64[],
  dy: ArrayLike<number>,
  u: Direction,
  v: Direction,
): number =>
  derivative((t) => {
    const there = moved(inputs, v, t);
    return stencil((s) => Float64Array.of(dot(dy, f(moved(there, u, s)).data)), 2e-3);
  })[0];
