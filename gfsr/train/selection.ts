// Which epoch's weights are kept, and when training stops early: decided by validation images alone.

import type { Config } from '../config/config.ts';
import type { EpochRecord } from './checkpoint.ts';

/** What the epochs so far say. */
export interface Selection {
  /** The epoch whose weights are best; undefined if the last ones are kept, or there is no candidate yet. */
  readonly epoch?: number;
  /** Whether `patience` is used up. */
  readonly stopped: boolean;
}

/**
 * The best epoch by `train.criterion` on validation images. Where two epochs have the same value, the one whose
 * saliency lies more on the masks (`valAlignment`) is better, or else the later one. Once `train.patience` epochs in a
 * row have brought no better value, training stops, and later epochs do not count.
 *
 * A guided classifier must have been guided: its candidates begin where guidance has its full weight. Before that, most
 * would be chosen for what cross-entropy alone has taught them. Cross-entropy alone chooses among all epochs. [ours]
 *
 * @param history one record per finished epoch
 * @param guided whether the training is guided after the warm-up
 */
export function selectEpoch(
  history: readonly EpochRecord[],
  { train, guidance }: Pick<Config, 'train' | 'guidance'>,
  guided: boolean,
): Selection {
  if (train.selection === 'last') return { stopped: false };
  const { warmupEpochs, rampEpochs } = guidance;
  const guidedInFull = Math.ceil(warmupEpochs + Math.max(0, rampEpochs - 1));
  const first = guided ? Math.min(guidedInFull, train.epochs - 1) : 0;
  let best: EpochRecord | undefined;
  let improved = first;
  for (const record of history) {
    if (record.epoch < first) continue;
    const gain = best
      ? compare(scoreOf(record, train.criterion), scoreOf(best, train.criterion))
      : 1;
    if (gain > 0) improved = record.epoch;
    const tied = compare(record.valAlignment ?? Number.NaN, best?.valAlignment ?? Number.NaN);
    if (gain > 0 || (gain === 0 && tied >= 0)) best = record;
    if (train.patience > 0 && record.epoch - improved >= train.patience) {
      return { epoch: best?.epoch, stopped: true };
    }
  }
  return { ...(best && { epoch: best.epoch }), stopped: false };
}

/** Higher is better. */
function scoreOf(
  { valAccuracy, valAuc, valLoss }: EpochRecord,
  criterion: Config['train']['criterion'],
): number {
  return { accuracy: valAccuracy, auc: valAuc, loss: -valLoss }[criterion];
}

/** Above 0 if a is larger, 0 if they are equal; what is not defined is smaller than any number. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a - b;
}

/** @throws RangeError for a patience that would have no effect */
export function checkSelection({ train: { selection, patience } }: Pick<Config, 'train'>): void {
  if (selection === 'best' || patience === 0) return;
  throw new RangeError(
    `train.patience: got ${patience} with train.selection ${selection}, expected 0. Set train.selection to best.`,
  );
}
