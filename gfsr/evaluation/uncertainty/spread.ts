// How far the members of an ensemble differ, in what they predict and in where they look.

import { predictedClasses, rocAuc } from '../../../model/metrics.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { SaliencyOptions } from '../../guidance/saliency.ts';
import { type Aggregate, aggregate } from '../metrics/alignment.ts';
import { type Ensemble, predictionSpread, saliencySpread } from './ensemble.ts';

/** How far the members of an ensemble differ on test images. */
export interface Spread {
  /** Entropy of the mean prediction, in nats. */
  readonly total: Aggregate;
  /** The part of it that is disagreement. */
  readonly disagreement: Aggregate;
  /** AUC of total and disagreement as detectors of wrong answers; NaN if all are right or all are wrong. */
  readonly errorsByTotal: number;
  readonly errorsByDisagreement: number;
  /** Mean rank correlation between two members' maps. */
  readonly saliencyAgreement: Aggregate;
}

/** Spread of predictions and maps on the test images. */
export async function measureSpread(
  ensemble: Ensemble,
  { test, classes }: Dataset,
  options: SaliencyOptions,
): Promise<Spread> {
  const members = await ensemble.explainEach(test, options);
  const each = members.map(({ probs }) => probs);
  const { total, disagreement } = predictionSpread(each, classes.length);
  const { probs } = await ensemble.predict(test);
  const predicted = predictedClasses(probs, classes.length);
  const wrong = Array.from(predicted, (c, i) => c !== test.labels[i]);
  return {
    total: aggregate(total),
    disagreement: aggregate(disagreement),
    errorsByTotal: rocAuc(total, wrong),
    errorsByDisagreement: rocAuc(disagreement, wrong),
    saliencyAgreement: aggregate(saliencySpread(members).agreement),
  };
}
