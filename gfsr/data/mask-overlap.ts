// How much the masks of different images overlap: whether what matters is always in the same place.

import type { Masks } from './masks.ts';

/** Masks that are compared with each other; more are thinned out evenly. */
const MOST = 200;

/**
 * Mean intersection over union between the masks of two different images. Near 1, every image has its mask in the same
 * place, and a mean mask says as much as each image's own. Empty masks do not count. Of more than 200 masks, 200 are
 * taken, spread evenly.
 *
 * @param masks [H, W] of 0 and 1, all of one size
 * @returns NaN for fewer than two masks
 */
export function meanMaskOverlap(masks: Masks): number {
  const filled = [...masks.keys()].filter((image) => masks.get(image)?.includes(1));
  const count = Math.min(MOST, filled.length);
  const some = Array.from({ length: count }, (_, i) => {
    const image = filled[Math.floor((i * filled.length) / count)];
    return masks.get(image) as Uint8Array;
  });
  let [sum, pairs] = [0, 0];
  for (let i = 1; i < some.length; i++) {
    for (let j = 0; j < i; j++) {
      sum += overlap(some[i], some[j]);
      pairs++;
    }
  }
  return sum / pairs;
}

function overlap(a: Uint8Array, b: Uint8Array): number {
  let [both, either] = [0, 0];
  for (let p = 0; p < a.length; p++) {
    both += a[p] & b[p];
    either += a[p] | b[p];
  }
  return both / either;
}
