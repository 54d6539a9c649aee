// Everything that is measured about a trained classifier: accuracy, alignment with masks, reliance on a shortcut.

import { predictedClasses } from '../../model/metrics.ts';
import { type ClassificationScores, classificationScores } from '../../model/scores.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import type { SaliencyOptions } from '../guidance/saliency.ts';
import type { LongWork } from '../machine/long-work.ts';
import type { Predictor } from './evaluator.ts';
import { unitsOf } from './metrics/bootstrap.ts';
import { macroAucError, meanInterval, shareInterval, Z } from './metrics/standard-errors.ts';
import {
  type MeasuredMaps,
  measureMaps,
  type SaliencyQuality,
  saliencyQuality,
} from './saliency-quality.ts';

/** Every figure of one classifier on one split. */
export interface SplitEvaluation extends ClassificationScores, SaliencyQuality {
  /** By name of the condition, for the same images with a shortcut changed (absent, misleading, …). */
  readonly conditions: Readonly<Record<string, ClassificationScores>>;
  /**
   * 95 % intervals over images of the same kind, or over groups of them (`unitsOf`): of accuracy and AUC, and of means
   * over images by their names. Another seed of the training may change more.
   */
  readonly intervals: Readonly<Record<string, readonly [number, number]>>;
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
    const intervals = intervalsOf(split, probs, own.auc, maps);
    const epg = new Float64Array(split.count).fill(Number.NaN);
    for (const [at, image] of maps.masked.entries()) epg[image] = maps.alignment.epg[at];
    return {
      ...{
        mapSize,
        figures: { ...own, intervals, conditions, ...saliencyQuality(maps, split) },
      },
      images: { probs, conditions: changedProbs, ...(maps.masked.length > 0 && { epg }) },
    };
  };
  const onTest = await measureSplit(test, tests);
  const onVal = val === test ? onTest : await measureSplit(val, vals);
  const { mapSize, images } = onTest;
  return { evaluation: { val: onVal.figures, test: onTest.figures, mapSize, imageSize }, images };
}

/** A perfect AUC has none: its standard error says nothing. */
function intervalsOf(
  { count, labels, groups }: Split,
  probs: Float32Array,
  auc: number,
  { masked, alignment, shares }: MeasuredMaps,
): SplitEvaluation['intervals'] {
  const { of } = unitsOf(count, groups);
  const classes = probs.length / count;
  const hits = predictedClasses(probs, classes).map((c, i) => Number(c === labels[i]));
  const half = Z * macroAucError(probs, labels, classes, of);
  const ofMasked = masked.map((image) => of[image]);
  const means = Object.entries(alignment).map(([name, values]) => [
    name,
    (SIGNED.includes(name) ? meanInterval : shareInterval)(values, ofMasked),
  ]);
  return {
    accuracy: shareInterval(hits, of),
    ...(half > 0 && { auc: [Math.max(0, auc - half), Math.min(1, auc + half)] }),
    ...(masked.length > 0 && Object.fromEntries(means)),
    ...(shares.length > 0 && {
      shortcutShare: shareInterval(
        shares.map(({ share }) => share),
        of,
      ),
    }),
  };
}

/** Figures of the saliency in [−1, 1] instead of [0, 1]. */
const SIGNED: readonly string[] = ['epgGain', 'pearson'];
