// How well a class is told from the others at every threshold: ROC and precision–recall curves on a fixed grid.
//
// Source: Fawcett, "An introduction to ROC analysis", 2006; Davis & Goadrich, "The relationship between
// precision-recall and ROC curves", ICML 2006 (precision is not interpolated linearly).

import { ascending } from '../../../model/metrics.ts';

/** Number of points of a curve: 0, 0.01, … 1. */
export const POINTS = 101;
const LAST = POINTS - 1;

/** The images by their score for one class, the highest first: sorted once for all resamples. */
export interface Ranked {
  /** Index of the image, [N]. */
  readonly image: Uint32Array;
  /** 1 if it is of the class, [N]. */
  readonly isPositive: Uint8Array;
  /** 1 if the next image has a lower score, so that a threshold lies between them, [N]. */
  readonly isThreshold: Uint8Array;
}

/** What one classifier does at all thresholds. */
export interface DetectionCurves {
  /** Sensitivity at each share of false alarms (1 − specificity), interpolated linearly, [POINTS]. */
  readonly sensitivity: Float64Array;
  /** Precision at the first threshold whose sensitivity reaches each share, [POINTS]. */
  readonly precision: Float64Array;
  /** Area under the ROC curve. */
  readonly auc: number;
  /** Σ (R_k − R_{k−1}) P_k over all thresholds. */
  readonly averagePrecision: number;
}

/** @param probs [N, classes] */
export function rankClass(
  probs: ArrayLike<number>,
  labels: Int32Array,
  classes: number,
  label: number,
): Ranked {
  const scores = Float64Array.from(labels, (_, i) => probs[i * classes + label]);
  const image = ascending(scores).reverse();
  return {
    image,
    isPositive: Uint8Array.from(image, (i) => Number(labels[i] === label)),
    isThreshold: Uint8Array.from(image, (i, k) => Number(scores[i] !== scores[image[k + 1]])),
  };
}

/**
 * Curves of images that count several times, or not at all.
 *
 * @param weights [N]
 * @returns curves of NaN if all images that count are of one kind
 */
export function detectionCurves(
  { image, isPositive, isThreshold }: Ranked,
  weights: Float64Array,
): DetectionCurves {
  const sensitivity = new Float64Array(POINTS).fill(Number.NaN);
  const precision = new Float64Array(POINTS).fill(Number.NaN);
  let [positives, negatives] = [0, 0];
  for (let k = 0; k < image.length; k++) {
    if (isPositive[k]) positives += weights[image[k]];
    else negatives += weights[image[k]];
  }
  if (positives === 0 || negatives === 0) {
    return { sensitivity, precision, auc: Number.NaN, averagePrecision: Number.NaN };
  }
  let [hits, alarms, hitsBefore, alarmsBefore] = [0, 0, 0, 0];
  let [area, averagePrecision, rocPoint, recallPoint] = [0, 0, 0, 0];
  for (let k = 0; k < image.length; k++) {
    if (isPositive[k]) hits += weights[image[k]];
    else alarms += weights[image[k]];
    if (!isThreshold[k]) continue;
    if (hits > hitsBefore) {
      const share = hits / (hits + alarms);
      averagePrecision += (hits - hitsBefore) * share;
      for (; recallPoint * positives <= hits * LAST; recallPoint++) precision[recallPoint] = share;
    }
    // Where the curve is vertical, its upper end counts.
    for (; rocPoint * negatives < alarms * LAST; rocPoint++) {
      const step = ((rocPoint * negatives) / LAST - alarmsBefore) / (alarms - alarmsBefore);
      sensitivity[rocPoint] = (hitsBefore + step * (hits - hitsBefore)) / positives;
    }
    area += ((alarms - alarmsBefore) * (hits + hitsBefore)) / 2;
    [hitsBefore, alarmsBefore] = [hits, alarms];
  }
  sensitivity.fill(1, rocPoint);
  return {
    ...{ sensitivity, precision, auc: area / (positives * negatives) },
    averagePrecision: averagePrecision / positives,
  };
}

/** The mean of the curves of several classes, without those of classes that do not occur. */
export function meanCurves(curves: readonly DetectionCurves[]): DetectionCurves {
  const known = curves.filter(({ auc }) => Number.isFinite(auc));
  const mean = (value: (curve: DetectionCurves) => number) =>
    known.reduce((total, curve) => total + value(curve), 0) / known.length;
  const points = (value: (curve: DetectionCurves) => Float64Array) =>
    Float64Array.from({ length: POINTS }, (_, p) => mean((curve) => value(curve)[p]));
  return {
    sensitivity: points(({ sensitivity }) => sensitivity),
    precision: points(({ precision }) => precision),
    auc: mean(({ auc }) => auc),
    averagePrecision: mean(({ averagePrecision }) => averagePrecision),
  };
}
