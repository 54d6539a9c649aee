// One classifier as many: dropout stays on when it is asked, and each pass is a member of an ensemble.
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
  /** Members; default 20. */
  readonly passes?: number;
  /** Of what is dropped; default 0. */
  readonly seed?: number | string;
}

/** One classifier as an ensemble of passes with dropout. */
export interface McDropout {
  /** Its members are the passes: `predictionSpread` and `saliencySpread` take what they give one by one. */
  readonly ensemble: Ensemble;
  dispose(): Promise<void>;
}

/**
 * The same pass of the same seed drops the same units of the same images, in whatever order it is asked.
 *
 * @throws RangeError for a classifier that was made without dropout, or fewer than two passes
 */
export function mcDropout(
  gpu: Gpu,
  classifier: Classifier,
  stats: ChannelStats,
  { passes = 20, seed = 0 }: McDropoutOptions = {},
): McDropout {
  if (!classifier.dropout) {
    throw new RangeError(
      `mcDropout: the classifier has no dropout, expected a rate above 0. Train a ${architecturesWith('dropout').join(' or ')} with --dropout 0.3, say.`,
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
