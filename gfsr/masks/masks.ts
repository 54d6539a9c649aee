// Soft relevance masks for a whole data set from a few annotations: steps 1 to 6 of the method in one call.
//
// Each step can be used alone:
// 1. `segmentImages`
// 2. `describeSplit`, then `standardize`
// 3. `fitConcepts`, `assignConcepts`
// 4. `gatherEvidence`, then `conceptEvidence` and `segmentRelevance`
// 5. `segmentRelevanceNetwork`
// 6. `softMask`, `imageWeight`
// and `summariseConcepts` to inspect the result.

import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/core/random.ts';
import { type Annotations, emptyClasses } from '../annotation/marks.ts';
import type { MaskSettings } from '../config/masks.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { rowAt } from '../image/rows.ts';
import { conceptEvidence, segmentRelevance } from './concept-evidence.ts';
import { type ConceptSummary, summariseConcepts } from './concept-summary.ts';
import { assignConcepts, fitConcepts } from './concepts.ts';
import { describeSplit } from './descriptors.ts';
import { gatherEvidence } from './evidence.ts';
import { networkInputs, segmentRelevanceNetwork } from './relevance-network.ts';
import { segmentImages } from './segments.ts';
import { imageWeight, softMask } from './soft-mask.ts';
import { fitStandardization, standardize } from './standardization.ts';

/** The settings of masks, and the seed of clusters and network. */
export interface MaskOptions extends MaskSettings {
  readonly seed: number;
}

/** A soft mask per training image, and how the masks were made. */
export interface RelevanceMasks {
  /** M [N, height, width] in [0, 1]. */
  readonly masks: Float32Array;
  /** ω [N]: confidence of the method in each mask; 1 for annotated images. */
  readonly weights: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly annotated: number;
  readonly segments: number;
  /** Mean relevance of labelled segments, weighted by w. `saturation` multiplies it. */
  readonly meanRelevance: number;
  /** The clustering, for people; absent for masks that were not spread from annotations. */
  readonly concepts?: readonly ConceptSummary[];
}

/**
 * Spreads annotations over the training images: segments, descriptors, concepts, evidence, relevance network (or its
 * closed form), soft masks area-averaged to `size`.
 *
 * With `saturation` > 0, relevance is divided by that multiple of the mean relevance of labelled segments and clipped
 * at 1 [ours]: a click on a digit labels few of its segments, so raw relevance of the *relevant* concepts stays far
 * below 1.
 *
 * Unmarked images of a class in which nothing is relevant (see `emptyClasses`) get the weight 0: there is nothing to
 * look at.
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
  const { seed, concepts: clusters, sigma, saturation } = options;
  const segmentations = segmentImages(train, dataset, options);
  const descriptors = await describeSplit(evaluator, train, dataset, segmentations);
  const { rows, dims, offsets } = descriptors;
  const h = standardize(descriptors, fitStandardization(descriptors));
  const concepts = fitConcepts(h, { dims, clusters, random: new Random(seed, 'concepts') });
  const q = assignConcepts(concepts, h);

  const numClasses = dataset.classes.length;
  const classOf = new Int32Array(rows);
  train.labels.forEach((label, i) => {
    classOf.fill(label, offsets[i], offsets[i + 1]);
  });
  const { y, w } = gatherEvidence(segmentations, annotations, descriptors);
  if (!w.some((weight) => weight > 0)) {
    throw new RangeError(
      'masks: the annotations do not say what is relevant or irrelevant, expected at least one mark that is not "don\'t know".',
    );
  }
  const meanRelevance = weightedMean(y, w);
  const evidence = conceptEvidence(q, { y, w }, classOf, {
    clusters,
    numClasses,
    perClass: options.perClass,
    prior: meanRelevance,
  });
  const { r: closed, kappa } = segmentRelevance(q, evidence, classOf);

  const length = networkInputs({ descriptors: dims, clusters, classes: numClasses });
  const gather = (indices: ArrayLike<number>, out: Float32Array) => {
    out.fill(0);
    for (let i = 0; i < indices.length; i++) {
      const s = indices[i];
      out.set(rowAt(h, s, dims), i * length);
      out.set(rowAt(q, s, clusters), i * length + dims);
      out[i * length + dims + clusters + classOf[s]] = 1;
    }
  };
  const relevance = options.relevanceNetwork
    ? await segmentRelevanceNetwork(
        gpu,
        { rows, dims: length, gather, y, w, prior: closed, kappa },
        { seed },
      )
    : closed;
  const full = saturation * meanRelevance;
  if (full > 0) {
    relevance.forEach((r, s) => {
      relevance[s] = Math.min(1, r / full);
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
      sigma,
      planes,
      size: [height, width],
    });
    masks.set(mask, i * height * width);
    weights[i] =
      planes === undefined && empty.has(train.labels[i])
        ? 0
        : imageWeight(kappa.subarray(from, to), planes !== undefined);
  }
  return {
    masks,
    weights,
    height,
    width,
    annotated: annotations.size,
    segments: rows,
    meanRelevance,
    concepts: summariseConcepts(concepts, evidence, { h, q, offsets }),
  };
}

function weightedMean(values: Float32Array, weights: Float32Array): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += values[i] * weights[i];
    total += weights[i];
  }
  return sum / total;
}
