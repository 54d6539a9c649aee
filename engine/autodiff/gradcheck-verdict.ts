// Whether a derivative agrees with a finite difference of float32 values.

/** One derivative along one direction, by the tape and by finite differences of the order below. */
export interface Derivative {
  readonly input: string;
  readonly order: 1 | 2;
  readonly analytic: number;
  readonly numeric: number;
  /** The possible error of the differences themselves: rounding, curvature, a kink nearby. */
  readonly uncertainty: number;
  /** `unclear`: the function is too rough here for differences to decide. */
  readonly verdict: 'right' | 'wrong' | 'unclear';
}

/** A tape in float32 may differ from the truth by this fraction of the root sum of squares of its terms. */
const RTOL = 2e-3;
/** Rounding error of one float32 operation. */
const EPS = 2 ** -24;
/** Differences that are more certain than this fraction of what they measure count as proof. */
const SURE = 0.1;

/** Compares ⟨dx, v⟩ with a finite difference. */
export function judge(
  input: string,
  order: 1 | 2,
  dx: ArrayLike<number>,
  v: Float32Array,
  { slope, uncertainty }: { slope: number; uncertainty: number },
): Derivative {
  let [analytic, squares] = [0, 0];
  v.forEach((value, i) => {
    analytic += dx[i] * value;
    squares += (dx[i] * value) ** 2;
  });
  const size = Math.max(Math.sqrt(squares), Math.abs(slope));
  const miss = Math.abs(analytic - slope);
  const close = miss <= RTOL * size + 3 * uncertainty;
  const sure = uncertainty <= SURE * size || (size === 0 && uncertainty === 0);
  // If both are zero, only rounding is left.
  const nothing = squares === 0 && Math.abs(slope) <= 3 * uncertainty;
  const verdict = !close ? 'wrong' : sure || nothing ? 'right' : 'unclear';
  return { input, order, analytic, numeric: slope, uncertainty, verdict };
}

/** A sum, and its noise. */
export interface Weighed {
  readonly value: number;
  readonly noise: number;
}

/** ⟨values, weights⟩ in float64, and the error that float32 rounding of the values may add. */
export function weigh(values: Float32Array, weights: Float32Array): Weighed {
  let [value, squares] = [0, 0];
  values.forEach((each, i) => {
    value += each * weights[i];
    squares += (each * weights[i]) ** 2;
  });
  return { value, noise: EPS * Math.sqrt(squares) };
}

/** Σ of one number per part. */
export const sumOf = <K extends string>(parts: readonly Record<K, number>[], key: K): number =>
  parts.reduce((sum, part) => sum + part[key], 0);
