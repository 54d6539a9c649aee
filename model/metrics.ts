// Metrics of a classifier's predictions: accuracy in its several forms, and ROC-AUC.
//
// Source: Fawcett, "An introduction to ROC analysis", 2006 (AUC by ranks); Sagawa et al., ICLR 2020 (worst group).

import { checkClass, checkPairs, checkProbs, wholeRows } from './metric-inputs.ts';

/** A mean over classes. Classes without a sample are left out and counted in `skipped`. */
export interface MacroMean {
  value: number;
  skipped: number;
}

/**
 * Class of the highest probability of each row; on a tie, the lowest class.
 *
 * @param probs [N, C]; logits work as well
 * @returns [N]
 * @throws RangeError if rows are incomplete or contain NaN
 */
export function predictedClasses(probs: ArrayLike<number>, numClasses: number): Int32Array {
  const rows = wholeRows('predictedClasses', probs, numClasses);
  const out = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = i * numClasses;
    for (let c = 0; c < numClasses; c++) {
      if (Number.isNaN(probs[row + c])) {
        throw new RangeError(
          `predictedClasses: got NaN in row ${i}, expected numbers. The network has diverged.`,
        );
      }
      if (probs[row + c] > probs[row + out[i]]) out[i] = c;
    }
  }
  return out;
}

/**
 * Counts [C, C], row = true class, column = predicted class.
 *
 * @throws RangeError if lengths differ or a class is not in 0..C-1.
 */
export function confusionMatrix(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
): Int32Array {
  checkPairs('confusionMatrix', predicted, labels);
  const counts = new Int32Array(numClasses * numClasses);
  for (let i = 0; i < labels.length; i++) {
    checkClass('confusionMatrix', labels[i], numClasses);
    checkClass('confusionMatrix', predicted[i], numClasses);
    counts[labels[i] * numClasses + predicted[i]]++;
  }
  return counts;
}

/**
 * Share of correct predictions, in [0, 1]; NaN without samples. @throws RangeError if lengths differ, or a prediction
 * is not a class
 */
export function accuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkPairs('accuracy', predicted, labels);
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(predicted[i])) {
      throw new RangeError(
        `accuracy: prediction ${i} is ${predicted[i]}, expected a class. Take predictedClasses of logits or probabilities first.`,
      );
    }
    if (predicted[i] === labels[i]) right++;
  }
  return right / labels.length;
}

/** Mean recall over the classes that occur in the labels. @throws RangeError as `confusionMatrix`. */
export function balancedAccuracy(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
): MacroMean {
  const counts = confusionMatrix(predicted, labels, numClasses);
  return macroMean(numClasses, (c) => counts[c * numClasses + c] / rowSum(counts, numClasses, c));
}

/**
 * Mean over the classes that occur in the labels of F1 = 2 TP / (2 TP + FP + FN).
 *
 * @throws RangeError as `confusionMatrix`.
 */
export function macroF1(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
): MacroMean {
  const counts = confusionMatrix(predicted, labels, numClasses);
  return macroMean(numClasses, (c) => {
    const actual = rowSum(counts, numClasses, c);
    let called = 0;
    for (let r = 0; r < numClasses; r++) called += counts[r * numClasses + c];
    return actual === 0 ? Number.NaN : (2 * counts[c * numClasses + c]) / (actual + called);
  });
}

/**
 * Area under the ROC curve: the probability that a positive scores above a negative, with ties counting half.
 *
 * @param scores [N]; @param positive [N], truthy = positive
 * @returns in [0, 1]; NaN if all samples are of one kind
 * @throws RangeError if lengths differ or a score is NaN
 */
export function rocAuc(scores: ArrayLike<number>, positive: ArrayLike<number | boolean>): number {
  checkPairs('rocAuc', scores, positive);
  const n = scores.length;
  const values = Float64Array.from(scores);
  if (values.some(Number.isNaN)) {
    throw new RangeError('rocAuc: got a NaN score, expected numbers. The network has diverged.');
  }
  const positives = Float64Array.from({ length: n }, (_, i) => (positive[i] ? 1 : 0));
  return weightedAuc(
    values,
    positives,
    positives.map((p) => 1 - p),
  );
}

