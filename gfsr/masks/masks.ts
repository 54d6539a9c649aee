// Soft relevance masks for a whole data set from a few annotations: steps 1 to 6 of the method in one call.
//
// It is made of four calls, for masks that follow the marks:
// - `prepareSegments` once per data set: segments, descriptors, concepts (steps 1 to 3)
// - `spreadMarks` after every change of the marks: evidence, and relevance in closed form (step 4)
// - `refineMarks` when there is time: the relevance network (step 5)
// - `drawMasks`: soft masks (step 6)
// and each step can be used alone:
// 1. `segmentImages`
// 2. `describeSplit`, then `standardize`
// 3. `fitConcepts`, `assignConcepts`
// 4. `gatherEvidence`, then `conceptEvidence` and `segmentRelevance`
// 5. `segmentRelevanceNetwork`
// 6. `softMask`, `imageWeight`
// and `summariseConcepts` to inspect the result.

import type { Gpu } from '../../engine/core/gpu.ts';
import { type Annotations, decidedImages, emptyClasses, saysNothing } from '../annotation/marks.ts';
import type { MaskSettings } from '../config/masks.ts';
import type { Dataset } from '../data/dataset.ts';
import { scratchBeside } from '../data/pixels.ts';
import { memoryScratch, type Scratch, type Values } from '../data/values.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { type LongWork, partOfWork } from '../machine/long-work.ts';
import { type ConceptSummary, summariseConcepts } from './concept-summary.ts';
import { type DescribedSegments, type PreparedSegments, prepareSegments } from './prepare.ts';
import { imageWeight, softMask } from './soft-mask.ts';
import {
  finished,
  refineMarks,
  type SpreadOptions,
  type SpreadRelevance,
  spreadMarks,
} from './spread.ts';
import { FOLDS, markedMean, type SpreadQuality, spreadQuality } from './spread-quality.ts';
import { inTurns, type MaskStage, type MaskTask } from './task.ts';

/** The settings of masks, and the seed of clusters and network. */
export interface MaskOptions extends MaskSettings, SpreadOptions {}

/** A soft mask per training image, and how the masks were made. */
export interface RelevanceMasks {
  /**
   * M [N, height, width] in [0, 1], empty where nothing is relevant; on a disk if the images are. `allValues` brings
   * them into memory.
   */
  readonly masks: Values;
  /** ω [N]: confidence of the method in each mask; 1 for images with evidence, 0 where nothing is relevant. */
  readonly weights: Float32Array;
  readonly height: number;
  readonly width: number;
  /** Images with marks that say something: "don't know" alone does not count. */
  readonly annotated: number;
  readonly segments: number;
  /** Mean relevance of labelled segments, weighted by w. */
  readonly meanRelevance: number;
  /** How well the marks spread; absent if that was not measured. */
  readonly quality?: SpreadQuality;
  /** The clustering, for people; absent for masks that were not spread from annotations. */
  readonly concepts?: readonly ConceptSummary[];
}

/**
 * Spreads annotations over the training images: segments, descriptors, concepts, evidence, relevance network (or its
 * closed form), soft masks area-averaged to `size`.
 *
 * Raw relevance of what is relevant stays below 1, since marks are few and rough: a click labels few of the segments of
 * a digit. It is therefore divided by `saturation` times the mean of the maxima of marked images (`scale: 'peaks'`) or
 * the mean of labelled segments (`'mean'`: even a hint of relevance counts in full), and clipped at 1. The power
 * `gamma` of it is sharper: what is clearly relevant stays, a faint glow over half of the image goes [ours].
 *
 * Where spread relevance predicts marks that were left out no better than the mean of the other marks, every image gets
 * that mean (`fallback: 'mean'`; see `spreadQuality`).
 *
 * Images on which somebody said that nothing is relevant, and the unmarked ones of a class in which nothing is (see
 * `emptyClasses`), get an empty mask and the weight 0: there is nothing to look at. An image with nothing but "don't
 * know" counts as one that nobody marked.
 *
 * @param work is told which share is done; the networks take nearly all of the time
 * @throws RangeError if nothing is annotated, or only with "don't know"; the reason of the signal if it is aborted
 */
export async function buildMasks(
  gpu: Gpu,
  evaluator: Evaluator,
  dataset: Dataset,
  annotations: Annotations,
  options: MaskOptions,
  size: readonly [number, number],
  work: LongWork = {},
): Promise<RelevanceMasks> {
  const { signal } = work;
  const prepared = await prepareSegments(evaluator, dataset, options, { signal, way: gpu.way });
  try {
    return await masksOf(gpu, prepared, dataset, annotations, options, size, work);
  } finally {
    prepared.segments.close?.();
  }
}

