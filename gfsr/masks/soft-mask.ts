// Soft relevance masks in [0, 1] from the relevance of segments, for guiding saliency.
//
// [paper] The masks are non-binary. [ours] How they are made: segment relevance, Gaussian blur, strokes on top, area
// average to the size of the saliency.

import { type AnnotationPlane, checkPlane, MARK } from '../annotation/marks.ts';
import { areaResize } from '../image/area-resize.ts';
import { gaussianBlur } from '../image/gaussian-blur.ts';
import type { Segmentation } from './segmentation.ts';

/** Options of `softMask`. */
export interface SoftMaskOptions {
  /** Standard deviation of the blur in pixels, 0 for none. Default `defaultSigma(height, width)`. */
  sigma?: number;
  /** Annotation planes of the image; empty if it is not annotated. */
  planes?: readonly AnnotationPlane[];
  /** [h, w] of the saliency. Default: the size of the image. */
  size?: readonly [number, number];
}

/** [ours] 1/28 of the image's side: 1 pixel at 28 px, 8 at 224 px. */
export function defaultSigma(height: number, width: number): number {
  return Math.sqrt(height * width) / 28;
}

/**
 * Soft mask M(p) = Σ_s r_s 1[p ∈ s], blurred, then overridden by strokes, then area-averaged.
 *
 * @param relevance r_s in [0, 1], [segmentation.count]
 * @returns [h, w] in [0, 1], 1 = relevant
 * @throws RangeError if lengths differ, sigma is negative, or a plane is bad
 */
export function softMask(
  segmentation: Segmentation,
  relevance: ArrayLike<number>,
  options: SoftMaskOptions = {},
): Float32Array {
  const { labels, count, height, width } = segmentation;
  const { sigma = defaultSigma(height, width), planes = [], size = [height, width] } = options;
  if (relevance.length !== count) {
    throw new RangeError(
      `softMask: relevance has the wrong length, got ${relevance.length}, expected ${count} (segments).`,
    );
  }
  const mask = new Float32Array(labels.length);
  for (let p = 0; p < mask.length; p++) mask[p] = relevance[labels[p]];
  const blurred = gaussianBlur(mask, height, width, sigma);
  return areaResize(overrideStrokes(blurred, planes), [height, width], size);
}

/**
 * ω_i, the weight of an image's mask in the loss: mean_s κ_s, or 1 if a person annotated it.
 *
 * @param kappa confidence of the image's segments, each in [0, 1]
 * @throws RangeError if there are no segments
 */
export function imageWeight(kappa: ArrayLike<number>, annotated: boolean): number {
  if (annotated) return 1;
  if (kappa.length === 0) {
    throw new RangeError('imageWeight: got no segments, expected at least 1.');
  }
  let sum = 0;
  for (let s = 0; s < kappa.length; s++) sum += kappa[s];
  return sum / kappa.length;
}

/**
 * Strokes on top of a mask: positive → 1, negative → 0; "don't know" and unmarked pixels do not change. If annotators
 * differ, a pixel takes the mean of those who decided.
 *
 * @param mask [H·W]
 * @returns a new mask [H·W]
 * @throws RangeError if a plane is bad
 */
export function overrideStrokes(
  mask: Float32Array,
  planes: readonly AnnotationPlane[],
): Float32Array {
  for (const plane of planes) checkPlane(plane, mask.length);
  return mask.map((value, p) => {
    let [positive, negative] = [0, 0];
    for (const plane of planes) {
      if (plane[p] === MARK.positive) positive++;
      else if (plane[p] === MARK.negative) negative++;
    }
    return positive + negative > 0 ? positive / (positive + negative) : value;
  });
}
