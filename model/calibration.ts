// Calibration: whether a classifier is right as often as it says it is.
//
// Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.

import { checkProbs } from './metric-inputs.ts';
import { predictedClasses } from './metrics.ts';

/** Predictions by confidence, the highest probability of a row: one entry per bin (b / B, (b + 1) / B]. */
export interface CalibrationBins {
  /** Number of predictions. */
  readonly count: Int32Array;
  /** Number of right ones. */
  readonly right: Int32Array;
  /** Σ confidence. */
  readonly confidence: Float64Array;
  /** Σ (1 if right, else 0) − confidence. */
  readonly gap: Float64Array;
}

/** Number of bins, if none is given. */
const BINS = 15;

/**
 * Sorts predictions into bins of confidence.
 *
 * @param probs [N, C], rows sum to 1
 * @param bins B; 15 if left out
 * @throws RangeError if lengths differ, a class is not in 0..C-1, or a confidence is not in [0, 1].
 */
export function calibrationBins(
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
  bins = BINS,
): CalibrationBins {
  const rows = checkProbs('calibrationBins', probs, labels, numClasses);
  const predicted = predictedClasses(probs, numClasses);
  const [count, right] = [new Int32Array(bins), new Int32Array(bins)];
  const [sum, gap] = [new Float64Array(bins), new Float64Array(bins)];
  for (let i = 0; i < rows; i++) {
    const confidence = probs[i * numClasses + predicted[i]];
    // A softmax in float32 may come out slightly above 1.
    if (!(confidence >= 0 && confidence <= 1 + 1e-5)) {
      throw new RangeError(
        `calibrationBins: bad probability in row ${i}, got ${confidence}, expected [0, 1]. Pass probs, not logits.`,
      );
    }
    const bin = Math.min(Math.max(Math.ceil(confidence * bins) - 1, 0), bins - 1);
    const isRight = predicted[i] === labels[i] ? 1 : 0;
    count[bin]++;
    right[bin] += isRight;
    sum[bin] += confidence;
    gap[bin] += isRight - confidence;
  }
  return { count, right, confidence: sum, gap };
}

/**
 * Expected calibration error Σ_b (n_b / N) |accuracy_b − confidence_b| over `calibrationBins`.
 *
 * @returns in [0, 1]; NaN without samples
 * @throws RangeError as `calibrationBins`
 */
export function expectedCalibrationError(
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
  bins = BINS,
): number {
  const { gap } = calibrationBins(probs, labels, numClasses, bins);
  return gap.reduce((sum, each) => sum + Math.abs(each), 0) / labels.length;
}
