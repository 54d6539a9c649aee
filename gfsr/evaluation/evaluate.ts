// Everything that is measured about a trained classifier: accuracy, alignment with masks, reliance on a shortcut.

import { type ClassificationScores, classificationScores } from '../../model/scores.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import type { SaliencyOptions } from '../guidance/saliency.ts';
import type { LongWork } from '../machine/long-work.ts';
import type { Predictor } from './evaluator.ts';
import { accuracyError, macroAucError } from './metrics/standard-errors.ts';
import { measureMaps, type SaliencyQuality, saliencyQuality } from './saliency-quality.ts';

/** Every figure of one classifier on one split. */
export interface SplitEvaluation extends ClassificationScores, SaliencyQuality {
  /** By name of the condition, for the same images with a shortcut changed (absent, misleading, …). */
  readonly conditions: Readonly<Record<string, ClassificationScores>>;
  /** Of some scores, over images of the same kind. Another seed of the training may change them more. */
  readonly standardErrors: Readonly<Partial<Record<keyof ClassificationScores, number>>>;
}

/** Every figure of one classifier on one data set, as returned by `evaluate`. */
export interface Evaluation {
  /** For choosing settings. Where a data set has no test images, `test` is the same. */
  readonly val: SplitEvaluation;
  /** For reporting. */
  readonly test: SplitEvaluation;
  /** [height, width] of the saliency, before it is upsampled to that of the images. */
  readonly mapSize: readonly [number, number];
  /** [height, width] at which saliency and masks are compared. */
  readonly imageSize: readonly [number, number];
}

/** What was measured of each test image, for intervals, curves and tests in pairs. */
export interface ImageResults {
  /** Probabilities [N, classes] of the test images. */
  readonly probs: Float32Array;
  /** The same by name of the condition, as in `conditions`. */
  readonly conditions: Readonly<Record<string, Float32Array>>;
  /** Share of the saliency on the mask (EPG), [N]; NaN without a mask. Absent if no test image has one. */
  readonly epg?: Float64Array;
}

/** Every figure of a classifier, and what they come from. */
export interface Measured {
  readonly evaluation: Evaluation;
  readonly images: ImageResults;
}

/** Measures a classifier and its `saliency` of the true class, on val and test and under all of their conditions. */
export const evaluate = async (
  evaluator: Predictor,
  dataset: Dataset,
  saliency: SaliencyOptions,
  onProgress?: LongWork['onProgress'],
): Promise<Evaluation> => (await measure(evaluator, dataset, saliency, onProgress)).evaluation;

/** The same, with the results of each test image. */
export async function measure(
  evaluator: Predictor,
  dataset: Dataset,
  saliency: SaliencyOptions,
  onProgress?: LongWork['onProgress'],
): Promise<Measured> {
  const { val, test, tests, vals = {}, classes, height, width } = dataset;
  const imageSize = [height, width] as const;
  const scores = ({ labels }: Split, probs: ArrayLike<number>) =>
    classificationScores(probs, labels, classes.length);
  const parts = 2 + Object.keys(tests).length + (val === test ? -1 : Object.keys(vals).length);
  let done = 0;
  const measureSplit = async (split: Split, changed: Readonly<Record<string, Split>>) => {
    const conditions: Record<string, ClassificationScores> = {};
    const changedProbs: Record<string, Float32Array> = {};
    for (const [name, each] of Object.entries(changed)) {
      const { probs } = await evaluator.predict(each);
      changedProbs[name] = probs;
      conditions[name] = scores(each, probs);
      onProgress?.(++done / parts);
    }
    const explained = await evaluator.explain(split, saliency);
    onProgress?.(++done / parts);
    const maps = measureMaps(explained, split, imageSize);
    const mapSize = [explained.height, explained.width] as const;
    const { probs } = explained;
    const own = scores(split, probs);
    const standardErrors = {
      accuracy: accuracyError(own.accuracy, split.count),
      auc: macroAucError(probs, split.labels, classes.length),
    };
    const epg = new Float64Array(split.count).fill(Number.NaN);
    for (const [at, image] of maps.masked.entries()) epg[image] = maps.alignment.epg[at];
    return {
      ...{
        mapSize,
        figures: { ...own, standardErrors, conditions, ...saliencyQuality(maps, split) },
      },
      images: { probs, conditions: changedProbs, ...(maps.masked.length > 0 && { epg }) },
    };
  };
  const onTest = await measureSplit(test, tests);
  const onVal = val === test ? onTest : await measureSplit(val, vals);
  const { mapSize, images } = onTest;
  return { evaluation: { val: onVal.figures, test: onTest.figures, mapSize, imageSize }, images };
}
