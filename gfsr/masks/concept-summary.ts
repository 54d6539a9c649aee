// Each concept as shown to people: its number of segments, their evidence, and the segments nearest to its centre.

import { blocksOf, type Values } from '../data/values.ts';
import { rowsBetween } from '../image/rows.ts';
import type { ConceptEvidence } from './concept-evidence.ts';
import type { Concepts } from './concepts.ts';

/** A segment of a training image. */
export interface ConceptExample {
  readonly image: number;
  /** Its label in the segmentation of the image. */
  readonly segment: number;
  /** Squared distance of its descriptor to the centre. */
  readonly distance: number;
}

/** One concept as shown to people before anything is marked. */
export interface ConceptPlaces {
  /** Number of segments that are nearer to this concept than to any other. */
  readonly segments: number;
  /** Segments nearest to the centre, nearest first, each from a different image. */
  readonly examples: readonly ConceptExample[];
}

/** One concept as shown to people: size, relevance, and segments that illustrate it. */
export interface ConceptSummary extends ConceptPlaces {
  /** ρ and κ for each class, [classes]. */
  readonly relevance: readonly number[];
  readonly confidence: readonly number[];
}

export interface ConceptRows {
  /** Standardised descriptors h [rows, dims]. */
  readonly h: Values;
  /** Soft assignment q [rows, K]. */
  readonly q: Values;
  /** Rows of image i: offsets[i] .. offsets[i + 1]; [N + 1]. */
  readonly offsets: Int32Array;
}

/**
 * One summary per concept, in order.
 *
 * @param most number of examples of each; default 8
 */
export function summariseConcepts(
  concepts: Concepts,
  { rho, kappa, numClasses, clusters }: ConceptEvidence,
  rows: ConceptRows,
  most = 8,
): ConceptSummary[] {
  const perClass = (values: Float32Array, k: number) =>
    Array.from({ length: numClasses }, (_, c) => values[c * clusters + k]);
  return conceptPlaces(concepts, rows, most).map((places, k) => ({
    ...places,
    relevance: perClass(rho, k),
    confidence: perClass(kappa, k),
  }));
}

/** The same without what marks say. */
export function conceptPlaces(
  { centers, clusters, dims }: Concepts,
  { h, q, offsets }: ConceptRows,
  most = 8,
): ConceptPlaces[] {
  const counts = new Int32Array(clusters);
  const conceptOf = nearestConcepts(q, clusters);
  const nearest: ConceptExample[][] = Array.from({ length: clusters }, () => []);
  for (let image = 0; image + 1 < offsets.length; image++) {
    const own = rowsBetween(h, offsets[image], offsets[image + 1], dims);
    // If an image has several segments of a concept, the nearest one.
    const best = new Map<number, ConceptExample>();
    for (let row = offsets[image]; row < offsets[image + 1]; row++) {
      const k = conceptOf[row];
      counts[k]++;
      const distance = squaredDistance(own, (row - offsets[image]) * dims, centers, k * dims, dims);
      if (distance >= (best.get(k)?.distance ?? Number.POSITIVE_INFINITY)) continue;
      best.set(k, { image, segment: row - offsets[image], distance });
    }
    for (const [k, example] of best) insert(nearest[k], example, most);
  }
  return nearest.map((examples, k) => ({ segments: counts[k], examples }));
}

/** Mean relevance over the classes, by which concepts are ranked for people. */
export const meanRelevanceOf = ({ relevance }: ConceptSummary): number =>
  relevance.reduce((sum, value) => sum + value, 0) / relevance.length;

/** The concept that each segment belongs to most, [rows]. */
export function nearestConcepts(q: Values, clusters: number): Int32Array {
  const nearest = new Int32Array(q.length / clusters);
  for (const { first, block } of blocksOf(q, clusters)) {
    for (let at = 0, s = first; at < block.length; at += clusters, s++) {
      nearest[s] = largest(block, at, clusters);
    }
  }
  return nearest;
}

/** Keeps a list in ascending order of distance, and no longer than `most`. */
function insert(list: ConceptExample[], example: ConceptExample, most: number): void {
  if (list.length === most && example.distance >= list[most - 1].distance) return;
  const at = list.findIndex(({ distance }) => distance > example.distance);
  list.splice(at < 0 ? list.length : at, 0, example);
  list.length = Math.min(list.length, most);
}

function largest(values: Float32Array, start: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) if (values[start + k] > values[start + best]) best = k;
  return best;
}

function squaredDistance(
  a: Float32Array,
  at: number,
  b: Float32Array,
  from: number,
  count: number,
): number {
  let sum = 0;
  for (let d = 0; d < count; d++) sum += (a[at + d] - b[from + d]) ** 2;
  return sum;
}
