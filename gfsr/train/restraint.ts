// When guidance gives way: decided by the epochs so far alone, so that a resumed run decides the same.

import type { GuidanceSettings } from '../config/guidance.ts';
import type { EpochRecord } from './checkpoint.ts';

/** What the epochs so far mean for guidance. */
export interface Restraint {
  /** λ is multiplied by it: 1, ½, ¼ or 0. */
  readonly factor: number;
  /** What the last epoch changed, and why, as a sentence; absent if it changed nothing. */
  readonly news?: string;
}

/** A relevance loss of less than this share of cross-entropy has nothing to undo. */
const NOTHING_TO_UNDO = 1e-3;
/** The weight is halved twice; the third time, guidance ends. */
const LEAST_FACTOR = 1 / 4;

/**
 * With `guidance.harmTolerance` d > 0, guidance is halved after each epoch whose validation loss is above (1 + d) times
 * the lowest one of the warm-up, and ends at the third. It also ends after its first epoch if λ·L_rel is below 0.1 % of
 * cross-entropy: nothing is to be undone. [ours]
 *
 * @param history one record per finished epoch of a guided training, with its warm-up
 */
export function restraint(
  history: readonly EpochRecord[],
  { harmTolerance, lambda, warmupEpochs, rampEpochs }: GuidanceSettings,
): Restraint {
  if (harmTolerance === 0 || lambda === 0) return { factor: 1 };
  const warm = history.filter(({ epoch }) => epoch < warmupEpochs);
  const best = Math.min(...warm.map(({ valLoss }) => valLoss));
  let now: Restraint = { factor: 1 };
  for (const record of history.slice(warm.length)) {
    const { factor } = now;
    const isFirst = record.epoch === warmupEpochs;
    const full = record.lambda * Math.max(1, rampEpochs);
    if (factor === 0) now = { factor };
    else if (isFirst && full * record.relevance < NOTHING_TO_UNDO * record.crossEntropy) {
      now = { factor: 0, news: nothingToUndo(record) };
    } else if (record.valLoss > (1 + harmTolerance) * best) {
      const next = factor > LEAST_FACTOR ? factor / 2 : 0;
      now = { factor: next, news: harmed(record, best, next) };
    } else now = { factor };
  }
  return now;
}

const nothingToUndo = ({ epoch, relevance }: EpochRecord): string =>
  `guidance ends after epoch ${epoch + 1}: its loss is ${relevance.toPrecision(2)}, so there is nothing to undo.`;

const harmed = ({ epoch, valLoss }: EpochRecord, best: number, factor: number): string =>
  `guidance ${factor === 0 ? 'ends' : `is weakened to ${factor} of its weight`} after epoch ${epoch + 1}: ` +
  `the validation loss is ${valLoss.toPrecision(3)}, in the warm-up it was ${best.toPrecision(3)}.`;
