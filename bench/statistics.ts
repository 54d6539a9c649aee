// Medians, quartiles, and the bootstrap interval of a ratio of medians.

import { Random } from '../engine/core/random.ts';

/** The value below which a share of the samples lies, between neighbours by a straight line (R's type 7). */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

export interface Interval {
  readonly low: number;
  readonly value: number;
  readonly high: number;
}

const RESAMPLES = 4000;

/**
 * median(a) / median(b) with its 95 % percentile bootstrap interval (Efron 1979): both sides are resampled with
 * replacement, with the same draws every time. It covers the spread within two runs, not differences between runs.
 */
export function medianRatio(a: readonly number[], b: readonly number[]): Interval {
  const random = new Random('bench', 'bootstrap');
  const draw = (samples: readonly number[]) =>
    median(samples.map(() => samples[random.int(samples.length)]));
  const ratios = Array.from({ length: RESAMPLES }, () => draw(a) / draw(b));
  return {
    low: quantile(ratios, 0.025),
    value: median(a) / median(b),
    high: quantile(ratios, 0.975),
  };
}
