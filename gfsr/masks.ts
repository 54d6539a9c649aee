// Soft relevance masks for a whole data set from a few annotations: method.md steps 1 to 6 in one call.

import type { Gpu } from '../engine/gpu.ts';
import { Random } from '../engine/random.ts';
import { assignConcepts, fitConcepts } from './concepts.ts';
import type { Config } from './config.ts';
import type { Dataset, Split } from './data/dataset.ts';
import {
  concatDescriptors,
  type Descriptors,
  describeImages,
  fitStandardization,
  standardize,
} from './descriptors.ts';
import type { Evaluator } from './evaluator.ts';
import {
  type AnnotationPlane,
  conceptEvidence,
  type SegmentEvidence,
  segmentEvidence,
  segmentRelevance,
} from './evidence.ts';
import { segmentRelevanceNetwork } from './relevance-network.ts';
import { defaultSegments, gridSegments, type Segmentation, slic } from './segments.ts';
import { imageWeight, softMask } from './soft-mask.ts';

/** Marks on training images: image index → one plane [H, W] an annotator. */
export type Annotations = ReadonlyMap<number, readonly AnnotationPlane[]>;

export type MaskSettings = Pick<
  Config,
  | 'seed'
  | 'segmentation'
  | 'segments'
  | 'compactness'
  | 'concepts'
  | 'perClass'
  | 'relevanceNetwork'
  | 'sigma'
  | 'saturation'
>;

export interface RelevanceMasks {
  /** M [N, height, width] in [0, 1]. */
  readonly masks: Float32Array;
  /** ω [N]: how sure the method is of each mask; 1 for annotated images. */
  readonly weights: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly annotated: number;
  readonly segments: number;
  /** Mean relevance of labelled segments, weighted by w: what `saturation` multiplies. */
  readonly meanRelevance: number;
}

/** Cuts every image of a split into segments. */
export function segmentImages(
  split: Split,
  { channels, height, width }: Dataset,
  { segmentation, segments, compactness }: MaskSettings,
): Segmentation[] {
  const wanted = segments === 0 ? defaultSegments(height, width) : segments;
  if (segmentation === 'grid') {
    const side = Math.max(1, Math.round(Math.sqrt(wanted)));
    const grid = gridSegments({ height, width, rows: side, cols: side });
    return Array.from({ length: split.count }, () => grid);
  }
  const size = channels * height * width;
  const shape = { channels, height, width };
  return Array.from({ length: split.count }, (_, i) =>
    slic(split.images.subarray(i * size, (i + 1) * size), {
      ...shape,
      segments: wanted,
      compactness,
    }),
  );
}

/** Descriptors of all segments: deep features from the last feature map, colour, position, size. */
async function describe(
  evaluator: Evaluator,
  split: Split,
  dataset: Dataset,
  segmentations: readonly Segmentation[],
): Promise<Descriptors> {
  const { channels, height, width } = dataset;
  const size = channels * height * width;
  const parts: Descriptors[] = [];
  await evaluator.features(split, 'last', (data, [, k, h, w], indices) => {
    const [first, count] = [indices[0], indices.length];
    parts.push(
      describeImages(
        split.images.subarray(first * size, (first + count) * size),
        { channels, height, width },
        segmentations.slice(first, first + count),
        { data, channels: k, height: h, width: w },
      ),
    );
  });
  return concatDescriptors(parts);
}

/** The evidence of every segment, row by row; segments of images without annotation have w = 0. */
function gatherEvidence(
  segmentations: readonly Segmentation[],
  annotations: Annotations,
  { offsets, rows }: Descriptors,
): { y: Float32Array; w: Float32Array } {
  const y = new Float32Array(rows);
  const w = new Float32Array(rows);
  for (const [image, planes] of annotations) {
    const evidence: SegmentEvidence = segmentEvidence(segmentations[image], planes);
    y.set(evidence.y, offsets[image]);
    w.set(evidence.w, offsets[image]);
  }
  return { y, w };
}

/**
 * Spreads annotations over the training images: segments, descriptors, concepts, evidence, relevance
 * network (or its closed form), soft masks area-averaged to `size`.
 *
 * With `saturation` > 0 relevance is divided by that many times the mean relevance of labelled segments and
 * cut at 1 [ours]: a click on a digit labels few of its segments, so raw relevance of the *relevant*
 * concepts stays far below 1.
 *
 * Where people only struck out what is wrong [ours], all else is relevant until shown otherwise: ρ₀ = 1, in closed form, since
 * a network that sees one answer alone gives it everywhere; an image counts as much as its surest segment.
 *
 * @throws RangeError if nothing is annotated, or only with "don't know".
 */
export async function buildMasks(
  gpu: Gpu,
  evaluator: Evaluator,
  dataset: Dataset,
  annotations: Annotations,
  settings: MaskSettings,
  size: readonly [number, number],
): Promise<RelevanceMasks> {
  if (annotations.size === 0) {
    throw new RangeError('masks: no training image is annotated, expected at least one.');
  }
  const { train } = dataset;
  const { seed, concepts: clusters, sigma, saturation } = settings;
  const segmentations = segmentImages(train, dataset, settings);
  const descriptors = await describe(evaluator, train, dataset, segmentations);
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
      'masks: the annotations say nowhere what is relevant or irrelevant, expected a mark that is not "don\'t know".',
    );
  }
  const meanRelevance = weightedMean(y, w);
  const struckOut = meanRelevance === 0;
  const evidence = conceptEvidence(q, { y, w }, classOf, {
    clusters,
    numClasses,
    perClass: settings.perClass,
    prior: struckOut ? 1 : meanRelevance,
  });
  const { r: closed, kappa } = segmentRelevance(q, evidence, classOf);

  const gather = (indices: ArrayLike<number>, out: Float32Array) => {
    const length = dims + clusters + numClasses;
    out.fill(0);
    for (let i = 0; i < indices.length; i++) {
      const s = indices[i];
      out.set(h.subarray(s * dims, (s + 1) * dims), i * length);
      out.set(q.subarray(s * clusters, (s + 1) * clusters), i * length + dims);
      out[i * length + dims + clusters + classOf[s]] = 1;
    }
  };
  const relevance =
    settings.relevanceNetwork && !struckOut
      ? await segmentRelevanceNetwork(
          gpu,
          { rows, dims: dims + clusters + numClasses, gather, y, w, prior: closed, kappa },
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
    const sure = kappa.subarray(from, to);
    weights[i] = imageWeight(struckOut ? [Math.max(...sure)] : sure, planes !== undefined);
  }
  return {
    masks,
    weights,
    height,
    width,
    annotated: annotations.size,
    segments: rows,
    meanRelevance,
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
