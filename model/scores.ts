// All scores of a classifier's predictions, and their computation from logits.

import { expectedCalibrationError } from './calibration.ts';
import {
  accuracy,
  balancedAccuracy,
  macroAuc,
  macroF1,
  predictedClasses,
  worstGroupAccuracy,
} from './metrics.ts';

/** All in [0, 1]. */
export interface ClassificationScores {
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly macroF1: number;
  /** Macro one-vs-rest; of class 1 where there are two. */
  readonly auc: number;
  readonly worstClassAccuracy: number;
  /** Expected calibration error. */
  readonly ece: number;
}

/**
 * Scores of class probabilities against labels. For logits, compute their `probabilities` first.
 *
 * @param probs [N, classes], rows sum to 1
 * @param labels [N]
 * @throws RangeError if the lengths do not fit, a label is not a class, or a value is NaN or not a probability
 */
export function classificationScores(
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): ClassificationScores {
  const predicted = predictedClasses(probs, classes);
  return {
    accuracy: accuracy(predicted, labels),
    balancedAccuracy: balancedAccuracy(predicted, labels, classes).value,
    macroF1: macroF1(predicted, labels, classes).value,
    auc: macroAuc(probs, labels, classes).value,
    worstClassAccuracy: worstGroupAccuracy(predicted, labels).value,
    ece: expectedCalibrationError(probs, labels, classes),
  };
}

/**
 * p_k = e^{x_k}/Σ_j e^{x_j} of each row, on the host: the softmax of logits that were read back.
 *
 * @param logits [N, classes]
 * @returns [N, classes]
 * @throws RangeError for rows that are not whole
 */
export function probabilities(logits: ArrayLike<number>, classes: number): Float64Array {
  if (logits.length % classes !== 0) {
    throw new RangeError(
      `probabilities: got ${logits.length} logits, expected whole rows of ${classes}.`,
    );
  }
  const out = Float64Array.from(logits);
  for (let start = 0; start < out.length; start += classes) {
    const row = out.subarray(start, start + classes);
    const highest = row.reduce((a, b) => Math.max(a, b));
    for (let c = 0; c < classes; c++) row[c] = Math.exp(row[c] - highest);
    const total = row.reduce((a, b) => a + b);
    for (let c = 0; c < classes; c++) row[c] /= total;
  }
  return out;
}
