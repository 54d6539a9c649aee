// What the page needs of segments and what takes too long to find out on the thread that draws: centres and edges.

import type { Segmentation } from '../../gfsr/masks/segmentation.ts';

/** The segments of one image. */
export interface MeasuredSegments {
  readonly segmentation: Segmentation;
  /** [x, y] of the mean of each segment's pixels, in pixels. */
  readonly centers: readonly (readonly [number, number])[];
  /** Straight pieces of the edges. */
  readonly edges: Edges;
}

/** `PER_EDGE` numbers per piece: its two ends x, y, x, y in pixels, and the segments on its sides; −1 is outside. */
export type Edges = Int32Array<ArrayBuffer>;

export const PER_EDGE = 6;

export const measureSegments = (segmentation: Segmentation): MeasuredSegments => ({
  segmentation,
  centers: centersOf(segmentation),
  edges: edgesOf(segmentation),
});

function centersOf({ labels, count, width }: Segmentation): [number, number][] {
  const sums = Array.from({ length: count }, () => [0, 0, 0]);
  for (let p = 0; p < labels.length; p++) {
    const sum = sums[labels[p]];
    sum[0] += (p % width) + 0.5;
    sum[1] += Math.floor(p / width) + 0.5;
    sum[2] += 1;
  }
  return sums.map(([x, y, n]) => [x / n, y / n]);
}

/** The sides of pixels that lie between two segments, joined where they go on straight between the same two. */
function edgesOf({ labels, height, width }: Segmentation): Edges {
  const edges: number[] = [];
  /** All pieces of one direction. `toLine` and `toPlace` lead to the next line and the next place of it in `labels`. */
  const add = (lines: number, toLine: number, places: number, toPlace: number) => {
    for (let line = 0; line <= lines; line++) {
      let [from, before, after] = [0, -1, -1];
      for (let place = 0; place <= places; place++) {
        const p = line * toLine + place * toPlace;
        const a = place < places && line > 0 ? labels[p - toLine] : -1;
        const b = place < places && line < lines ? labels[p] : -1;
        if (a === before && b === after) continue;
        const ends = toPlace === 1 ? [from, line, place, line] : [line, from, line, place];
        if (before !== after) edges.push(...ends, before, after);
        [from, before, after] = [place, a, b];
      }
    }
  };
  add(height, width, width, 1);
  add(width, 1, height, width);
  return Int32Array.from(edges);
}
