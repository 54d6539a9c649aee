// Examines a trained classifier: its scores, and whether its predictions and maps can be trusted.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { Config } from '../config/config.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ChannelStats } from '../data/normalise.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import type { Predictor } from './evaluator.ts';
import { type Faithfulness, faithfulness, scoreWith } from './metrics/faithfulness.ts';
import { parameterRandomisation, type RandomisedLayer } from './metrics/parameter-randomisation.ts';
import { Ensemble } from './uncertainty/ensemble.ts';
import { measureUncertainty, type Uncertainty } from './uncertainty/measure.ts';
import { measureSpread, type Spread } from './uncertainty/spread.ts';

/** What is examined. */
export interface Examined {
  /** The classifier itself, or an ensemble. */
  readonly predictor: Predictor;
  /** The classifier and its training; for an ensemble, the first member. */
  readonly trained: {
    readonly classifier: Classifier;
    readonly stats: ChannelStats;
    readonly config: Config;
  };
}

/** What `examine` measures besides the scores. */
export interface ExaminationOptions {
  /** Add insertion, deletion, ROAD and parameter randomisation. Default false. */
  readonly faithfulness?: boolean;
  /** Add temperature scaling and conformal sets. Default false. */
  readonly uncertainty?: boolean;
  /** Number of test images for faithfulness, spread evenly. Default 64. */
  readonly images?: number;
}

/** Whether a classifier can be trusted. A part is absent if it was not requested or does not apply. */
export interface Trust {
  readonly faithfulness?: Faithfulness;
  /** Absent for an ensemble. */
  readonly randomisation?: readonly RandomisedLayer[];
  readonly uncertainty?: Uncertainty;
  /** Only for an ensemble. */
  readonly spread?: Spread;
}

/** The results of `examine`. */
export interface Examination extends Trust {
  readonly evaluation: Evaluation;
}

/** Default number of images for faithfulness. Each of them is changed and predicted some forty times. */
export const FAITHFULNESS_IMAGES = 64;

/** Measures a classifier or an ensemble on a data set with the same kind of images and classes as in training. */
export const examine = async (
  gpu: Gpu,
  examined: Examined,
  dataset: Dataset,
  options: ExaminationOptions = {},
): Promise<Examination> => ({
  evaluation: await evaluate(examined.predictor, dataset, examined.trained.config.saliency),
  ...(await measureTrust(gpu, examined, dataset, options)),
});

/** What `examine` measures besides the scores. */
export async function measureTrust(
  gpu: Gpu,
  { predictor, trained: { classifier, stats, config } }: Examined,
  dataset: Dataset,
  options: ExaminationOptions,
): Promise<Trust> {
  const { saliency } = config;
  const { test, height, width } = dataset;
  const few = spreadEvenly(test.count, options.images ?? FAITHFULNESS_IMAGES);
  return {
    ...(options.uncertainty && { uncertainty: await measureUncertainty(predictor, dataset) }),
    ...(options.faithfulness && {
      faithfulness: await faithfulness(
        scoreWith(predictor),
        test,
        await predictor.explain(test, saliency, few),
        few,
        {
          fill: stats.mean.map((mean) => 255 * mean),
          size: [height, width],
          seed: config.train.seed,
        },
      ),
    }),
    ...(options.faithfulness &&
      !(predictor instanceof Ensemble) && {
        randomisation: await parameterRandomisation(gpu, classifier, stats, test, few, saliency),
      }),
    ...(predictor instanceof Ensemble && {
      spread: await measureSpread(predictor, dataset, saliency),
    }),
  };
}

/** At most `most` of `count` indices, spread evenly. */
function spreadEvenly(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
}
