// How reliable a classifier's probabilities are: calibrated on validation images, measured on test images.

import { expectedCalibrationError } from '../../../model/calibration.ts';
import type { Dataset, Split } from '../../data/dataset.ts';
import type { Predictor } from '../evaluator.ts';
import {
  type ConformalRule,
  type ConformalScore,
  calibrateConformal,
  predictionSets,
  type SetQuality,
  setQuality,
} from './conformal.ts';
import { fitTemperature, negativeLogLikelihood, scaleTemperature } from './temperature.ts';

export interface Calibration {
  /** Expected calibration error, in [0, 1]. */
  readonly ece: number;
  /** Mean −ln p of the true class. */
  readonly nll: number;
}

/** Calibration before and after temperature scaling, and prediction sets, on test images. */
export interface Uncertainty {
  /** Fitted on val; above 1 if the classifier was too confident. */
  readonly temperature: number;
  /** On test images, without scaling. */
  readonly before: Calibration;
  /** On test images, with the temperature. */
  readonly after: Calibration;
  /** The probability of a miss that the sets were made for. */
  readonly alpha: number;
  /**
   * Prediction sets from the unscaled probabilities, by score; on `test` and on each further condition of the data set.
   */
  readonly sets: Readonly<Record<ConformalScore, Readonly<Record<string, SetQuality>>>>;
}

/**
 * Fits the temperature and the conformal threshold on val, and measures both on test. Coverage holds for images of the
 * same kind as val. It does not hold where a shortcut misleads, as the conditions show.
 *
 * @param alpha probability of a miss; default 0.1
 */
export async function measureUncertainty(
  predictor: Predictor,
  dataset: Dataset,
  alpha = 0.1,
): Promise<Uncertainty> {
  const { val, test } = dataset;
  const classes = dataset.classes.length;
  const raw = async (split: Split) => (await predictor.predict(split)).probs;
  const valProbs = await raw(val);
  const temperature = fitTemperature(valProbs, val.labels, classes);
  const scale = (probs: ArrayLike<number>) => scaleTemperature(probs, classes, temperature);
  const calibration = (probs: ArrayLike<number>): Calibration => ({
    ece: expectedCalibrationError(probs, test.labels, classes),
    nll: negativeLogLikelihood(probs, test.labels, classes),
  });
  const testProbs = await raw(test);
  const all: [string, ArrayLike<number>, Int32Array][] = [['test', testProbs, test.labels]];
  for (const [name, split] of Object.entries(dataset.tests)) {
    all.push([name, await raw(split), split.labels]);
  }
  // Not from scaled probabilities: the guarantee needs scores that do not depend on the calibration images, but the
  // temperature does.
  const sets = (score: ConformalScore) => {
    const rule: ConformalRule = calibrateConformal(valProbs, val.labels, classes, alpha, score);
    return Object.fromEntries(
      all.map(([name, probs, labels]) => [
        name,
        setQuality(predictionSets(probs, classes, rule), labels),
      ]),
    );
  };
  return {
    temperature,
    before: calibration(testProbs),
    after: calibration(scale(testProbs)),
    alpha,
    sets: { lac: sets('lac'), aps: sets('aps') },
  };
}
