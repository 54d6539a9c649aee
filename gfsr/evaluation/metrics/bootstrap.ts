// 95 % intervals by drawing the measured images again: the percentile bootstrap.
//
// Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993; Field & Welsh, "Bootstrapping clustered data",
// JRSS B 2007 (whole groups are drawn). The least number of groups is [ours].

import { Random } from '../../../engine/core/random.ts';

/** How often the images are drawn again. */
export const RESAMPLES = 1000;
/** The draws are those of this seed, so that a report comes out the same each time. */
export const BOOTSTRAP_SEED = 0;
/** Fewer groups than this say too little about other groups: single images are drawn instead. */
export const FEWEST_GROUPS = 20;

/** A 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What is drawn: single images, or groups such as patients with all of their images. */
export interface Units {
  readonly kind: 'images' | 'groups';
  /** Number of units. */
  readonly count: number;
  /** Unit of each image, [N]. */
  readonly of: Int32Array;
}

/** The units of `count` images: their groups, if at least `FEWEST_GROUPS` are known, or else the images themselves. */
export function unitsOf(count: number, groups?: readonly string[]): Units {
  const numbers = new Map<string, number>();
  for (const group of groups ?? []) if (!numbers.has(group)) numbers.set(group, numbers.size);
  return groups && numbers.size >= FEWEST_GROUPS
    ? {
        kind: 'groups',
        count: numbers.size,
        of: Int32Array.from(groups, (group) => numbers.get(group) as number),
      }
    : { kind: 'images', count, of: Int32Array.from({ length: count }, (_, i) => i) };
}

/**
 * Draws as many units as there are, with replacement, `RESAMPLES` times. What is measured of one draw is paired: all of
 * it saw the same images.
 *
 * @returns for each draw how often each image was drawn, [N]; the array is used again
 */
export function* resamples({ count, of }: Units): Generator<Float64Array> {
  const random = new Random(BOOTSTRAP_SEED, 'bootstrap');
  const times = new Int32Array(count);
  const drawn = new Float64Array(of.length);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    times.fill(0);
    for (let i = 0; i < count; i++) times[random.int(count)]++;
    for (let i = 0; i < of.length; i++) drawn[i] = times[of[i]];
    yield drawn;
  }
}

/** The 2.5 % and 97.5 % quantiles of the finite values, interpolated linearly; NaN if half of them are not finite. */
export function percentiles(values: ArrayLike<number>): Interval {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const [below, above] = [Math.floor(place), Math.ceil(place)];
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  };
  if (2 * sorted.length <= values.length) return { low: Number.NaN, high: Number.NaN };
  return { low: at(0.025), high: at(0.975) };
}

/** Σ w x / Σ w over the values that are not NaN. */
export function weightedMean(values: ArrayLike<number>, weights: ArrayLike<number>): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sum += weights[i] * values[i];
    total += weights[i];
  }
  return sum / total;
}
