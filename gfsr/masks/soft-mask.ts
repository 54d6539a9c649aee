// Soft relevance masks in [0, 1] from the relevance of segments, for guiding saliency.
//
// [paper] The masks are non-binary. [ours] How they are made: segment relevance, Gaussian blur, strokes
// on top, area average to the size of the saliency.

import { areaResize } from '../image/area-resize.ts';
import { type AnnotationPlane, checkPlane, MARK } from './evidence.ts';
import type { Segmentation } from './segments.ts';

export interface SoftMaskOptions {
  /** Standard deviation of the blur in pixels, 0 for none; `defaultSigma(height, width)` if left out. */
  sigma?: number;
  /** Annotation planes of the image; none if it is not annotated. */
  planes?: readonly AnnotationPlane[];
  /** [h, w] of the saliency; the image's own size if left out. */
  size?: readonly [number, number];
}

/** [ours] A 28th of the image's side: 1 pixel at 28 px, 8 at 224 px. */
export function defaultSigma(height: number, width: number): number {
  return Math.sqrt(height * width) / 28;
}

/**
 * Soft mask M(p) = Σ_s r_s 1[p ∈ s], blurred, then overridden by strokes, then area-averaged.
 *
 * @param relevance r_s in [0, 1], [segmentation.count].
 * @returns [h, w] in [0, 1], 1 = relevant.
 * @throws RangeError if lengths differ, sigma is negative, or a plane is bad.
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
  const mask = Float32Array.from(labels, (s) => relevance[s]);
  const blurred = gaussianBlur(mask, height, width, sigma);
  return areaResize(overrideStrokes(blurred, planes), [height, width], size);
}

/**
 * ω_i: how much the mask of an image counts in the loss, mean_s κ_s, or 1 if a person annotated it.
 *
 * @param kappa confidence of the image's segments, each in [0, 1].
 * @throws RangeError if there are no segments.
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
 * Strokes on top of a mask: positive → 1, negative → 0, "don't know" and unmarked leave it. Where
 * annotators differ, a pixel takes the mean of those who decided.
 *
 * @param mask [H·W].
 * @returns a new mask [H·W].
 * @throws RangeError if a plane is bad.
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

/**
 * Separable Gaussian blur out to 3σ. At the border the kernel is cut and normalised again, so that a
 * constant image stays as it is and nothing dark leaks in.
 *
 * @param source [H, W].
 * @param sigma in pixels; 0 returns a copy.
 * @throws RangeError if sigma is negative or not finite, or `source` does not hold H·W values.
 */
export function gaussianBlur(
  source: Float32Array,
  height: number,
  width: number,
  sigma: number,
): Float32Array {
  if (!(sigma >= 0 && sigma < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`gaussianBlur: bad sigma, got ${sigma}, expected a finite number >= 0.`);
  }
  if (source.length !== height * width) {
    throw new RangeError(
      `gaussianBlur: source has the wrong length, got ${source.length}, expected ${height * width} ([${height}, ${width}]).`,
    );
  }
  if (sigma === 0) return source.slice();
  const radius = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: radius + 1 }, (_, i) =>
    Math.exp(-0.5 * (i / sigma) ** 2),
  );
  const rows = blurLines(source, height, width, width, 1, kernel);
  return blurLines(rows, width, height, 1, width, kernel);
}

/** Blurs `lines` lines of `length` values each; neighbours on a line are `step` apart. */
function blurLines(
  source: Float32Array,
  lines: number,
  length: number,
  lineStep: number,
  step: number,
  kernel: Float64Array,
): Float32Array {
  const out = new Float32Array(source.length);
  const radius = kernel.length - 1;
  for (let i = 0; i < length; i++) {
    const first = Math.max(i - radius, 0);
    const last = Math.min(i + radius, length - 1);
    let total = 0;
    for (let j = first; j <= last; j++) total += kernel[Math.abs(j - i)];
    for (let line = 0; line < lines; line++) {
      let sum = 0;
      for (let j = first; j <= last; j++) {
        sum += kernel[Math.abs(j - i)] * source[line * lineStep + j * step];
      }
      out[line * lineStep + i * step] = sum / total;
    }
  }
  return out;
}
