// Temperature scaling: one number that makes a classifier's confidence match how often it is right.
//
// Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.

import { probabilities } from '../../../model/scores.ts';

/** Range of ln T that is searched: T from 1/20 to 20. */
const LOG_RANGE = Math.log(20);
/** Least ratio between two temperatures that the search tells apart, less 1. */
const PRECISION = 1e-6;
/** A probability of 0 in float32 stands for one too small to be written. */
const LEAST = 1e-38;

/**
 * softmax(ln p / T) of each row: the same ranking, less sure for T > 1 and surer for T < 1. ln p serves as logits,
 * from which it differs by a constant a row.
 *
 * @param probs [N, classes]
 * @returns [N, classes]
 * @throws RangeError for T ≤ 0 or rows that are not whole
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

/** Mean −ln p_label. @throws RangeError if numbers of rows and labels differ */
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
 * The temperature of the least negative log likelihood on images that were not trained on, by golden section over
 * ln T, which finds the one minimum there is (the likelihood is concave in 1/T).
 *
 * @param probs [N, classes] of validation images; @param labels [N]
 * @returns T in [1/20, 20]; the end of that range where every answer is right (or wrong)
 * @throws RangeError if numbers of rows and labels differ
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
