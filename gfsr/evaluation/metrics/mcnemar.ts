// Whether two classifiers that saw the same images differ in how many they get right.
//
// Source: McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika 1947;
// in its exact form, by the binomial distribution.

/** Images that one of two classifiers gets right and the other wrong. */
export interface Discordant {
  readonly onlyFirst: number;
  readonly onlySecond: number;
}

/**
 * Counts them.
 *
 * @param first predicted classes [N]
 * @param second of the same images
 * @param labels [N]
 */
export function discordant(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  labels: ArrayLike<number>,
): Discordant {
  let [onlyFirst, onlySecond] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    const [a, b] = [first[i] === labels[i], second[i] === labels[i]];
    if (a && !b) onlyFirst++;
    if (b && !a) onlySecond++;
  }
  return { onlyFirst, onlySecond };
}

/** Two-sided p = min(1, 2 P(X ≤ min(b, c))) with X ~ Binomial(b + c, ½); 1 if no image is discordant. */
export function mcnemar({ onlyFirst, onlySecond }: Discordant): number {
  const n = onlyFirst + onlySecond;
  const least = Math.min(onlyFirst, onlySecond);
  let log = -n * Math.LN2;
  let tail = Math.exp(log);
  for (let k = 1; k <= least; k++) {
    log += Math.log((n - k + 1) / k);
    tail += Math.exp(log);
  }
  return Math.min(1, 2 * tail);
}
