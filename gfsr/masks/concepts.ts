// Concepts: segments clustered by their descriptors with seeded k-means++, and softly assigned to them.
//
// [paper] Concepts are clustered. [ours] How: k-means++ (Arthur & Vassilvitskii, SODA 2007) with Lloyd's iterations, 25
// clusters after ACE (Ghorbani et al., NeurIPS 2019), and q_sk = softmax_k(−‖h_s − μ_k‖² / τ).

import type { Random } from '../../engine/core/random.ts';
import type { Values } from '../data/values.ts';
import { rowAt } from '../image/rows.ts';
import { turn } from '../machine/long-work.ts';
import { drawRows } from './row-sample.ts';
import type { MaskTask } from './task.ts';

/** Default number of rows that concepts are fitted on. */
export const FIT_SAMPLE = 20_000;

/** Options of `fitConcepts`, which runs k-means. */
export interface ConceptOptions {
  /** Columns of the matrix. */
  dims: number;
  /** K. Default 25. */
  clusters?: number;
  random: Random;
  /** Maximum number of Lloyd iterations. Default 100. */
  maxIterations?: number;
  /** Stops when an iteration lowers the inertia by at most this share of it. Default 1e-4. */
  tolerance?: number;
  /** Number of rows to fit on, drawn at random; all if there are fewer. Default 20,000. */
  fitSample?: number;
}

/** Centres of the clusters of segment descriptors, and the scale of soft assignment to them. */
export interface Concepts {
  /** μ [clusters, dims]. */
  centers: Float32Array;
  clusters: number;
  dims: number;
  /** τ: median squared distance of the fitted rows to their nearest centre. */
  tau: number;
  /** Mean squared distance of the fitted rows to their nearest centre. */
  inertia: number;
  iterations: number;
}

/**
 * Fits concepts to standardised descriptors. The same data and seed give the same bytes.
 *
 * @param data [rows, dims]
 * @throws RangeError if the matrix has fewer rows than clusters, is ragged, or holds a value that is not finite
 */
export function fitConcepts(data: Float32Array, options: ConceptOptions): Concepts {
  const fitting = fitStepwise(data, options);
  for (let next = fitting.next(); ; next = fitting.next()) if (next.done) return next.value;
}

/** The same, with a turn for others after each iteration. @throws the reason of the signal */
export async function fitConceptsInTurns(
  data: Values,
  options: ConceptOptions,
  { signal, way }: Pick<MaskTask, 'signal' | 'way'> = {},
): Promise<Concepts> {
  const fitting = fitStepwise(data, options);
  let next = fitting.next();
  for (; !next.done; next = fitting.next()) {
    await turn(signal);
    await way?.free();
  }
  return next.value;
}

function* fitStepwise(data: Values, options: ConceptOptions): Generator<void, Concepts> {
  const { dims, clusters = 25, random, fitSample = FIT_SAMPLE } = options;
  const { maxIterations = 100, tolerance = 1e-4 } = options;
  const rows = checkMatrix('fitConcepts', data, dims);
  if (!Number.isInteger(clusters) || clusters < 1 || clusters > Math.min(rows, fitSample)) {
    throw new RangeError(
      `fitConcepts: bad number of clusters, got ${clusters}, expected an integer in 1..${Math.min(rows, fitSample)} (rows to fit on).`,
    );
  }
  const sample =
    rows > fitSample
      ? drawRows(data, rows, dims, fitSample, random)
      : data.subarray(0, data.length);
  const bad = sample.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    throw new RangeError(
      `fitConcepts: descriptors must be finite, got ${sample[bad]} in column ${bad % dims}. Check the features for a diverged network.`,
    );
  }
  const centers = seedCenters(sample, dims, clusters, random);
  const count = sample.length / dims;
  const nearest = new Int32Array(count);
  const distances = new Float64Array(count);
  let inertia = assignNearest(sample, dims, centers, nearest, distances);
  let iterations = 0;
  while (iterations < maxIterations) {
    yield;
    updateCenters(sample, dims, centers, nearest, distances);
    const next = assignNearest(sample, dims, centers, nearest, distances);
    const gain = inertia - next;
    inertia = next;
    iterations++;
    if (gain <= tolerance * inertia) break;
  }
  return { centers, clusters, dims, tau: median(distances), inertia: inertia / count, iterations };
}

/**
 * Soft assignment q_sk = softmax_k(−‖h_s − μ_k‖² / τ).
 *
 * @param data [rows, dims]
 * @returns q [rows, clusters]; every row sums to 1. With τ = 0 the nearest concept takes all
 * @throws RangeError if the matrix does not have `concepts.dims` columns
 */
export function assignConcepts(concepts: Concepts, data: Float32Array): Float32Array {
  const { centers, clusters, dims } = concepts;
  const rows = checkMatrix('assignConcepts', data, dims);
  const tau = Math.max(concepts.tau, Number.MIN_VALUE);
  const norms = squaredNorms(centers, dims);
  const scores = new Float64Array(clusters);
  const q = new Float32Array(rows * clusters);
  for (let r = 0; r < rows; r++) {
    // ‖h‖² is the same for all k and cancels in the softmax.
    partialDistances(data, r * dims, dims, centers, norms, scores);
    let least = scores[0];
    for (let k = 1; k < clusters; k++) if (scores[k] < least) least = scores[k];
    let sum = 0;
    for (let k = 0; k < clusters; k++) {
      scores[k] = scores[k] === least ? 1 : Math.exp((least - scores[k]) / tau);
      sum += scores[k];
    }
    for (let k = 0; k < clusters; k++) q[r * clusters + k] = scores[k] / sum;
  }
  return q;
}

