// How well relevance spreads to images that nobody marked: measured on marked images, each left out once.
//
// [ours] The whole measurement. A mask that is no better than the mean of the marked ones has learnt only where things
// usually are, so the mean is what it is compared with.

import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/core/random.ts';
import { weightedAuc } from '../../model/metrics.ts';
import { type Annotations, saysNothing } from '../annotation/marks.ts';
import type { SegmentLabels } from './evidence.ts';
import type { DescribedSegments } from './prepare.ts';
import type { Segmentation } from './segmentation.ts';
import { type SpreadOptions, spreadRelevance } from './spread.ts';
import type { MaskTask } from './task.ts';

/** How well r̂ predicts what the marks say. */
export interface RelevanceScore {
  /** Probability that a relevant segment has a higher r̂ than an irrelevant one; NaN if there are none of a kind. */
  readonly auc: number;
  /** Mean of (r̂ − y)². */
  readonly brier: number;
}

/** Scores of marked images by what was learnt from the other ones. */
export interface SpreadQuality {
  /** Marked images that were left out, in groups. */
  readonly images: number;
  readonly folds: number;
  /** The spread relevance. */
  readonly spread: RelevanceScore;
  /** The mean of the marks on the other images, for comparison. */
  readonly mean: RelevanceScore;
  /** Whether the mean has the higher AUC, or the same, so that it is taken instead. */
  readonly isMeanTaken: boolean;
}

/** Number of groups of marked images, each of which is left out once. */
export const FOLDS = 5;

/** All segments, and what the marks say about some of them. */
export interface MarkedSegments {
  readonly segments: DescribedSegments;
  readonly segmentations: readonly Segmentation[];
  readonly annotations: Annotations;
  readonly labels: SegmentLabels;
}

/**
 * Leaves out a fifth of the marked images at a time, spreads the marks on the others, and compares r̂ with the marks
 * that were left out. Images on which nothing is relevant teach, but are not scored: they are not guided.
 *
 * @param taskOf how a group is followed and stopped, by its number
 * @returns undefined if fewer than two images can be scored
 */
export async function spreadQuality(
  gpu: Gpu,
  { segments, segmentations, annotations, labels }: MarkedSegments,
  options: SpreadOptions,
  taskOf: (fold: number) => MaskTask = () => ({}),
): Promise<SpreadQuality | undefined> {
  const { offsets, rows } = segments;
  const images = scoredImages({ segments, annotations, labels });
  if (images.length < 2) return undefined;
  const order = new Random(options.seed, 'held-out marks').permutation(images.length);
  const folds = Math.min(FOLDS, images.length);
  const spread = new Float32Array(rows);
  const mean = new Float32Array(rows);
  for (let fold = 0; fold < folds; fold++) {
    const isOut = (at: number) => at % folds === fold;
    const out = images.filter((_, at) => isOut(order[at]));
    const rest = images.filter((_, at) => !isOut(order[at]));
    const w = labels.w.slice();
    for (const i of out) w.fill(0, offsets[i], offsets[i + 1]);
    const rated = { y: labels.y, w };
    const task = { ...taskOf(fold), images: out };
    const { relevance } = await spreadRelevance(gpu, segments, rated, options, task);
    const usual = meanMask(segmentations, rest, segments, labels);
    for (const i of out) {
      spread.set(relevance.subarray(offsets[i], offsets[i + 1]), offsets[i]);
      mean.set(overSegments(usual, segmentations[i]), offsets[i]);
    }
  }
  const w = new Float32Array(rows);
  for (const i of images) w.set(labels.w.subarray(offsets[i], offsets[i + 1]), offsets[i]);
  const scored = { y: labels.y, w };
  const scores = { spread: scoreRelevance(spread, scored), mean: scoreRelevance(mean, scored) };
  const isMeanTaken = scores.spread.auc <= scores.mean.auc;
  return { images: images.length, folds, ...scores, isMeanTaken };
}

/** One sentence for a person. */
export function describeQuality({ images, spread, mean, isMeanTaken }: SpreadQuality): string {
  const figures = ({ auc, brier }: RelevanceScore) =>
    `AUC ${auc.toFixed(3)}, Brier score ${brier.toFixed(3)}`;
  const measured = `marks left out on ${images} images: spread ${figures(spread)}; mean of the other marks ${figures(mean)}`;
  return isMeanTaken
    ? `${measured}. Spread masks are no better, so the mean guides every image`
    : measured;
}

/** The mean of all marks as the relevance of every segment, [rows]. */
export function markedMean(marked: MarkedSegments): Float32Array {
  const { segments, segmentations, labels } = marked;
  const usual = meanMask(segmentations, scoredImages(marked), segments, labels);
  const relevance = new Float32Array(segments.rows);
  segmentations.forEach((segmentation, i) => {
    relevance.set(overSegments(usual, segmentation), segments.offsets[i]);
  });
  return relevance;
}

/** Marked images on which something is relevant, in ascending order. */
function scoredImages({
  segments: { offsets },
  annotations,
  labels,
}: Omit<MarkedSegments, 'segmentations'>): number[] {
  const isKnown = (i: number) => labels.w.subarray(offsets[i], offsets[i + 1]).some((w) => w > 0);
  const marked = [...annotations].filter(([i, planes]) => !saysNothing(planes) && isKnown(i));
  return marked.map(([i]) => i).sort((a, b) => a - b);
}

/**
 * AUC and Brier score of r̂ against soft labels. A segment counts as w·y of a relevant one and w·(1 − y) of an
 * irrelevant one.
 *
 * @param relevance r̂ [rows]
 */
export function scoreRelevance(relevance: Float32Array, { y, w }: SegmentLabels): RelevanceScore {
  const known: number[] = [];
  w.forEach((weight, s) => {
    if (weight > 0) known.push(s);
  });
  const each = (value: (s: number) => number) => Float64Array.from(known, value);
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const auc = weightedAuc(
    each((s) => relevance[s]),
    each((s) => w[s] * y[s]),
    each((s) => w[s] * (1 - y[s])),
  );
  const errors = each((s) => w[s] * (relevance[s] - y[s]) ** 2);
  return { auc, brier: sum(errors) / sum(each((s) => w[s])) };
}

/** The mean of what is marked on some images, pixel by pixel, weighted by w; [H·W]. */
function meanMask(
  segmentations: readonly Segmentation[],
  images: readonly number[],
  { offsets }: Pick<DescribedSegments, 'offsets'>,
  { y, w }: SegmentLabels,
): Float32Array {
  const pixels = segmentations[0].labels.length;
  const sums = new Float64Array(pixels);
  const weights = new Float64Array(pixels);
  let [sum, weight] = [0, 0];
  for (const i of images) {
    segmentations[i].labels.forEach((label, p) => {
      const s = offsets[i] + label;
      sums[p] += w[s] * y[s];
      weights[p] += w[s];
    });
  }
  for (let p = 0; p < pixels; p++) {
    sum += sums[p];
    weight += weights[p];
  }
  // What is marked nowhere takes the mean of all pixels.
  return Float32Array.from(sums, (v, p) => (weights[p] > 0 ? v / weights[p] : sum / weight));
}

/** The mean of a mask over each segment, [count]. */
export function overSegments(mask: Float32Array, { labels, count }: Segmentation): Float32Array {
  const sums = new Float64Array(count);
  const areas = new Int32Array(count);
  labels.forEach((label, p) => {
    sums[label] += mask[p];
    areas[label]++;
  });
  return Float32Array.from(sums, (sum, s) => sum / areas[s]);
}
