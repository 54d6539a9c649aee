// How far accuracy, AUC and means would vary with other images of the same kind: standard errors and 95 % intervals.
// Images of one unit, such as a patient, need not be independent of each other: their deviations are added up first.
//
// Source: DeLong, DeLong & Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating
// characteristic curves", Biometrics 1988. The sum over classes is [ours]: their components of an image add up.
// Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
// Obuchowski, "Nonparametric analysis of clustered ROC curve data", Biometrics 1997. Korn & Graubard, "Confidence
// intervals for proportions with small expected number of positive counts estimated from cluster survey data", 1998
// (Wilson's interval takes the place of theirs [ours]).

import { ascending } from '../../../model/metrics.ts';

/** Two-sided 95 % quantile of a normal distribution. */
export const Z = 1.959964;

/** A standard error that rounding leaves of equal values. */
const ROUNDING = 1e-12;

/** 95 % interval of a share of `count` images by Wilson, [low, high] within [0, 1]; NaN without images. */
export function wilson(share: number, count: number): [number, number] {
  const z2 = Z ** 2 / count;
  const centre = (share + z2 / 2) / (1 + z2);
  const half = (Z * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count))) / (1 + z2);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * 95 % interval of the mean of shares in [0, 1], such as hits (0 or 1): Wilson's, of as many independent hits as would
 * have the same standard error. That is never less than if all images were independent. Where all values are equal, and
 * where there is one unit, each unit counts once.
 *
 * @param values [N]; NaN is left out
 * @param units unit of each value, [N]
 */
export function shareInterval(
  values: ArrayLike<number>,
  units: ArrayLike<number>,
): [number, number] {
  const { mean, error, count } = spreadOverUnits(values, units);
  return wilson(mean, error > ROUNDING ? (mean * (1 - mean)) / error ** 2 : count);
}

/** 95 % interval of any mean, likewise: ± `Z` standard errors; NaN if there is one unit. */
export function meanInterval(
  values: ArrayLike<number>,
  units: ArrayLike<number>,
): [number, number] {
  const { mean, error } = spreadOverUnits(values, units);
  return [mean - Z * error, mean + Z * error];
}

/** Mean, its standard error (NaN of one unit), and the number of units that have a value. */
function spreadOverUnits(values: ArrayLike<number>, units: ArrayLike<number>) {
  const known = Array.from(values, (_, i) => i).filter((i) => !Number.isNaN(values[i]));
  const mean = known.reduce((sum, i) => sum + values[i], 0) / known.length;
  const ofKnown = known.map((i) => units[i]);
  const deviations = known.map((i) => values[i] - mean);
  const count = new Set(ofKnown).size;
  const error = count > 1 ? Math.sqrt(squares(deviations, ofKnown)) / known.length : Number.NaN;
  return { mean, error, count };
}

/** Σ d² over images, or over the sums of units if that is more. */
function squares(deviations: ArrayLike<number>, units: ArrayLike<number>): number {
  const sums = new Map<number, number>();
  let alone = 0;
  for (let i = 0; i < deviations.length; i++) {
    alone += deviations[i] ** 2;
    sums.set(units[i], (sums.get(units[i]) ?? 0) + deviations[i]);
  }
  return Math.max(
    alone,
    [...sums.values()].reduce((sum, d) => sum + d * d, 0),
  );
}

/**
 * Standard error of `macroAuc`; NaN if a class has a single image. For two classes it is DeLong's, √(S₁₀/m + S₀₁/n),
 * with the variances of the placements of m positives among the negatives and of n negatives among the positives. For
 * more classes, the components of each image are averaged over classes before they are squared, since the AUCs of all
 * classes share their images.
 *
 * @param probs [N, classes]
 * @param labels [N]
 * @param units unit of each image, [N]
 */
export function macroAucError(
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  units: ArrayLike<number>,
): number {
  const count = labels.length;
  const all = Array.from({ length: classes }, (_, c) => c);
  const seen = all.filter((c) => Array.from(labels).includes(c));
  const tested = classes === 2 ? seen.filter((c) => c === 1) : seen;
  const sums = new Float64Array(count);
  for (const c of tested) {
    const scores = Float64Array.from({ length: count }, (_, i) => probs[i * classes + c]);
    const isPositive = Array.from(labels, (label) => label === c);
    components(scores, isPositive).forEach((value, i) => {
      sums[i] += value / tested.length;
    });
  }
  if (tested.length === 0) return Number.NaN;
  return Math.sqrt(squares(sums, units));
}

/**
 * By image: (placement − AUC)/√(k (k − 1)) with the k images of its kind; the squares sum to DeLong's variance. The
 * placement of a positive is the share of negatives below it, that of a negative the share of positives above it; ties
 * count half.
 */
function components(scores: Float64Array, isPositive: readonly boolean[]): Float64Array {
  const positives = isPositive.filter(Boolean).length;
  const negatives = scores.length - positives;
  const order = [...ascending(scores)];
  const placements = new Float64Array(scores.length);
  let [below, above] = [0, positives];
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && scores[order[end]] === scores[order[start]]) end++;
    const tied = order.slice(start, end);
    const plus = tied.filter((i) => isPositive[i]).length;
    const minus = tied.length - plus;
    above -= plus;
    for (const i of tied) {
      placements[i] = isPositive[i]
        ? (below + minus / 2) / negatives
        : (above + plus / 2) / positives;
    }
    below += minus;
    start = end;
  }
  const auc = placements.reduce((sum, v, i) => sum + (isPositive[i] ? v / positives : 0), 0);
  const scale = (k: number) => (k < 2 ? Number.NaN : Math.sqrt(k * (k - 1)));
  return placements.map((v, i) => (v - auc) / scale(isPositive[i] ? positives : negatives));
}
