// From a few rough strokes to the relevance of segments and concepts.
//
// [paper] Few annotations, without precise boundaries, meet concept clustering in non-binary masks.
// [ours] The estimator: θ-touched segments, smoothed means per concept and class, and all rules below.

import { connectedComponents } from './connected-components.ts';
import type { Segmentation } from './segments.ts';

/** Values of an annotation plane; "don't know" is not "not marked", and neither is "irrelevant". */
export const MARK = { none: 0, positive: 1, negative: 2, unknown: 3 } as const;

/** One annotator's marks on one image, [H·W] of `MARK` values; no mark at all = not annotated. */
export type AnnotationPlane = Uint8Array;

export interface SegmentEvidence {
  /** [count] in [0, 1]: 1 = relevant. Means nothing where w = 0. */
  y: Float32Array;
  /** [count] in [0, 1]: how much y counts; 0 = not labelled. */
  w: Float32Array;
  /** Whether anyone marked anything on the image. */
  annotated: boolean;
}

export interface SegmentEvidenceOptions {
  /** Share of a segment that a stroke must cover to touch it, in (0, 1]; 0.1 if left out. */
  theta?: number;
  /** w of segments that nobody touched; 0.2 if left out. */
  untouched?: number;
  /**
   * Nobody marked anything relevant on any image, so that all there is to learn is what was struck out: the rest
   * of an image then counts as relevant, with the weight `untouched`. Default false.
   */
  strikeOut?: boolean;
}

/**
 * Labels of the segments of one image. A stroke is an 8-connected region of equal marks.
 *
 * A segment is touched by a kind of mark if that covers at least θ of it, or [ours] if it holds more of
 * one stroke than any other segment does (so at least half of it counts, ties count, and a click, a disc
 * far smaller than θ of a segment, is never lost). For one annotator:
 * - touched positive: y = 1, w = 1; negative: y = 0, w = 1; both: y = the positive share of the two, w = 1;
 * - touched by "don't know" alone: w = 0;
 * - untouched: y = 0, w = 0.2, since annotation is incomplete. [ours] Only if the annotator marked
 *   something positive: who only strikes out what is wrong says nothing of the rest, w = 0, or, with
 *   `strikeOut`, leaves it standing: y = 1, w = 0.2.
 *
 * Several annotators [ours]: those with no mark are left out; y is the mean weighted by w, and w is their
 * mean times 1 − 2·Var(y), which for yes/no answers is the chance that two annotators agree.
 *
 * @param planes one a annotator, each [H·W].
 * @throws RangeError if a plane has another size or holds another value, or θ is not in (0, 1].
 */
export function segmentEvidence(
  { labels, count, height, width }: Segmentation,
  planes: readonly AnnotationPlane[],
  { theta = 0.1, untouched = 0.2, strikeOut = false }: SegmentEvidenceOptions = {},
): SegmentEvidence {
  if (!(theta > 0 && theta <= 1)) {
    throw new RangeError(`segmentEvidence: bad theta, got ${theta}, expected a number in (0, 1].`);
  }
  const areas = new Int32Array(count);
  for (const label of labels) areas[label]++;
  const y = new Float32Array(count);
  const w = new Float32Array(count);
  const squares = new Float64Array(count);
  let annotators = 0;
  for (const plane of planes) {
    checkPlane(plane, labels.length);
    if (plane.every((mark) => mark === MARK.none)) continue;
    annotators++;
    const { covered, touched } = touch(plane, labels, areas, theta, height, width);
    const marksRelevant = plane.includes(MARK.positive);
    const leavesRest = strikeOut && plane.includes(MARK.negative);
    const rest = marksRelevant || leavesRest ? untouched : 0;
    const restAnswer = marksRelevant ? 0 : 1;
    for (let s = 0; s < count; s++) {
      const positive = touched[MARK.positive][s] * covered[MARK.positive][s];
      const negative = touched[MARK.negative][s] * covered[MARK.negative][s];
      const decided = positive + negative > 0;
      if (!decided && touched[MARK.unknown][s]) continue;
      const weight = decided ? 1 : rest;
      const answer = decided ? positive / (positive + negative) : restAnswer;
      w[s] += weight;
      y[s] += weight * answer;
      squares[s] += weight * answer * answer;
    }
  }
  for (let s = 0; s < count; s++) {
    if (w[s] === 0) continue;
    y[s] /= w[s];
    const variance = Math.max(squares[s] / w[s] - y[s] * y[s], 0);
    w[s] *= (1 - 2 * variance) / annotators;
  }
  return { y, w, annotated: annotators > 0 };
}

