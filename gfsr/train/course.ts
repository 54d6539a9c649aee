// The course of training: learning rate and weight of guidance at each step.

import { scheduleFactor } from '../../model/schedule.ts';
import type { GuidanceSettings } from '../config/guidance.ts';
import type { TrainSettings } from '../config/train.ts';

/** The learning rate of step `step` (from 0) of `total`. */
export const learningRateAt = (
  { lr, schedule }: Pick<TrainSettings, 'lr' | 'schedule'>,
  step: number,
  total: number,
): number => lr * scheduleFactor(schedule, step, total);

/** λ(t) = λ₀ · balance · clip((t − t_w)/t_r, 0, 1) after t epochs, with t_w epochs of warm-up and a ramp of t_r. */
export function lambdaAt(
  { lambda, warmupEpochs, rampEpochs }: GuidanceSettings,
  epochs: number,
  lossBalance: number,
): number {
  const progress = epochs - warmupEpochs;
  const ramp = rampEpochs > 0 ? Math.min(1, Math.max(0, progress / rampEpochs)) : 1;
  return lambda * lossBalance * ramp;
}

/** Below this weight a relevance loss, which is at most about 1, no longer affects a gradient of cross-entropy. */
const LEAST_LAMBDA = 0.01;

/** Warns that guidance will hardly have an effect, and says what to do; undefined if it will. */
export function faintGuidance(
  { lambda, balance }: GuidanceSettings,
  lossBalance: number,
): string | undefined {
  const weight = lambda * lossBalance;
  if (lambda === 0 || weight >= LEAST_LAMBDA) return undefined;
  const why =
    balance === 'none'
      ? ''
      : ': cross-entropy was almost nil when guidance started, so there was little to balance it with';
  return `the relevance loss weighs only ${weight.toPrecision(2)}${why}. Guidance will have hardly any effect. Use a larger lambda, or --balance none.`;
}