function checkMatrix(where: string, data: Pick<Values, 'length'>, dims: number): number {
  const rows = data.length / dims;
  if (!Number.isInteger(dims) || dims < 1 || !Number.isInteger(rows)) {
    throw new RangeError(
      `${where}: bad matrix, got ${data.length} values in rows of ${dims}, expected whole rows.`,
    );
  }
  return rows;
}

/** k-means++: each further centre is a row drawn with probability ∝ its squared distance to the nearest centre. */
function seedCenters(
  data: Float32Array,
  dims: number,
  clusters: number,
  random: Random,
): Float32Array {
  const rows = data.length / dims;
  const centers = new Float32Array(clusters * dims);
  const distances = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  let chosen = random.int(rows);
  for (let k = 0; ; k++) {
    const center = rowAt(data, chosen, dims);
    centers.set(center, k * dims);
    if (k + 1 === clusters) return centers;
    let total = 0;
    for (let r = 0, i = 0; r < rows; r++) {
      let d = 0;
      for (let j = 0; j < dims; j++) d += (data[i++] - center[j]) ** 2;
      if (d < distances[r]) distances[r] = d;
      total += distances[r];
    }
    // With fewer different rows than clusters nothing is left to draw, so any row will do.
    if (total === 0) {
      chosen = random.int(rows);
      continue;
    }
    let left = random.uniform() * total;
    for (let r = 0; r < rows; r++) {
      if (distances[r] === 0) continue;
      chosen = r;
      left -= distances[r];
      if (left < 0) break;
    }
  }
}

function squaredNorms(matrix: Float32Array, dims: number): Float64Array {
  const norms = new Float64Array(matrix.length / dims);
  for (let r = 0, i = 0; r < norms.length; r++) {
    for (let d = 0; d < dims; d++) norms[r] += matrix[i++] ** 2;
  }
  return norms;
}

/** scores[k] = ‖μ_k‖² − 2 h·μ_k, for four centres at a time, so that each value of h is read once for all four. */
function partialDistances(
  data: Float32Array,
  row: number,
  dims: number,
  centers: Float32Array,
  norms: Float64Array,
  scores: Float64Array,
): void {
  const clusters = norms.length;
  let k = 0;
  for (; k + 4 <= clusters; k += 4) {
    const c0 = k * dims;
    const c1 = c0 + dims;
    const c2 = c1 + dims;
    const c3 = c2 + dims;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let d = 0; d < dims; d++) {
      const v = data[row + d];
      s0 += v * centers[c0 + d];
      s1 += v * centers[c1 + d];
      s2 += v * centers[c2 + d];
      s3 += v * centers[c3 + d];
    }
    scores[k] = norms[k] - 2 * s0;
    scores[k + 1] = norms[k + 1] - 2 * s1;
    scores[k + 2] = norms[k + 2] - 2 * s2;
    scores[k + 3] = norms[k + 3] - 2 * s3;
  }
  for (; k < clusters; k++) {
    let s = 0;
    for (let d = 0; d < dims; d++) s += data[row + d] * centers[k * dims + d];
    scores[k] = norms[k] - 2 * s;
  }
}

/** Nearest centre of each row (lowest index first) and the squared distance. Returns the sum of the distances. */
function assignNearest(
  data: Float32Array,
  dims: number,
  centers: Float32Array,
  nearest: Int32Array,
  distances: Float64Array,
): number {
  const norms = squaredNorms(centers, dims);
  const scores = new Float64Array(norms.length);
  let total = 0;
  for (let r = 0; r < nearest.length; r++) {
    partialDistances(data, r * dims, dims, centers, norms, scores);
    let best = 0;
    for (let k = 1; k < scores.length; k++) if (scores[k] < scores[best]) best = k;
    // Computed from differences, since the expanded square cancels badly near a centre.
    let d = 0;
    for (let j = 0; j < dims; j++) d += (data[r * dims + j] - centers[best * dims + j]) ** 2;
    nearest[r] = best;
    distances[r] = d;
    total += d;
  }
  return total;
}

/** Means of the assigned rows. An empty cluster restarts at the row farthest from its own centre. */
function updateCenters(
  data: Float32Array,
  dims: number,
  centers: Float32Array,
  nearest: Int32Array,
  distances: Float64Array,
): void {
  const clusters = centers.length / dims;
  const members = new Int32Array(clusters);
  for (const k of nearest) members[k]++;
  for (let k = 0; k < clusters; k++) {
    if (members[k] > 0) continue;
    let farthest = -1;
    for (let r = 0; r < nearest.length; r++) {
      if (members[nearest[r]] < 2) continue;
      if (farthest < 0 || distances[r] > distances[farthest]) farthest = r;
    }
    if (farthest < 0) continue;
    members[nearest[farthest]]--;
    nearest[farthest] = k;
    members[k] = 1;
    distances[farthest] = 0;
  }
  const sums = new Float64Array(centers.length);
  for (let r = 0, i = 0; r < nearest.length; r++) {
    const c = nearest[r] * dims;
    for (let d = 0; d < dims; d++) sums[c + d] += data[i++];
  }
  for (let k = 0; k < clusters; k++) {
    if (members[k] === 0) continue;
    for (let d = 0; d < dims; d++) centers[k * dims + d] = sums[k * dims + d] / members[k];
  }
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
