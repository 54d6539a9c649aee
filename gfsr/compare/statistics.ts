// Mean and spread over seeds, the paired t-test, and Holm's correction for testing several variants.

/** Σ x / n; NaN for an empty list. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, v) => sum + v, 0) / values.length;

/** √(Σ (x − mean)² / (n − 1)); NaN for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - center) ** 2, 0) / (values.length - 1));
}

/** Share of a confidence interval's samples that contain the true mean. */
const CONFIDENCE = 0.95;

/**
 * Half the width of the 95 % confidence interval of a mean, t_{0.975, n−1} · `standardError`; NaN for fewer than two
 * values. It assumes normally distributed values.
 */
export function halfInterval(values: readonly number[], overlap = 0): number {
  const n = values.length;
  if (n < 2) return Number.NaN;
  // The quantile by bisection: the distribution function grows everywhere.
  let [low, high] = [0, 1e3];
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2;
    if (studentTCdf(middle, n - 1) < (1 + CONFIDENCE) / 2) low = middle;
    else high = middle;
  }
  return high * standardError(values, overlap);
}

/**
 * Standard error of a mean, sd · √(1/n + overlap). In a cross-validation the values depend on each other, because their
 * training images are partly the same: `overlap` is the number of test images per training image (Nadeau and Bengio
 * 2003). For values that do not, it is 0.
 */
const standardError = (values: readonly number[], overlap: number): number =>
  standardDeviation(values) * Math.sqrt(1 / values.length + overlap);

export interface PairedTest {
  /** Number of pairs with two finite values. */
  readonly pairs: number;
  /** Mean of b − a. */
  readonly difference: number;
  /** Standard deviation of b − a. */
  readonly sd: number;
  /** difference / `standardError`; NaN where p is. */
  readonly t: number;
  /**
   * Two-sided, with pairs − 1 degrees of freedom; 1 if nothing differs. NaN where a test says nothing: for fewer than
   * three pairs, and if all differences are equal, which is no sample of a normal distribution.
   */
  readonly p: number;
  /** Half the width of the 95 % confidence interval of the difference. NaN where the differences do not vary. */
  readonly half: number;
  /**
   * Hedges' g_z = J(n − 1) · difference / sd, n the pairs: Cohen's d_z, which is too large for few pairs, corrected.
   * NaN where the differences do not vary.
   */
  readonly effect: number;
}

/** Fewer differences than this give no p: two that happen to be alike would seem certain. */
export const FEWEST_PAIRS = 3;
/** Spread of differences, relative to their mean, that is rounding alone. */
const EQUAL = 1e-9;

/**
 * Student's paired t-test of b against a: does their mean difference differ from 0?
 *
 * @param a one value per seed
 * @param b of the same seeds
 * @param overlap test images per training image in a cross-validation, whose values depend on each other; otherwise 0
 * @throws RangeError if their lengths differ
 */
export function pairedTTest(a: readonly number[], b: readonly number[], overlap = 0): PairedTest {
  if (a.length !== b.length) {
    throw new RangeError(
      `pairedTTest: got ${a.length} and ${b.length} values, expected equally many.`,
    );
  }
  const differences = a.map((v, i) => b[i] - v).filter(Number.isFinite);
  const pairs = differences.length;
  const difference = mean(differences);
  const sd = standardDeviation(differences);
  const none = Number.NaN;
  const refused = { pairs, difference, sd, t: none, p: none, half: none, effect: none };
  if (pairs < FEWEST_PAIRS) return refused;
  if (sd === 0 && difference === 0) return { ...refused, t: 0, p: 1 };
  if (sd <= EQUAL * Math.abs(difference)) return refused;
  const t = difference / standardError(differences, overlap);
  const p = 2 * studentTCdf(-Math.abs(t), pairs - 1);
  const effect = (smallSampleFactor(pairs - 1) * difference) / sd;
  return { pairs, difference, sd, t, p, half: halfInterval(differences, overlap), effect };
}

/** J(ν) = Γ(ν/2) / (√(ν/2) Γ((ν − 1)/2)) (Hedges 1981): the bias of a standardised mean difference is 1/J. */
const smallSampleFactor = (degrees: number): number =>
  Math.exp(logGamma(degrees / 2) - logGamma((degrees - 1) / 2)) / Math.sqrt(degrees / 2);

/**
 * Holm's step-down correction: p-values that hold for all tests together (Holm 1979).
 *
 * @param ps one per test; NaN means no test, stays NaN and does not count
 * @returns p-values in the same order, each at least as large as before and at most 1
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps
    .map((p, index) => ({ p, index }))
    .filter(({ p }) => !Number.isNaN(p))
    .sort((a, b) => a.p - b.p);
  const corrected = ps.map(() => Number.NaN);
  let least = 0;
  order.forEach(({ p, index }, rank) => {
    least = Math.max(least, Math.min(1, p * (order.length - rank)));
    corrected[index] = least;
  });
  return corrected;
}

/**
 * P(T ≤ t) of Student's distribution: ½ I_x(ν/2, ½) below 0, x = ν/(ν + t²).
 *
 * @throws RangeError unless degrees > 0
 */
export function studentTCdf(t: number, degrees: number): number {
  if (!(degrees > 0)) {
    throw new RangeError(`studentTCdf: degrees of freedom are ${degrees}, expected more than 0.`);
  }
  const tail = 0.5 * incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/** I_x(a, b), by its continued fraction on the side where that converges fast (DLMF 8.17.4 and 8.17.22). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const log = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(log) / a) * betaFraction(x, a, b);
}

/** 1/(1 + d₁/(1 + d₂/(1 + …))), evaluated forwards (Lentz's method as modified by Thompson and Barnett). */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let [c, d, denominator] = [1, 0, 1];
  for (let i = 1; i < 1000; i++) {
    const m = Math.floor(i / 2);
    const term =
      i % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + term * d || tiny);
    c = 1 + term / c || tiny;
    denominator *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return 1 / denominator;
}

/** Lanczos's approximation with g = 7 and nine terms. Relative errors are near 10⁻¹⁵. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const t = z + 7.5;
  const series = LANCZOS.reduce((sum, c, i) => (i === 0 ? c : sum + c / (z + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(series);
}
