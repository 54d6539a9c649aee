// Temperature scaling: one number that makes a classifier's confidence match its accuracy.
//
// Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.

import { probabilities } from '../../../model/scores.ts';

/** Range of ln T in the search: T from 1/20 to 20. */
const LOG_RANGE = Math.log(20);
/** The search ends when the ratio of the two bounds is at most 1 plus this. */
const PRECISION = 1e-6;
/** A probability of 0 in float32 stands for one that is too small to represent. */
const LEAST = 1e-38;

/**
 * softmax(ln p / T) of each row: the same ranking, less confident for T > 1 and more confident for T < 1. ln p serves
 * as logits, from which it differs only by a constant per row.
 *
 * @param probs [N, classes]
 * @returns [N, classes]
 * @throws RangeError for T ≤ 0 or incomplete rows
 */
export function scaleTemperature(
  probs: ArrayLike<number>,
  classes: number,
  temperature: number,
): Float64Array {
  if (!(temperature > 0)) {
    throw new RangeError(`scaleTemperature: got temperature ${temperature}, expected above 0.`);
  }
  if (probs.length % classes !== 0) {
    throw new RangeError(
      `scaleTemperature: got ${probs.length} probabilities, expected whole rows of ${classes}.`,
    );
  }
  const logits = Float64Array.from(probs, (p) => Math.log(Math.max(p, LEAST)) / temperature);
  return probabilities(logits, classes);
}

/** Mean −ln p_label. @throws RangeError if the numbers of rows and labels differ */
export function negativeLogLikelihood(
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): number {
  if (probs.length !== labels.length * classes || labels.length === 0) {
    throw new RangeError(
      `negativeLogLikelihood: got ${probs.length} probabilities for ${labels.length} labels, expected ${classes} each, and at least one label.`,
    );
  }
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    sum -= Math.log(Math.max(probs[i * classes + labels[i]], LEAST));
  }
  return sum / labels.length;
}

/**
 * The temperature with the smallest negative log likelihood on images that were not trained on. A golden section search
 * over ln T finds the only minimum (the likelihood is concave in 1/T).
 *
 * @param probs [N, classes] of validation images; @param labels [N]
 * @returns T in [1/20, 20]; an end of that range if every answer is right (or wrong)
 * @throws RangeError if the numbers of rows and labels differ
 */
export function fitTemperature(
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): number {
  const loss = (logT: number) =>
    negativeLogLikelihood(scaleTemperature(probs, classes, Math.exp(logT)), labels, classes);
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [-LOG_RANGE, LOG_RANGE];
  let [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [lossA, lossB] = [loss(a), loss(b)];
  while (high - low > PRECISION) {
    if (lossA < lossB) {
      [high, b, lossB] = [b, a, lossA];
      a = high - ratio * (high - low);
      lossA = loss(a);
    } else {
      [low, a, lossA] = [a, b, lossB];
      b = low + ratio * (high - low);
      lossB = loss(b);
    }
  }
  return Math.exp((low + high) / 2);
}
