// Finds near-copies: photographs that a file holds twice, at another size or brightness, so that splits can keep them
// together.

import { areaResize } from '../image/area-resize.ts';
import { type Dataset, imageAt, type Split } from './dataset.ts';

/** Side of the grey pictures that are compared, in pixels. */
const SIDE = 24;
/** Correlation from which two pictures count as one. */
const ALIKE = 0.98;

/**
 * The group of each image: two images are in one group if their 24×24 grey versions correlate by more than 0.98, or if
 * a chain of such images joins them. [ours]
 *
 * @returns [N], the id of the group's first image
 */
export function nearCopyGroups(
  split: Split,
  size: Pick<Dataset, 'channels' | 'height' | 'width'>,
): string[] {
  const pictures = Array.from({ length: split.count }, (_, i) => standardised(split, i, size));
  const first = Array.from(pictures.keys());
  const firstOf = (i: number): number => {
    let at = i;
    while (first[at] !== at) at = first[at];
    return at;
  };
  for (let i = 1; i < pictures.length; i++) {
    for (let j = 0; j < i; j++) {
      if (!alike(pictures[i], pictures[j])) continue;
      const [a, b] = [firstOf(i), firstOf(j)];
      first[Math.max(a, b)] = Math.min(a, b);
    }
  }
  return pictures.map((_, i) => split.ids[firstOf(i)]);
}

/** Mean of the channels at `SIDE`, with mean 0 and length 1; a constant picture has length 0. */
function standardised(
  split: Split,
  image: number,
  { channels, height, width }: Pick<Dataset, 'channels' | 'height' | 'width'>,
): Float32Array {
  const area = height * width;
  const values = imageAt(split, image);
  const grey = new Float32Array(area);
  for (let p = 0; p < values.length; p++) grey[p % area] += values[p] / channels;
  const small = areaResize(grey, [height, width], [SIDE, SIDE]);
  const mean = small.reduce((sum, v) => sum + v, 0) / small.length;
  const length = Math.sqrt(small.reduce((sum, v) => sum + (v - mean) ** 2, 0));
  return small.map((v) => (length > 0 ? (v - mean) / length : 0));
}

/** Shares no factor with the number of pixels, so that multiples of it visit every pixel, and soon all regions. */
const STRIDE = 233;

/** For unit vectors |a − b|² = 2 − 2·correlation, so most pairs are told apart after a few pixels. */
function alike(a: Float32Array, b: Float32Array): boolean {
  let squared = 0;
  for (let k = 0; k < a.length; k++) {
    const p = (k * STRIDE) % a.length;
    squared += (a[p] - b[p]) ** 2;
    if (squared >= 2 - 2 * ALIKE) return false;
  }
  return true;
}
