// Whether a derivative agrees with a difference of float32 values.

/** One derivative along one direction, by the tape and by differences of the order below. */
export interface Derivative {
  readonly input: string;
  readonly order: 1 | 2;
  readonly analytic: number;
  readonly numeric: number;
  /** What the differences themselves may be wrong by: rounding, curvature, a kink nearby. */
  readonly uncertainty: number;
  /** `unclear`: the function is too rough here for differences to tell. */
  readonly verdict: 'right' | 'wrong' | 'unclear';
}

/** A tape in float32 may differ from the truth by this part of its terms' root sum of squares. */
const RTOL = 2e-3;
/** Rounding of one float32 operation. */
const EPS = 2 ** -24;
/** Differences that are surer than this part of what they measure count as proof. */
const SURE = 0.1;

/** Compares ⟨dx, v⟩ with a difference. */
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
  // Where nothing is found and nothing expected, rounding alone is left.
  const nothing = squares === 0 && Math.abs(slope) <= 3 * uncertainty;
  const verdict = !close ? 'wrong' : sure || nothing ? 'right' : 'unclear';
  return { input, order, analytic, numeric: slope, uncertainty, verdict };
}

/** A sum, and its noise. */
export interface Weighed {
  readonly value: number;
  readonly noise: number;
}

/** ⟨values, weights⟩ in float64, and what float32 rounding of the values may add to it. */
export function weigh(values: Float32Array, weights: Float32Array): Weighed {
  let [value, squares] = [0, 0];
  values.forEach((each, i) => {
    value += each * weights[i];
    squares += (each * weights[i]) ** 2;
  });
  return { value, noise: EPS * Math.sqrt(squares) };
}

/** Σ of one number of each part. */
export const sumOf = <K extends string>(parts: readonly Record<K, number>[], key: K): number =>
  parts.reduce((sum, part) => sum + part[key], 0);
