// Whether two classifiers that saw the same images differ in how many they get right: the paired permutation test.
//
// Source: Pitman, "Significance tests which may be applied to samples from any populations", JRSS Supplement 1937;
// McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika 1947, which it
// is in its exact form where every unit is a single image.

import type { Units } from './bootstrap.ts';

/** A sum that is less probable is out of reach. It would cost time, and change no p that is shown. */
const NEGLIGIBLE = 1e-100;

/**
 * By unit, how many images more the second classifier gets right than the first.
 *
 * @param first predicted classes [N]
 * @param second of the same images
 * @param labels [N]
 */
export function gains(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  labels: ArrayLike<number>,
  { count, of }: Pick<Units, 'count' | 'of'>,
): Int32Array {
  const found = new Int32Array(count);
  for (let i = 0; i < labels.length; i++) {
    found[of[i]] += Number(second[i] === labels[i]) - Number(first[i] === labels[i]);
  }
  return found;
}

/**
 * Two-sided p of a sum of gains Σ d: if the classifiers are alike, each unit's gain could as well be its negative. p is
 * the share of all swaps, 2 to the power of the units, whose |Σ ± d| is at least |Σ d|; 1 if no unit gained or lost.
 *
 * With the gains X of the units that are not swapped, Σ ± d = 2X − Σ |d|, so p = min(1, 2 P(X ≤ least)), `least` the
 * smaller one of all gains and all losses. P is computed unit by unit, over the sums X that are not out of reach.
 */
export function swapTest(gains: Int32Array): number {
  const sizes = gains.map(Math.abs).filter((size) => size > 0);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const net = Math.abs(gains.reduce((sum, gain) => sum + gain, 0));
  const least = (total - net) / 2;
  const chance = new Float64Array(least + 1);
  chance[0] = 1;
  let [from, to] = [0, 0];
  for (const size of sizes) {
    to = Math.min(to + size, least);
    for (let x = to; x >= from; x--) {
      chance[x] = (chance[x] + (x - size < from ? 0 : chance[x - size])) / 2;
    }
    while (from < to && chance[from] < NEGLIGIBLE) chance[from++] = 0;
    while (from < to && chance[to] < NEGLIGIBLE) chance[to--] = 0;
  }
  return Math.min(1, 2 * chance.reduce((sum, p) => sum + p, 0));
}
