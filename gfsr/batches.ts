// Turns images of a split into batches: normalised pixels, labels, and the order in which a seed visits them.

import { Random } from '../engine/random.ts';
import type { ChannelStats, Dataset, Split } from './data/dataset.ts';

/** Normalised pixels (x/255 − mean)/std of the images at `indices`: [indices, C, H, W]; the rest of `out` is zero. */
export function gatherImages(
  split: Split,
  indices: ArrayLike<number>,
  { mean, std }: ChannelStats,
  out: Float32Array,
): Float32Array {
  const size = split.images.length / split.count;
  const area = size / mean.length;
  for (let i = 0; i < indices.length; i++) {
    for (let c = 0; c < mean.length; c++) {
      const from = indices[i] * size + c * area;
      const to = i * size + c * area;
      const scale = 1 / (255 * std[c]);
      const shift = mean[c] / std[c];
      for (let p = 0; p < area; p++) out[to + p] = split.images[from + p] * scale - shift;
    }
  }
  out.fill(0, indices.length * size);
  return out;
}

/** The training images in the order of an epoch: the same for the same seed, whatever is trained. */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  return new Random(seed, `batches/${epoch}`).permutation(count);
}

/** Height = width of the images. @throws RangeError if they are not square. */
export function imageSize({ name, height, width }: Dataset): number {
  if (height !== width) {
    throw new RangeError(
      `${name}: images are ${height}×${width}, expected square ones. Crop or pad them.`,
    );
  }
  return height;
}