export interface ConceptEvidenceOptions {
  /** K, columns of q. */
  clusters: number;
  /** C. */
  numClasses: number;
  /**
   * `true` (default): an estimate per class, which backs off to the one pooled over classes: with little
   * evidence ρ_kc → ρ_k, with none at all ρ_k → `prior`. `false`: the pooled estimate for every class.
   */
  perClass?: boolean;
  /** a, how many segments the prior is worth; 2 if left out. */
  strength?: number;
  /**
   * ρ₀; 0.5 if left out: a concept nobody has marked is neither relevant nor irrelevant. (The base rate
   * of y would call it irrelevant merely because most of an image is left unmarked.)
   */
  prior?: number;
}

export interface ConceptEvidence {
  /** ρ [C, K]: relevance of concept k for class c, in [0, 1]. */
  rho: Float32Array;
  /** κ [C, K]: confidence in it, in [0, 1). */
  kappa: Float32Array;
  clusters: number;
  numClasses: number;
}

/**
 * Relevance and confidence of each concept for each class, over all segments of the annotated images:
 * ρ_kc = (Σ q_sk w_s y_s + a ρ₀) / (Σ q_sk w_s + a), κ_kc = n_kc / (n_kc + a), n_kc = Σ q_sk w_s.
 *
 * [ours] By default ρ₀ is itself an estimate, ρ_k, made in the same way over all classes (`perClass`);
 * κ_kc counts the class's own evidence only.
 *
 * @param q soft assignments [rows, K].
 * @param y labels [rows], w weights [rows]; rows with w = 0 change nothing.
 * @param classes class of the image of each segment [rows].
 * @throws RangeError if lengths differ, a class is not in 0..C-1, or an option is out of range.
 */
export function conceptEvidence(
  q: Float32Array,
  { y, w }: Pick<SegmentEvidence, 'y' | 'w'>,
  classes: ArrayLike<number>,
  options: ConceptEvidenceOptions,
): ConceptEvidence {
  const { clusters, numClasses, perClass = true, strength = 2, prior = 0.5 } = options;
  const rows = y.length;
  if (q.length !== rows * clusters || w.length !== rows || classes.length !== rows) {
    throw new RangeError(
      `conceptEvidence: lengths differ, got q ${q.length}, y ${rows}, w ${w.length}, classes ${classes.length}, expected [rows, ${clusters}] and 3 times [rows].`,
    );
  }
  if (!(strength > 0) || !(prior >= 0 && prior <= 1)) {
    throw new RangeError(
      `conceptEvidence: bad prior, got strength ${strength} and prior ${prior}, expected > 0 and in [0, 1].`,
    );
  }
  const weights = new Float64Array(numClasses * clusters);
  const hits = new Float64Array(numClasses * clusters);
  for (let s = 0; s < rows; s++) {
    if (w[s] === 0) continue;
    const base = classOffset('conceptEvidence', classes[s], numClasses, clusters);
    for (let k = 0; k < clusters; k++) {
      weights[base + k] += q[s * clusters + k] * w[s];
      hits[base + k] += q[s * clusters + k] * w[s] * y[s];
    }
  }
  const pooledWeights = sumOverClasses(weights, clusters);
  const pooledHits = sumOverClasses(hits, clusters);
  const rho = new Float32Array(numClasses * clusters);
  const kappa = new Float32Array(numClasses * clusters);
  for (let i = 0; i < rho.length; i++) {
    const k = i % clusters;
    const pooled = (pooledHits[k] + strength * prior) / (pooledWeights[k] + strength);
    const n = perClass ? weights[i] : pooledWeights[k];
    rho[i] = perClass ? (hits[i] + strength * pooled) / (n + strength) : pooled;
    kappa[i] = n / (n + strength);
  }
  return { rho, kappa, clusters, numClasses };
}

