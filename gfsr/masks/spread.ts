// Spreads what marks say about some segments to all segments: by concepts, by the relevance network, or by both.

import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/core/random.ts';
import type { MaskSettings } from '../config/masks.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { rowAt } from '../image/rows.ts';
import { type ConceptEvidence, conceptEvidence, segmentRelevance } from './concept-evidence.ts';
import { assignConcepts, type Concepts, fitConcepts } from './concepts.ts';
import { DESCRIPTOR_GROUPS, describeSplit } from './descriptors.ts';
import type { SegmentEvidence } from './evidence.ts';
import { segmentRelevanceNetwork } from './relevance-network.ts';
import type { Segmentation } from './segmentation.ts';
import { fitStandardization, standardize } from './standardization.ts';

/** The settings that decide how relevance spreads. */
export interface SpreadOptions
  extends Pick<
    MaskSettings,
    'features' | 'position' | 'concepts' | 'conceptInputs' | 'perClass' | 'relevanceNetwork'
  > {
  readonly seed: number;
  /** Training steps of the relevance network. Default 300. */
  readonly networkSteps?: number;
}

/** Clusters of segments, and the soft assignment q [rows, K] of each segment to them. */
export interface AssignedConcepts {
  readonly concepts: Concepts;
  readonly q: Float32Array;
}

/** All segments of the training images, as what spreads relevance sees them. */
export interface DescribedSegments {
  readonly rows: number;
  /** Rows of image i: offsets[i] .. offsets[i + 1]; [N + 1]. */
  readonly offsets: Int32Array;
  /** Standardised descriptors h [rows, dims]. */
  readonly h: Float32Array;
  readonly dims: number;
  /** Class of the image of each segment [rows], and the number of classes. */
  readonly classOf: Int32Array;
  readonly numClasses: number;
  /** Absent if there are no concepts. */
  readonly clustering?: AssignedConcepts;
  /** First of the columns y, x of a descriptor. */
  readonly place: number;
}

/** The relevance of all segments, and how certain it is. */
export interface SpreadRelevance {
  /** r̂ [rows] in [0, 1]. */
  readonly relevance: Float32Array;
  /** κ [rows] in [0, 1]; 1 without concepts. */
  readonly kappa: Float32Array;
  /** ρ and κ of the concepts; absent without them. */
  readonly evidence?: ConceptEvidence;
  /** Mean relevance of labelled segments, weighted by w. */
  readonly meanRelevance: number;
}

/** Steps 2 and 3 of the method: descriptors of all segments, as z-scores, and concepts unless there are to be none. */
export async function describeSegments(
  evaluator: Evaluator,
  dataset: Dataset,
  segmentations: readonly Segmentation[],
  { features, concepts: clusters, seed }: SpreadOptions,
): Promise<DescribedSegments> {
  const { train, classes } = dataset;
  const descriptors = await describeSplit(evaluator, train, dataset, segmentations, features);
  const { rows, dims, offsets, groups } = descriptors;
  const h = standardize(descriptors, fitStandardization(descriptors));
  const classOf = new Int32Array(rows);
  train.labels.forEach((label, i) => {
    classOf.fill(label, offsets[i], offsets[i + 1]);
  });
  const before = DESCRIPTOR_GROUPS.slice(0, DESCRIPTOR_GROUPS.indexOf('position'));
  const place = before.reduce((sum, group) => sum + groups[group], 0);
  const segments = { rows, offsets, h, dims, classOf, numClasses: classes.length, place };
  if (clusters === 0) return segments;
  const concepts = fitConcepts(h, { dims, clusters, random: new Random(seed, 'concepts') });
  return { ...segments, clustering: { concepts, q: assignConcepts(concepts, h) } };
}

/**
 * Steps 4 and 5 of the method: from the relevance y of labelled segments (w > 0) to r̂ of all.
 *
 * @throws RangeError if no segment is labelled, or if there are neither concepts nor a network
 */
export async function spreadRelevance(
  gpu: Gpu,
  segments: DescribedSegments,
  { y, w }: Pick<SegmentEvidence, 'y' | 'w'>,
  options: SpreadOptions,
): Promise<SpreadRelevance> {
  const { classOf, numClasses, clustering, rows } = segments;
  const { seed, perClass, relevanceNetwork } = options;
  if (!clustering && !relevanceNetwork) {
    throw new RangeError(
      'masks: neither concepts nor a relevance network, got concepts 0 and relevanceNetwork false, expected at least one of them.',
    );
  }
  const meanRelevance = weightedMean(y, w);
  const evidence =
    clustering &&
    conceptEvidence(clustering.q, { y, w }, classOf, {
      ...{ clusters: clustering.concepts.clusters, numClasses, perClass, prior: meanRelevance },
    });
  const closed = clustering && evidence && segmentRelevance(clustering.q, evidence, classOf);
  const kappa = closed?.kappa ?? new Float32Array(rows).fill(1);
  const known = { kappa, evidence, meanRelevance };
  if (!relevanceNetwork && closed) return { relevance: closed.r, ...known };
  const { length, gather } = networkInputs(segments, options);
  const relevance = await segmentRelevanceNetwork(
    gpu,
    { rows, dims: length, gather, y, w, prior: options.conceptInputs ? closed : undefined },
    { seed, steps: options.networkSteps },
  );
  return { relevance, ...known };
}

/**
 * What the network sees of a segment: [h_s; (y², x²); (q_s); onehot c]. Places are z-scores, so their squares are the
 * distance from the centre of the image.
 */
function networkInputs(
  { h, dims, place, clustering, classOf, numClasses }: DescribedSegments,
  { position, conceptInputs }: Pick<SpreadOptions, 'position' | 'conceptInputs'>,
): {
  readonly length: number;
  readonly gather: (indices: ArrayLike<number>, out: Float32Array) => void;
} {
  const squares = position === 'quadratic' ? 2 : 0;
  const q = conceptInputs ? clustering?.q : undefined;
  const clusters = (q && clustering?.concepts.clusters) ?? 0;
  const length = dims + squares + clusters + numClasses;
  const gather = (indices: ArrayLike<number>, out: Float32Array) => {
    out.fill(0);
    for (let i = 0; i < indices.length; i++) {
      const [s, at] = [indices[i], i * length];
      out.set(rowAt(h, s, dims), at);
      if (position === 'none') out.fill(0, at + place, at + place + 2);
      for (let j = 0; j < squares; j++) out[at + dims + j] = out[at + place + j] ** 2;
      if (q) out.set(rowAt(q, s, clusters), at + dims + squares);
      out[at + dims + squares + clusters + classOf[s]] = 1;
    }
  };
  return { length, gather };
}

function weightedMean(values: Float32Array, weights: Float32Array): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += values[i] * weights[i];
    total += weights[i];
  }
  return sum / total;
}
