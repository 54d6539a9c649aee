// One classifier as an ensemble: dropout stays on at evaluation, and each pass is a member.
//
// Source: Gal & Ghahramani, "Dropout as a Bayesian Approximation", ICML 2016. The spread of saliency is [ours].

import type { Gpu } from '../../../engine/core/gpu.ts';
import { architecturesWith } from '../../../model/architectures.ts';
import type { Classifier } from '../../../model/classifier.ts';
import type { ChannelStats } from '../../data/normalise.ts';
import { Evaluator } from '../evaluator.ts';
import { Ensemble } from './ensemble.ts';

/** Options of `mcDropout`. */
export interface McDropoutOptions {
  /** Number of members. Default 20. */
  readonly passes?: number;
  /** Seed of what is dropped. Default 0. */
  readonly seed?: number | string;
}

/** One classifier as an ensemble of passes with dropout. */
export interface McDropout {
  /** Its members are the passes. `predictionSpread` and `saliencySpread` take their outputs. */
  readonly ensemble: Ensemble;
  dispose(): Promise<void>;
}

/**
 * The same pass with the same seed drops the same units for the same images, in any order of the calls.
 *
 * @throws RangeError for a classifier without dropout, or fewer than two passes
 */
export function mcDropout(
  gpu: Gpu,
  classifier: Classifier,
  stats: ChannelStats,
  { passes = 20, seed = 0 }: McDropoutOptions = {},
): McDropout {
  if (!classifier.dropout) {
    throw new RangeError(
      `mcDropout: the classifier has no dropout, expected a rate above 0. Train a ${architecturesWith('dropout').join(' or ')} with dropout (such as --dropout 0.3).`,
    );
  }
  if (!Number.isInteger(passes) || passes < 2) {
    throw new RangeError(`mcDropout: got ${passes} passes, expected a whole number of at least 2.`);
  }
  const evaluator = new Evaluator(gpu, classifier, stats);
  const members = Array.from({ length: passes }, (_, pass) =>
    evaluator.dropping(`${seed}/${pass}`),
  );
  return { ensemble: new Ensemble(members), dispose: () => evaluator.dispose() };
}
