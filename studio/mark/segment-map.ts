// Where the segments of an image are: for the pointer, the arrow keys, and words.

import type { MeasuredSegments } from './measured-segments.ts';

/** Directions of the arrow keys. */
export type Direction = 'left' | 'right' | 'up' | 'down';

const STEP: Readonly<Record<Direction, readonly [number, number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};

/** The segments of one image. */
export class SegmentMap {
  readonly segmentation: MeasuredSegments['segmentation'];
  readonly centers: MeasuredSegments['centers'];
  readonly edges: MeasuredSegments['edges'];

  constructor({ segmentation, centers, edges }: MeasuredSegments) {
    this.segmentation = segmentation;
    this.centers = centers;
    this.edges = edges;
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
    // A loop: calls take ten times as long, at every step of a key.
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
