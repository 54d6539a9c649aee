// Soft relevance masks for a whole data set from a few annotations: steps 1 to 6 of the method in one call.
//
// Each step can be used alone:
// 1. `segmentImages`
// 2. `describeSplit`, then `standardize`
// 3. `fitConcepts`, `assignConcepts`
// 4. `gatherEvidence`, then `conceptEvidence` and `segmentRelevance`
// 5. `segmentRelevanceNetwork` (4 and 5 together: `spreadRelevance`)
// 6. `softMask`, `imageWeight`
// and `summariseConcepts` to inspect the result.

import type { Gpu } from '../../engine/core/gpu.ts';
import { type Annotations, emptyClasses, saysNothing } from '../annotation/marks.ts';
import type { MaskSettings } from '../config/masks.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { type ConceptSummary, summariseConcepts } from './concept-summary.ts';
import { gatherEvidence } from './evidence.ts';
import { segmentImages } from './segments.ts';
import { imageWeight, softMask } from './soft-mask.ts';
import {
  type DescribedSegments,
  describeSegments,
  type SpreadOptions,
  type SpreadRelevance,
  spreadRelevance,
} from './spread.ts';
import { markedMean, type SpreadQuality, spreadQuality } from './spread-quality.ts';

/** The settings of masks, and the seed of clusters and network. */
export interface MaskOptions extends MaskSettings, SpreadOptions {}

/** A soft mask per training image, and how the masks were made. */
export interface RelevanceMasks {
  /** M [N, height, width] in [0, 1]. */
  readonly masks: Float32Array;
  /** ω [N]: confidence of the method in each mask; 1 for annotated images, 0 where nothing is relevant. */
  readonly weights: Float32Array;
  readonly height: number;
  readonly width: number;
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
 * `emptyClasses`), get the weight 0: there is nothing to look at.
 *
 * @throws RangeError if nothing is annotated, or only with "don't know"
 */
export async function buildMasks(
  gpu: Gpu,
  evaluator: Evaluator,
  dataset: Dataset,
  annotations: Annotations,
  options: MaskOptions,
  size: readonly [number, number],
): Promise<RelevanceMasks> {
  if (annotations.size === 0) {
    throw new RangeError('masks: no training image is annotated, expected at least one.');
  }
  const { train } = dataset;
  const segmentations = segmentImages(train, dataset, options);
  const segments = await describeSegments(evaluator, dataset, segmentations, options);
  const { rows, offsets, clustering } = segments;
  const labelled = gatherEvidence(segmentations, annotations, segments);
  if (!labelled.w.some((weight) => weight > 0)) {
    throw new RangeError(
      'masks: the annotations do not say what is relevant or irrelevant, expected at least one mark that is not "don\'t know".',
    );
  }
  const marked = { segments, segmentations, annotations, labels: labelled };
  const quality =
    options.fallback === 'none' ? undefined : await spreadQuality(gpu, marked, options);
  const spread = await spreadRelevance(gpu, segments, labelled, options);
  if (quality?.isMeanTaken) spread.relevance.set(markedMean(marked));
  const { relevance, kappa, meanRelevance } = spread;
  const full = options.saturation * fullRelevance(options.scale, spread, annotations, segments);
  if (full > 0) {
    relevance.forEach((r, s) => {
      relevance[s] = Math.min(1, r / full) ** options.gamma;
    });
  }

  const [height, width] = size;
  const empty = emptyClasses(annotations, train.labels);
  const masks = new Float32Array(train.count * height * width);
  const weights = new Float32Array(train.count);
  for (let i = 0; i < train.count; i++) {
    const [from, to] = [offsets[i], offsets[i + 1]];
    const planes = annotations.get(i);
    const mask = softMask(segmentations[i], relevance.subarray(from, to), {
      sigma: options.sigma,
      planes,
      size: [height, width],
    });
    masks.set(mask, i * height * width);
    if (planes ? saysNothing(planes) : empty.has(train.labels[i])) continue;
    const confidence = imageWeight(kappa.subarray(from, to), planes !== undefined);
    weights[i] = planes ? confidence : options.unmarked * confidence;
  }
  return {
    masks,
    weights,
    height,
    width,
    annotated: annotations.size,
    segments: rows,
    meanRelevance,
    ...(quality && { quality }),
    ...(clustering &&
      spread.evidence && {
        concepts: summariseConcepts(clustering.concepts, spread.evidence, {
          ...{ h: segments.h, q: clustering.q, offsets },
        }),
      }),
  };
}

/** The unit of `saturation`: the relevance that becomes 1 where it is 1. */
function fullRelevance(
  scale: MaskSettings['scale'],
  { relevance, meanRelevance }: SpreadRelevance,
  annotations: Annotations,
  { offsets }: DescribedSegments,
): number {
  if (scale === 'mean') return meanRelevance;
  const peaks = [...annotations]
    .filter(([, planes]) => !saysNothing(planes))
    .map(([i]) => relevance.subarray(offsets[i], offsets[i + 1]).reduce((a, b) => Math.max(a, b)));
  return peaks.length > 0 ? peaks.reduce((a, b) => a + b) / peaks.length : 0;
}