async function masksOf(
  gpu: Gpu,
  prepared: PreparedSegments,
  dataset: Dataset,
  annotations: Annotations,
  options: MaskOptions,
  size: readonly [number, number],
  { signal, onProgress }: LongWork,
): Promise<RelevanceMasks> {
  const spread = spreadMarks(prepared, annotations, options);
  const marked = { ...prepared, annotations, labels: spread.labels };
  // One network without each group of marks, and one of all of them.
  const networks = options.fallback === 'none' ? 1 : 1 + FOLDS;
  const network = (at: number) => {
    const share = partOfWork(onProgress, at, networks);
    return { signal, onProgress: (_: MaskStage, done: number) => share(done) };
  };
  const quality =
    options.fallback === 'none' ? undefined : await spreadQuality(gpu, marked, options, network);
  const refined = options.relevanceNetwork
    ? await refineMarks(gpu, prepared, spread, options, network(networks - 1))
    : finished(spread);
  signal?.throwIfAborted();
  if (quality?.isMeanTaken) refined.relevance.set(markedMean(marked));
  const { images, labels } = dataset.train;
  const scratch = scratchBeside(images, labels.length * size[0] * size[1]);
  const task = { signal, way: gpu.way, scratch };
  const masks = await drawMasks(prepared, refined, annotations, labels, options, size, task);
  return { ...masks, ...(quality && { quality }) };
}

/**
 * Step 6 of the method: soft masks and their weights from the relevance of segments. `buildMasks` says how.
 *
 * @param annotations the marks from which relevance spread, by training image
 * @param classes class of each image
 * @param size [height, width] of a mask
 * @param task how it is followed and stopped; `scratch` takes the masks. Default: memory
 * @throws the reason of the task's signal if it is aborted
 */
export async function drawMasks(
  { segmentations, segments }: PreparedSegments,
  spread: SpreadRelevance,
  annotations: Annotations,
  classes: ArrayLike<number>,
  options: MaskSettings,
  [height, width]: readonly [number, number],
  task: MaskTask & { readonly scratch?: Scratch } = {},
): Promise<RelevanceMasks> {
  const { scratch = memoryScratch(segmentations.length * height * width) } = task;
  const { rows, offsets, clustering, h } = segments;
  const { kappa, meanRelevance, evidence } = spread;
  const relevance = scaledRelevance(segments, spread, annotations, options);
  const decided = decidedImages(annotations);
  const empty = emptyClasses(annotations, classes);
  const weights = new Float32Array(segmentations.length);
  await inTurns(segmentations.length, 'drawing', task, (i) => {
    const [from, to] = [offsets[i], offsets[i + 1]];
    const planes = decided.get(i);
    if (planes ? saysNothing(planes) : empty.has(classes[i])) {
      scratch.append(new Float32Array(height * width));
      return;
    }
    const mask = softMask(segmentations[i], relevance.subarray(from, to), {
      sigma: options.sigma,
      planes,
      size: [height, width],
    });
    scratch.append(mask);
    const confidence = imageWeight(kappa.subarray(from, to), planes !== undefined);
    weights[i] = planes ? confidence : options.unmarked * confidence;
  });
  return {
    masks: scratch.read(),
    weights,
    height,
    width,
    annotated: decided.size,
    segments: rows,
    meanRelevance,
    ...(clustering &&
      evidence && {
        concepts: summariseConcepts(clustering.concepts, evidence, {
          ...{ h, q: clustering.q, offsets },
        }),
      }),
  };
}

/**
 * Relevance as masks show it: min(1, r / (saturation · unit))^gamma, see `buildMasks`.
 *
 * @returns [rows] in [0, 1]
 */
export function scaledRelevance(
  segments: Pick<DescribedSegments, 'offsets'>,
  spread: Pick<SpreadRelevance, 'relevance' | 'meanRelevance'>,
  annotations: Annotations,
  { scale, saturation, gamma }: Pick<MaskSettings, 'scale' | 'saturation' | 'gamma'>,
): Float32Array {
  const full = saturation * fullRelevance(scale, spread, annotations, segments);
  if (!(full > 0)) return spread.relevance;
  // A loop: a click in the page waits for all segments of a data set.
  const scaled = new Float32Array(spread.relevance.length);
  for (let s = 0; s < scaled.length; s++)
    scaled[s] = Math.min(1, spread.relevance[s] / full) ** gamma;
  return scaled;
}

/** The unit of `saturation`: the relevance that becomes 1 where it is 1. */
function fullRelevance(
  scale: MaskSettings['scale'],
  { relevance, meanRelevance }: Pick<SpreadRelevance, 'relevance' | 'meanRelevance'>,
  annotations: Annotations,
  { offsets }: Pick<DescribedSegments, 'offsets'>,
): number {
  if (scale === 'mean') return meanRelevance;
  const peaks = [...decidedImages(annotations)]
    .filter(([, planes]) => !saysNothing(planes))
    .map(([i]) => relevance.subarray(offsets[i], offsets[i + 1]).reduce((a, b) => Math.max(a, b)));
  return peaks.length > 0 ? peaks.reduce((a, b) => a + b) / peaks.length : 0;
}
