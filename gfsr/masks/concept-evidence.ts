// From the relevance of segments to that of concepts, and back.
//
// [ours] The estimator (smoothed means per concept and class), and all rules below.

import { blocksOf, type Values } from '../data/values.ts';
import { rowAt } from '../image/rows.ts';
import type { SegmentLabels } from './evidence.ts';

/** Sizes and smoothing of `conceptEvidence`. */
export interface ConceptEvidenceOptions {
  /** K, columns of q. */
  clusters: number;
  /** C. */
  numClasses: number;
  /**
   * `true` (default): an estimate per class, which backs off to the one pooled over classes. With little evidence ρ_kc
   * → ρ_k, with none at all ρ_k → `prior`. `false`: the pooled estimate for every class.
   */
  perClass?: boolean;
  /** a, the number of segments that the prior counts as. Default 2. */
  strength?: number;
  /**
   * ρ₀. Default 0.5: a concept that nobody has marked is neither relevant nor irrelevant. (The base rate of y would
   * call it irrelevant merely because most of an image is unmarked.)
   */
  prior?: number;
}

/** What the marks say about each concept, for each class. */
export interface ConceptEvidence {
  /** ρ [C, K]: relevance of concept k for class c, in [0, 1]. */
  rho: Float32Array;
  /** κ [C, K]: confidence in it, in [0, 1). */
  kappa: Float32Array;
  clusters: number;
  numClasses: number;
}

/**
 * Relevance and confidence of each concept for each class, over all segments of the annotated images: ρ_kc = (Σ q_sk
 * w_s y_s + a ρ₀) / (Σ q_sk w_s + a), κ_kc = n_kc / (n_kc + a), n_kc = Σ q_sk w_s.
 *
 * [ours] By default ρ₀ is itself an estimate, ρ_k, made in the same way over all classes (`perClass`); κ_kc counts only
 * the evidence of the class itself.
 *
 * @param q soft assignments [rows, K]
 * @param y labels [rows], w weights [rows]; rows with w = 0 change nothing
 * @param classes class of the image of each segment [rows]
 * @throws RangeError if lengths differ, a class is not in 0..C-1, or an option is out of range
 */
export function conceptEvidence(
  q: Values,
  { y, w }: SegmentLabels,
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
    const own = rowAt(q, s, clusters);
    for (let k = 0; k < clusters; k++) {
      weights[base + k] += own[k] * w[s];
      hits[base + k] += own[k] * w[s] * y[s];
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
 * @param q soft assignments [rows, K]
 * @param classes class of the image of each segment [rows], or one class for all
 * @returns r and kappa, each [rows] in [0, 1]
 * @throws RangeError if lengths differ, or a class is not in 0..C-1
 */
export function segmentRelevance(
  q: Values,
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
  for (const { first, block } of blocksOf(q, clusters)) {
    for (let at = 0, s = first; at < block.length; s++) {
      const label = typeof classes === 'number' ? classes : classes[s];
      const base = classOffset('segmentRelevance', label, numClasses, clusters);
      let relevance = 0;
      let certainty = 0;
      for (let k = 0; k < clusters; k++, at++) {
        relevance += block[at] * rho[base + k];
        certainty += block[at] * kappa[base + k];
      }
      // Float32 rows of q sum to 1 only approximately.
      r[s] = Math.min(relevance, 1);
      confidence[s] = Math.min(certainty, 1);
    }
  }
  return { r, kappa: confidence };
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
