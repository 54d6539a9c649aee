// Directional derivatives of float64 functions by differences: exact for polynomials of degree 2.

import type { Array64 } from '../support/array64.ts';
import {
  curvature64,
  type Direction,
  dot,
  type Function64,
  jvp64,
  moved,
  slope64,
} from '../support/autodiff64.ts';

export interface Oracle {
  /** d/dt ⟨dy, f(x + t·v)⟩. */
  readonly slope: (v: Direction) => number;
  /** d²/ds dt ⟨dy, f(x + s·u + t·v)⟩. */
  readonly curvature: (u: Direction, v: Direction) => number;
  /** d/dt f(x + t·u), elementwise. */
  readonly jvp: (u: Direction) => Float64Array;
}

const smooth = (f: Function64, inputs: readonly Array64[], dy: ArrayLike<number>): Oracle => ({
  slope: (v) => slope64(f, inputs, dy, v),
  curvature: (u, v) => curvature64(f, inputs, dy, u, v),
  jvp: (u) => jvp64(f, inputs, u),
});

/** Where the third derivative vanishes, a central difference of step 1 has only rounding error. */
const quadratic = (f: Function64, inputs: readonly Array64[], dy: ArrayLike<number>): Oracle => {
  const value = (at: readonly Array64[]) => dot(dy, f(at).data);
  const slopeAt = (at: readonly Array64[], v: Direction) =>
    (value(moved(at, v, 1)) - value(moved(at, v, -1))) / 2;
  return {
    slope: (v) => slopeAt(inputs, v),
    curvature: (u, v) => (slopeAt(moved(inputs, u, 1), v) - slopeAt(moved(inputs, u, -1), v)) / 2,
    jvp: (u) => {
      const back = f(moved(inputs, u, -1)).data;
      return f(moved(inputs, u, 1)).data.map((v, i) => (v - back[i]) / 2);
    },
  };
};

export const oracleOf = (exact = false): typeof smooth => (exact ? quadratic : smooth);
