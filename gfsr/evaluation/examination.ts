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
  /** The classifier and how it was trained; of an ensemble, its first member. */
  readonly trained: {
    readonly classifier: Classifier;
    readonly stats: ChannelStats;
    readonly config: Config;
  };
}

/** What `examine` measures besides the scores. */
export interface ExaminationOptions {
  /** Insertion, deletion, ROAD and parameter randomisation too. Default false. */
  readonly faithfulness?: boolean;
  /** Temperature scaling and conformal sets too. Default false. */
  readonly uncertainty?: boolean;
  /** How many test images faithfulness takes, spread evenly. Default 64. */
  readonly images?: number;
}

/** What `examine` found; a part is absent where it was not asked for or does not apply. */
export interface Examination {
  readonly evaluation: Evaluation;
  readonly faithfulness?: Faithfulness;
  /** Not of an ensemble. */
  readonly randomisation?: readonly RandomisedLayer[];
  readonly uncertainty?: Uncertainty;
  /** Of an ensemble. */
  readonly spread?: Spread;
}

/** Images that faithfulness takes by default: each of them is changed and predicted some forty times. */
export const FAITHFULNESS_IMAGES = 64;

/** Measures a classifier or an ensemble on a data set whose images and classes are those it was trained on. */
export async function examine(
  gpu: Gpu,
  { predictor, trained: { classifier, stats, config } }: Examined,
  dataset: Dataset,
  options: ExaminationOptions = {},
): Promise<Examination> {
  const { saliency } = config;
  const { test, height, width } = dataset;
  const few = spreadEvenly(test.count, options.images ?? FAITHFULNESS_IMAGES);
  const evaluation = await evaluate(predictor, dataset, saliency);
  return {
    evaluation,
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
