// Light augmentation on the host: images mirrored and shifted at random, and their masks with them.

import { Random } from '../engine/random.ts';

export const AUGMENTATIONS = ['none', 'flip', 'shift', 'flip-shift'] as const;

export type Augmentation = (typeof AUGMENTATIONS)[number];

/** How one image is moved: mirrored left to right, then shifted down and right by shares of its height and width. */
export interface Move {
  readonly flip: boolean;
  readonly down: number;
  readonly right: number;
}

/** Furthest shift as a share of the side: 2 pixels of 28. */
const REACH = 1 / 14;

/**
 * A move for each image of a batch; whole pixels of an image of `side` pixels. The same seed and stream give the same moves,
 * whatever is trained.
 */
export function drawMoves(
  augmentation: Augmentation,
  count: number,
  side: number,
  seed: number,
  stream: string,
): Move[] {
  const random = new Random(seed, `augment/${stream}`);
  const reach = Math.round(side * REACH);
  const shift = () => (random.int(2 * reach + 1) - reach) / side;
  const [flips, shifts] = [augmentation.includes('flip'), augmentation.includes('shift')];
  return Array.from({ length: count }, () => ({
    flip: flips && random.int(2) === 1,
    down: shifts ? shift() : 0,
    right: shifts ? shift() : 0,
  }));
}

/**
 * Moves the planes of each image in place. Where a shift is no whole pixel, as on a coarse mask, it is bilinear; what
 * comes in at an edge repeats the edge.
 *
 * @param planes [N, planes of an image, height, width]
 * @param moves [N], or none, which leaves all as it is
 */
export function applyMoves(
  planes: Float32Array,
  moves: readonly Move[],
  [height, width]: readonly [number, number],
): void {
  const area = height * width;
  const perImage = planes.length / moves.length;
  const before = new Float32Array(area);
  for (const [i, { flip, down, right }] of moves.entries()) {
    if (!flip && down === 0 && right === 0) continue;
    const rows = sources(height, down * height, false);
    const columns = sources(width, right * width, flip);
    for (let start = i * perImage; start < (i + 1) * perImage; start += area) {
      before.set(planes.subarray(start, start + area));
      for (let y = 0; y < height; y++) {
        const { low: top, high: bottom, share: v } = rows[y];
        for (let x = 0; x < width; x++) {
          const { low: left, high: far, share: u } = columns[x];
          const above = before[top * width + left] * (1 - u) + before[top * width + far] * u;
          const below = before[bottom * width + left] * (1 - u) + before[bottom * width + far] * u;
          planes[start + y * width + x] = above * (1 - v) + below * v;
        }
      }
    }
  }
}

/** Where each place of an axis comes from: between `low` and `high`, at `share` of the way. */
function sources(
  length: number,
  shift: number,
  flip: boolean,
): { low: number; high: number; share: number }[] {
  // A shift of whole pixels that went through a share of the side is whole again.
  const whole = Math.round(shift);
  const by = Math.abs(shift - whole) < 1e-6 ? whole : shift;
  return Array.from({ length }, (_, at) => {
    const from = Math.min(Math.max(at - by, 0), length - 1);
    const place = flip ? length - 1 - from : from;
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, length - 1), share: place - low };
  });
}
