// Spreads what marks say about some segments to all segments: by concepts, by the relevance network, or by both.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Annotations } from '../annotation/marks.ts';
import type { MaskSettings } from '../config/masks.ts';
import { weightedMean } from '../evaluation/metrics/bootstrap.ts';
import { rowAt, rowsBetween } from '../image/rows.ts';
import { type ConceptEvidence, conceptEvidence, segmentRelevance } from './concept-evidence.ts';
import { gatherEvidence, type KnownEvidence, type SegmentLabels } from './evidence.ts';
import type { DescribedSegments, DescribeOptions, PreparedSegments } from './prepare.ts';
import { segmentRelevanceNetwork } from './relevance-network.ts';
import type { MaskTask } from './task.ts';

/** The settings that decide how relevance spreads. */
export interface SpreadOptions
  extends DescribeOptions,
    Pick<MaskSettings, 'position' | 'conceptInputs' | 'perClass' | 'relevanceNetwork'> {
  /** Training steps of the relevance network. Default 300. */
  readonly networkSteps?: number;
}

/** How the spreading is followed, and for which images. */
export interface SpreadTask extends MaskTask {
  /** Images whose relevance is asked for; that of others is not told. Default: all. */
  readonly images?: readonly number[];
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

/** What is known before any network: all of `SpreadRelevance`, with r̂ only if there are concepts. */
export type ClosedForm = Omit<SpreadRelevance, 'relevance'> & { readonly relevance?: Float32Array };

/** What the marks say about the segments that they touch, and what follows from it for all others. */
export interface SpreadMarks extends ClosedForm {
  /** y and w of every segment. */
  readonly labels: SegmentLabels;
}

/**
 * Step 4 of the method, after every change of the marks: evidence of segments, evidence of concepts, and the closed
 * form r_s = Σ_k q_sk ρ_kc. It takes milliseconds, and needs no device.
 *
 * @param annotations marks by training image
 * @param known evidence of images that was found before, see `gatherEvidence`
 * @returns `relevance` [rows] in [0, 1], absent without concepts
 * @throws RangeError if nothing is annotated, or only with "don't know"
 */
export function spreadMarks(
  { segmentations, segments }: PreparedSegments,
  annotations: Annotations,
  options: Pick<SpreadOptions, 'perClass'>,
  known?: KnownEvidence,
): SpreadMarks {
  if (annotations.size === 0) {
    throw new RangeError('masks: no training image is annotated, expected at least one.');
  }
  const labels = gatherEvidence(segmentations, annotations, segments, known);
  if (!labels.w.some((weight) => weight > 0)) {
    throw new RangeError(
      'masks: the annotations do not say what is relevant or irrelevant, expected at least one mark that is not "don\'t know".',
    );
  }
  return { labels, ...closedForm(segments, labels, options) };
}

/**
 * Step 5 of the method: the relevance network, which learns r̂ from the marked segments and applies it to all.
 *
 * @param spread what `spreadMarks` found for the same segments
 * @throws the reason of the task's signal if it is aborted
 */
export function refineMarks(
  gpu: Gpu,
  { segments }: Pick<PreparedSegments, 'segments'>,
  spread: SpreadMarks,
  options: SpreadOptions,
  task: MaskTask = {},
): Promise<SpreadRelevance> {
  return refine(gpu, segments, spread.labels, spread, options, task);
}

/**
 * Steps 4 and 5 of the method: from the relevance y of labelled segments (w > 0) to r̂ of all.
 *
 * @throws RangeError if no segment is labelled, or if there are neither concepts nor a network
 */
export async function spreadRelevance(
  gpu: Gpu,
  segments: DescribedSegments,
  labels: SegmentLabels,
  options: SpreadOptions,
  task: SpreadTask = {},
): Promise<SpreadRelevance> {
  // The network is drawn to the closed form of any segment.
  const images = options.conceptInputs ? undefined : task.images;
  const closed = closedForm(segments, labels, options, images);
  if (options.relevanceNetwork) return refine(gpu, segments, labels, closed, options, task);
  return finished(closed);
}

/** @throws RangeError if there are no concepts, so that only a network could tell r̂ */
export function finished({ relevance, ...known }: ClosedForm): SpreadRelevance {
  if (relevance) return { relevance, ...known };
  throw new RangeError(
    'masks: neither concepts nor a relevance network, got concepts 0 and relevanceNetwork false, expected at least one of them.',
  );
}

function closedForm(
  { classOf, numClasses, clustering, rows, offsets }: DescribedSegments,
  { y, w }: SegmentLabels,
  { perClass }: Pick<SpreadOptions, 'perClass'>,
  images?: readonly number[],
): ClosedForm {
  const meanRelevance = weightedMean(y, w);
  if (!clustering) return { kappa: new Float32Array(rows).fill(1), meanRelevance };
  const { concepts, q } = clustering;
  const evidence = conceptEvidence(q, { y, w }, classOf, {
    ...{ clusters: concepts.clusters, numClasses, perClass, prior: meanRelevance },
  });
  if (!images) {
    const { r, kappa } = segmentRelevance(q, evidence, classOf);
    return { relevance: r, kappa, evidence, meanRelevance };
  }
  const [relevance, kappa] = [new Float32Array(rows), new Float32Array(rows)];
  for (const i of images) {
    const [from, to] = [offsets[i], offsets[i + 1]];
    const own = rowsBetween(q, from, to, concepts.clusters);
    const found = segmentRelevance(own, evidence, classOf.subarray(from, to));
    relevance.set(found.r, from);
    kappa.set(found.kappa, from);
  }
  return { relevance, kappa, evidence, meanRelevance };
}

async function refine(
  gpu: Gpu,
  segments: DescribedSegments,
  { y, w }: SegmentLabels,
  { relevance: r, kappa, evidence, meanRelevance }: ClosedForm,
  options: SpreadOptions,
  { images, ...task }: SpreadTask = {},
): Promise<SpreadRelevance> {
  const { length, gather } = networkInputs(segments, options);
  const { offsets } = segments;
  const isNeeded =
    images &&
    ((first: number, end: number) =>
      images.some((i) => offsets[i] < end && offsets[i + 1] > first));
  const prior = options.conceptInputs && r ? { r, kappa } : undefined;
  const relevance = await segmentRelevanceNetwork(
    gpu,
    { rows: segments.rows, dims: length, gather, y, w, prior, ...(isNeeded && { isNeeded }) },
    { seed: options.seed, steps: options.networkSteps },
    task,
  );
  return { relevance, kappa, evidence, meanRelevance };
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
    const count = indices.length;
    // Rows that follow each other are read at once, wherever they lie.
    const isRange =
      count > 1 && Array.prototype.every.call(indices, (s, i) => s === indices[0] + i);
    const range = isRange ? rowsBetween(h, indices[0], indices[0] + count, dims) : undefined;
    for (let i = 0; i < count; i++) {
      const [s, at] = [indices[i], i * length];
      out.set(range ? rowAt(range, i, dims) : rowAt(h, s, dims), at);
      if (position === 'none') out.fill(0, at + place, at + place + 2);
      for (let j = 0; j < squares; j++) out[at + dims + j] = out[at + place + j] ** 2;
      if (q) out.set(rowAt(q, s, clusters), at + dims + squares);
      out[at + dims + squares + clusters + classOf[s]] = 1;
    }
  };
  return { length, gather };
}
