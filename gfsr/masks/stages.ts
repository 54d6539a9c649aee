// The stages of the method over a whole split, each usable alone; `buildMasks` calls them one after another.
//
// 1. `segmentImages` 2. `describeSplit`, then `standardize` 3. `fitConcepts`, `assignConcepts` 4. `gatherEvidence`, then
// `conceptEvidence` and `segmentRelevance` 5. `segmentRelevanceNetwork` 6. `softMask`, `imageWeight`; and
// `summariseConcepts` to look at what was found.

import type { Config } from '../config/config.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { concatDescriptors, type Descriptors, describeImages } from './descriptors.ts';
import { type AnnotationPlane, MARK, type SegmentEvidence, segmentEvidence } from './evidence.ts';
import { defaultSegments, gridSegments, type Segmentation, slic } from './segments.ts';

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

/**
 * Step 1: cuts every image of a split into segments.
 *
 * @returns one segmentation an image: `labels` [H·W] of 0 .. count − 1
 */
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

/**
 * Step 2: descriptors of all segments, raw: deep features from the last feature map, colour, position, size.
 *
 * @returns `data` [rows, dims], rows image after image; those of image i are offsets[i] .. offsets[i + 1]
 */
export async function describeSplit(
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

/** Whether the annotations only strike out: no positive mark on any image. */
export const onlyStrikeOut = (annotations: Annotations): boolean =>
  ![...annotations.values()].flat().some((plane) => plane.includes(MARK.positive));

/**
 * Step 4, first half: what the marks say of every segment.
 *
 * @param offsets rows of image i are offsets[i] .. offsets[i + 1]
 * @returns y [rows] in [0, 1] and w [rows] in [0, 1]; segments of images without annotation have w = 0
 */
export function gatherEvidence(
  segmentations: readonly Segmentation[],
  annotations: Annotations,
  { offsets, rows }: Pick<Descriptors, 'offsets' | 'rows'>,
): { y: Float32Array; w: Float32Array } {
  const y = new Float32Array(rows);
  const w = new Float32Array(rows);
  const strikeOut = onlyStrikeOut(annotations);
  for (const [image, planes] of annotations) {
    const evidence: SegmentEvidence = segmentEvidence(segmentations[image], planes, { strikeOut });
    y.set(evidence.y, offsets[image]);
    w.set(evidence.w, offsets[image]);
  }
  return { y, w };
}
