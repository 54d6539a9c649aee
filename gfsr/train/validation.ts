// What every epoch ends with: how the classifier does on validation images.

import { accuracy, macroAuc, predictedClasses } from '../../model/metrics.ts';
import type { Config } from '../config/config.ts';
import type { SaliencySettings } from '../config/saliency.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { aggregate, energyGain } from '../evaluation/metrics/alignment.ts';
import { negativeLogLikelihood } from '../evaluation/uncertainty/temperature.ts';
import { bilinearResize } from '../image/bilinear-resize.ts';
import { rowAt } from '../image/rows.ts';
import type { EpochRecord } from './checkpoint.ts';

/** The part of an epoch's record that is measured on validation images. */
export type Validation = Pick<EpochRecord, 'valAccuracy' | 'valAuc' | 'valLoss' | 'valAlignment'>;

/** Measures the classifier. The alignment of `saliency` is measured only where it may decide between epochs. */
export async function validate(
  evaluator: Evaluator,
  { val, classes, height, width }: Dataset,
  { train }: Pick<Config, 'train'>,
  saliency: SaliencySettings,
): Promise<Validation> {
  const { probs } = await evaluator.predict(val);
  const count = classes.length;
  // Diverged weights are reported by the trainer, which knows the last good ones.
  const diverged = probs.some(Number.isNaN);
  const scores = {
    valAccuracy: diverged ? Number.NaN : accuracy(predictedClasses(probs, count), val.labels),
    valAuc: diverged ? Number.NaN : macroAuc(probs, val.labels, count).value,
    valLoss: negativeLogLikelihood(probs, val.labels, count),
  };
  if (train.selection === 'last' || !val.masks || val.masks.size === 0) return scores;
  const masked = [...val.masks];
  const indices = masked.map(([image]) => image);
  const { maps, height: h, width: w } = await evaluator.explain(val, saliency, indices);
  const gains = masked.map(([, mask], i) =>
    energyGain(bilinearResize(rowAt(maps, i, h * w), [h, w], [height, width]), mask),
  );
  return { ...scores, valAlignment: aggregate(gains).mean };
}