/**
 * The closed form without a network: r_s = Σ_k q_sk ρ_kc and κ_s = Σ_k q_sk κ_kc.
 *
 * @param q soft assignments [rows, K].
 * @param classes class of the image of each segment [rows], or one class for all.
 * @returns r and kappa, each [rows] in [0, 1].
 * @throws RangeError if lengths differ or a class is not in 0..C-1.
 */
export function segmentRelevance(
  q: Float32Array,
  { rho, kappa, clusters, numClasses }: ConceptEvidence,
  classes: ArrayLike<number> | number,
): { r: Float32Array; kappa: Float32Array } {
  const rows = q.length / clusters;
  if (!Number.isInteger(rows) || (typeof classes !== 'number' && classes.length !== rows)) {
    throw new RangeError(
      `segmentRelevance: lengths differ, got q ${q.length} and classes ${typeof classes === 'number' ? 1 : classes.length}, expected [rows, ${clusters}] and [rows].`,
    );
  }
  const r = new Float32Array(rows);
  const confidence = new Float32Array(rows);
  for (let s = 0; s < rows; s++) {
    const label = typeof classes === 'number' ? classes : classes[s];
    const base = classOffset('segmentRelevance', label, numClasses, clusters);
    let [relevance, certainty] = [0, 0];
    for (let k = 0; k < clusters; k++) {
      relevance += q[s * clusters + k] * rho[base + k];
      certainty += q[s * clusters + k] * kappa[base + k];
    }
    // Float32 rows of q sum to 1 only nearly.
    r[s] = Math.min(relevance, 1);
    confidence[s] = Math.min(certainty, 1);
  }
  return { r, kappa: confidence };
}

/**
 * Checks one annotation plane.
 *
 * @throws RangeError if it does not hold `size` values of `MARK`.
 */
export function checkPlane(plane: AnnotationPlane, size: number): void {
  if (plane.length !== size) {
    throw new RangeError(
      `annotation plane: wrong length, got ${plane.length}, expected ${size} (height x width).`,
    );
  }
  const bad = plane.findIndex((mark) => mark > MARK.unknown);
  if (bad >= 0) {
    throw new RangeError(
      `annotation plane: bad mark at pixel ${bad}, got ${plane[bad]}, expected 0 none, 1 positive, 2 negative or 3 unknown.`,
    );
  }
}

/** Per mark and segment: how many pixels it covers, and whether that is enough to count (0 or 1). */
function touch(
  plane: AnnotationPlane,
  labels: Int32Array,
  areas: Int32Array,
  theta: number,
  height: number,
  width: number,
): { covered: Int32Array[]; touched: Uint8Array[] } {
  const marks = Object.values(MARK);
  const covered = marks.map(() => new Int32Array(areas.length));
  for (let p = 0; p < plane.length; p++) covered[plane[p]][labels[p]]++;
  const touched = covered.map((pixels) =>
    Uint8Array.from(pixels, (n, s) => (n > 0 && n >= theta * areas[s] ? 1 : 0)),
  );
  const strokes = connectedComponents(plane, height, width, 8);
  for (let c = 0; c < strokes.count; c++) {
    const pixels = strokes.order.subarray(strokes.starts[c], strokes.starts[c + 1]);
    const mark = plane[pixels[0]];
    if (mark === MARK.none) continue;
    const held = new Map<number, number>();
    for (const p of pixels) held.set(labels[p], (held.get(labels[p]) ?? 0) + 1);
    const most = Math.max(...held.values());
    for (const [s, n] of held) if (n === most) touched[mark][s] = 1;
  }
  return { covered, touched };
}

function classOffset(where: string, label: number, numClasses: number, clusters: number): number {
  if (!Number.isInteger(label) || label < 0 || label >= numClasses) {
    throw new RangeError(`${where}: bad class, got ${label}, expected 0..${numClasses - 1}.`);
  }
  return label * clusters;
}

function sumOverClasses(values: Float64Array, clusters: number): Float64Array {
  const sums = new Float64Array(clusters);
  for (let i = 0; i < values.length; i++) sums[i % clusters] += values[i];
  return sums;
}