/** Indices from the lowest value to the highest; equal values in the order in which they come. */
export const ascending = (values: ArrayLike<number>): Uint32Array =>
  Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b]);

/**
 * `rocAuc` of samples that count as p positives and n negatives, whole or in part: Σ_ij p_i n_j ([s_i > s_j] + ½ [s_i =
 * s_j]) / (Σp Σn). Nothing is checked.
 *
 * @param scores [N]
 * @param positives [N]
 * @param negatives [N]
 * @param order `ascending(scores)`, where it is known
 */
export function weightedAuc(
  scores: ArrayLike<number>,
  positives: ArrayLike<number>,
  negatives: ArrayLike<number>,
  order: ArrayLike<number> = ascending(scores),
): number {
  let [below, positive, won] = [0, 0, 0];
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at]];
    let [yes, no] = [0, 0];
    do {
      yes += positives[order[at]];
      no += negatives[order[at]];
      at++;
    } while (at < order.length && scores[order[at]] === score);
    won += yes * (below + no / 2);
    positive += yes;
    below += no;
  }
  return won / (positive * below);
}

/**
 * Macro one-vs-rest AUC; for two classes the AUC of the probability of class 1. Classes that do not occur in the labels
 * are left out and counted. With a single class the result is NaN.
 *
 * @param probs [N, C]
 * @throws RangeError if lengths differ, a class is not in 0..C-1, or a probability is NaN
 */
export function macroAuc(
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
): MacroMean {
  const rows = checkProbs('macroAuc', probs, labels, numClasses);
  const auc = (c: number): number =>
    rocAuc(
      Float64Array.from({ length: rows }, (_, i) => probs[i * numClasses + c]),
      Uint8Array.from({ length: rows }, (_, i) => (labels[i] === c ? 1 : 0)),
    );
  if (numClasses !== 2) return macroMean(numClasses, auc);
  const seen = new Set(Array.from(labels)).size;
  return { value: auc(1), skipped: 2 - seen };
}

/**
 * The lowest accuracy of any group; the classes are the groups if none are given.
 *
 * @param groups group of each sample [N].
 * @returns the lowest accuracy, its group (lowest first on a tie) and the accuracy of every group; NaN
 * and -1 without samples.
 * @throws RangeError if lengths differ.
 */
export function worstGroupAccuracy(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  groups: ArrayLike<number> = labels,
): { value: number; group: number; perGroup: Map<number, number> } {
  checkPairs('worstGroupAccuracy', predicted, labels);
  checkPairs('worstGroupAccuracy', groups, labels);
  const tallies = new Map<number, { right: number; count: number }>();
  for (let i = 0; i < labels.length; i++) {
    const tally = tallies.get(groups[i]) ?? { right: 0, count: 0 };
    tally.count++;
    if (predicted[i] === labels[i]) tally.right++;
    tallies.set(groups[i], tally);
  }
  const perGroup = new Map(
    [...tallies].sort(([a], [b]) => a - b).map(([g, { right, count }]) => [g, right / count]),
  );
  let worst = { value: Number.NaN, group: -1 };
  for (const [group, value] of perGroup) if (!(value >= worst.value)) worst = { value, group };
  return { ...worst, perGroup };
}

/** Mean of the numbers among `value(0..n-1)`; NaN if there are none. */
function macroMean(n: number, value: (c: number) => number): MacroMean {
  const values = Array.from({ length: n }, (_, c) => value(c)).filter((v) => !Number.isNaN(v));
  return {
    value: values.reduce((sum, v) => sum + v, 0) / values.length,
    skipped: n - values.length,
  };
}

function rowSum(counts: Int32Array, numClasses: number, row: number): number {
  let sum = 0;
  for (let c = 0; c < numClasses; c++) sum += counts[row * numClasses + c];
  return sum;
}
