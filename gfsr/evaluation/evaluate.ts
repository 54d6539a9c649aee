// Everything that is measured about a trained classifier: accuracy, alignment with masks, reliance on a shortcut.

import { type ClassificationScores, classificationScores } from '../../model/scores.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import type { SaliencyOptions } from '../guidance/saliency.ts';
import type { LongWork } from '../machine/long-work.ts';
import type { Predictor } from './evaluator.ts';
import { accuracyError, macroAucError } from './metrics/standard-errors.ts';
import { type SaliencyQuality, saliencyQuality } from './saliency-quality.ts';

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

/** Measures a classifier and its `saliency` of the true class, on val and test and under all of their conditions. */
export async function evaluate(
  evaluator: Predictor,
  dataset: Dataset,
  saliency: SaliencyOptions,
  onProgress?: LongWork['onProgress'],
): Promise<Evaluation> {
  const { val, test, tests, vals = {}, classes, height, width } = dataset;
  const imageSize = [height, width] as const;
  const scores = ({ labels }: Split, probs: ArrayLike<number>) =>
    classificationScores(probs, labels, classes.length);
  const parts = 2 + Object.keys(tests).length + (val === test ? -1 : Object.keys(vals).length);
  let done = 0;
  const measure = async (split: Split, changed: Readonly<Record<string, Split>>) => {
    const conditions: Record<string, ClassificationScores> = {};
    for (const [name, each] of Object.entries(changed)) {
      conditions[name] = scores(each, (await evaluator.predict(each)).probs);
      onProgress?.(++done / parts);
    }
    const explained = await evaluator.explain(split, saliency);
    onProgress?.(++done / parts);
    const quality = saliencyQuality(explained, split, imageSize);
    const mapSize = [explained.height, explained.width] as const;
    const { probs } = explained;
    const own = scores(split, probs);
    const standardErrors = {
      accuracy: accuracyError(own.accuracy, split.count),
      auc: macroAucError(probs, split.labels, classes.length),
    };
    return { mapSize, figures: { ...own, standardErrors, conditions, ...quality } };
  };
  const onTest = await measure(test, tests);
  const onVal = val === test ? onTest : await measure(val, vals);
  return { val: onVal.figures, test: onTest.figures, mapSize: onTest.mapSize, imageSize };
}
