// Split conformal prediction: sets of classes that contain the true one with a chosen probability, for any classifier.
//
// Source: Vovk et al., "Algorithmic Learning in a Random World", 2005; Sadinle et al., "Least Ambiguous Set-Valued
// Classifiers", JASA 2019 (LAC); Romano et al., "Classification with Valid and Adaptive Coverage", NeurIPS 2020 (APS).

/**
 * - `lac`: score 1 − p_y. Gives the smallest sets on average; an image unlike all others may get an empty set
 * - `aps`: score Σ p_k over y and the more probable classes, and 0 for the most probable class, so that no set is
 *   empty. Without randomisation. Sets are larger, and grow for hard images
 */
export type ConformalScore = 'lac' | 'aps';

/** When a class belongs to a prediction set. */
export interface ConformalRule {
  readonly score: ConformalScore;
  /** A class whose score is at most this belongs to the set. Infinity if there are too few calibration images. */
  readonly threshold: number;
}

/**
 * The threshold that gives a coverage of at least 1 − α on images of the same kind: the ⌈(n + 1)(1 − α)⌉-th smallest
 * score of the true classes.
 *
 * @param probs [n, classes] of calibration images that were not trained on; @param labels [n]
 * @param alpha probability of a miss, in (0, 1)
 * @throws RangeError for another alpha, or if the numbers of rows and labels differ
 */
export function calibrateConformal(
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  alpha: number,
  score: ConformalScore = 'lac',
): ConformalRule {
  if (!(alpha > 0 && alpha < 1)) {
    throw new RangeError(`calibrateConformal: got alpha ${alpha}, expected above 0 and below 1.`);
  }
  checkRows('calibrateConformal', probs, labels, classes);
  const scores = Float64Array.from(
    labels,
    (label, i) => rowScores(probs, i * classes, classes, score)[label],
  ).sort();
  // The small term keeps (9 + 1) · 0.9 = 9, although 1 − 0.1 is not exactly 0.9 in binary.
  const rank = Math.ceil((scores.length + 1) * (1 - alpha) - 1e-9);
  const threshold = rank > scores.length ? Number.POSITIVE_INFINITY : scores[rank - 1];
  return { score, threshold };
}

/** The classes of each image's set, ascending. @throws RangeError for incomplete rows */
export function predictionSets(
  probs: ArrayLike<number>,
  classes: number,
  { score, threshold }: ConformalRule,
): number[][] {
  const rows = probs.length / classes;
  if (!Number.isInteger(rows)) {
    throw new RangeError(
      `predictionSets: got ${probs.length} probabilities, expected whole rows of ${classes}.`,
    );
  }
  return Array.from({ length: rows }, (_, i) => {
    const scores = rowScores(probs, i * classes, classes, score);
    return Array.from(scores.keys()).filter((c) => scores[c] <= threshold);
  });
}

/** How good prediction sets are: whether they contain the true class, and how small they are. */
export interface SetQuality {
  /** Share of the images whose set contains the true class. */
  readonly coverage: number;
  /** Mean number of classes per set. */
  readonly size: number;
  /** Share of the images with an empty set. */
  readonly empty: number;
  /** Coverage of the worst-covered class, which marginal coverage may hide. */
  readonly worstClassCoverage: number;
}

/** Quality of the sets on images whose class is known. @throws RangeError if numbers differ, or are 0 */
export function setQuality(
  sets: readonly (readonly number[])[],
  labels: ArrayLike<number>,
): SetQuality {
  const n = sets.length;
  if (n !== labels.length || n === 0) {
    throw new RangeError(
      `setQuality: got ${n} sets and ${labels.length} labels, expected equal numbers above 0.`,
    );
  }
  const held = sets.map((set, i) => set.includes(labels[i]));
  const share = (which: readonly boolean[]) => which.filter(Boolean).length / which.length;
  const perClass = [...new Set(Array.from(labels))].map((label) =>
    share(held.filter((_, i) => labels[i] === label)),
  );
  return {
    coverage: share(held),
    size: sets.reduce((sum, set) => sum + set.length, 0) / n,
    empty: share(sets.map((set) => set.length === 0)),
    worstClassCoverage: Math.min(...perClass),
  };
}

/** The score of each class of one row. */
function rowScores(
  probs: ArrayLike<number>,
  start: number,
  classes: number,
  score: ConformalScore,
): Float64Array {
  const row = Float64Array.from({ length: classes }, (_, c) => probs[start + c]);
  if (score === 'lac') return row.map((p) => 1 - p);
  // Cumulative sums from the most probable class on: a set that follows this order never skips a class.
  const order = [...row.keys()].sort((a, b) => row[b] - row[a] || a - b);
  const out = new Float64Array(classes);
  let sum = 0;
  for (const c of order) {
    sum += row[c];
    out[c] = sum;
  }
  out[order[0]] = 0;
  return out;
}

function checkRows(
  where: string,
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): void {
  if (probs.length === labels.length * classes && labels.length > 0) return;
  throw new RangeError(
    `${where}: got ${probs.length} probabilities for ${labels.length} labels, expected ${classes} each, and at least one label.`,
  );
}
