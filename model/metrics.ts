// Metrics of a classifier's predictions: accuracy in its several forms, ROC-AUC and calibration.
//
// Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017 (ECE); Fawcett, "An
// introduction to ROC analysis", 2006 (AUC by ranks); Sagawa et al., ICLR 2020 (worst group).

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
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  let [positives, rankSum] = [0, 0];
  for (let start = 0, end = 0; start < n; start = end) {
    let tied = 0;
    for (; end < n && values[order[end]] === values[order[start]]; end++) {
      if (positive[order[end]]) tied++;
    }
    positives += tied;
    rankSum += tied * ((start + 1 + end) / 2);
  }
  const negatives = n - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
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

/**
 * Expected calibration error Σ_b (n_b / N) |accuracy_b − confidence_b|, where confidence is the highest
 * probability and bin b = (b / B, (b + 1) / B].
 *
 * @param probs [N, C], rows sum to 1.
 * @param bins B; 15 if left out.
 * @returns in [0, 1]; NaN without samples.
 * @throws RangeError if lengths differ, a class is not in 0..C-1, or a confidence is not in [0, 1].
 */
export function expectedCalibrationError(
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
  bins = 15,
): number {
  const rows = checkProbs('expectedCalibrationError', probs, labels, numClasses);
  const predicted = predictedClasses(probs, numClasses);
  const gaps = new Float64Array(bins);
  for (let i = 0; i < rows; i++) {
    const confidence = probs[i * numClasses + predicted[i]];
    // A softmax in float32 may come out slightly above 1.
    if (!(confidence >= 0 && confidence <= 1 + 1e-5)) {
      throw new RangeError(
        `expectedCalibrationError: bad probability in row ${i}, got ${confidence}, expected [0, 1]. Pass probs, not logits.`,
      );
    }
    const bin = Math.min(Math.max(Math.ceil(confidence * bins) - 1, 0), bins - 1);
    gaps[bin] += (predicted[i] === labels[i] ? 1 : 0) - confidence;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / rows;
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

function wholeRows(where: string, probs: ArrayLike<number>, numClasses: number): number {
  const rows = probs.length / numClasses;
  if (!Number.isInteger(rows)) {
    throw new RangeError(
      `${where}: probs have the wrong length, got ${probs.length}, expected whole rows of ${numClasses}.`,
    );
  }
  return rows;
}

function checkProbs(
  where: string,
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
): number {
  const rows = wholeRows(where, probs, numClasses);
  if (rows !== labels.length) {
    throw new RangeError(
      `${where}: lengths differ, got ${rows} rows of probs and ${labels.length} labels, expected equal.`,
    );
  }
  for (let i = 0; i < rows; i++) checkClass(where, labels[i], numClasses);
  return rows;
}

function checkPairs(where: string, a: ArrayLike<unknown>, b: ArrayLike<unknown>): void {
  if (a.length !== b.length) {
    throw new RangeError(
      `${where}: lengths differ, got ${a.length} and ${b.length}, expected equal.`,
    );
  }
}

function checkClass(where: string, label: number, numClasses: number): void {
  if (!Number.isInteger(label) || label < 0 || label >= numClasses) {
    throw new RangeError(`${where}: bad class, got ${label}, expected 0..${numClasses - 1}.`);
  }
}
