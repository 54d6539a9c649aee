// Where the segments of an image are: for the pointer, the arrow keys, and words.

import type { Segmentation } from '../../gfsr/masks/segmentation.ts';

/** Directions of the arrow keys. */
export type Direction = 'left' | 'right' | 'up' | 'down';

const STEP: Readonly<Record<Direction, readonly [number, number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};

/** The segments of one image with their centres. */
export class SegmentMap {
  readonly segmentation: Segmentation;
  /** [x, y] of the mean of each segment's pixels, in pixels. */
  readonly centers: readonly (readonly [number, number])[];

  constructor(segmentation: Segmentation) {
    this.segmentation = segmentation;
    const { labels, count, width } = segmentation;
    const sums = Array.from({ length: count }, () => [0, 0, 0]);
    for (let p = 0; p < labels.length; p++) {
      const sum = sums[labels[p]];
      sum[0] += (p % width) + 0.5;
      sum[1] += Math.floor(p / width) + 0.5;
      sum[2] += 1;
    }
    this.centers = sums.map(([x, y, n]) => [x / n, y / n]);
  }

  get count(): number {
    return this.segmentation.count;
  }

  /** The segment at a point in pixels; undefined outside of the image. */
  at(x: number, y: number): number | undefined {
    const { labels, height, width } = this.segmentation;
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column < 0 || row < 0 || column >= width || row >= height) return undefined;
    return labels[row * width + column];
  }

  /** The nearest segment in a direction, at most 45° off it, or the segment itself if there is none. */
  neighbour(segment: number, direction: Direction): number {
    const [dx, dy] = STEP[direction];
    const [x, y] = this.centers[segment];
    let best = segment;
    let least = Number.POSITIVE_INFINITY;
    this.centers.forEach(([otherX, otherY], other) => {
      const along = (otherX - x) * dx + (otherY - y) * dy;
      const across = Math.abs((otherX - x) * dy) + Math.abs((otherY - y) * dx);
      // Straight ahead is nearer than the same distance aside.
      const distance = along + 2 * across;
      if (along <= 0 || across > along || distance >= least) return;
      least = distance;
      best = other;
    });
    return best;
  }

  /** Pixels of a segment as a plane [H·W] of 0 and 1. */
  plane(segment: number): Uint8Array {
    const { labels } = this.segmentation;
    const plane = new Uint8Array(labels.length);
    // Loops here and in the constructor: calls take ten times as long, at every step of a key.
    for (let p = 0; p < labels.length; p++) if (labels[p] === segment) plane[p] = 1;
    return plane;
  }

  /** Where a segment is: "upper left", "centre". */
  place(segment: number): string {
    const { height, width } = this.segmentation;
    const [x, y] = this.centers[segment];
    const vertical = ['upper', '', 'lower'][Math.floor((3 * y) / height)];
    const horizontal = ['left', '', 'right'][Math.floor((3 * x) / width)];
    return [vertical, horizontal].filter((word) => word !== '').join(' ') || 'centre';
  }
}
