// Means of feature maps over segments, whatever the resolution of the maps.

import { type AxisOverlap, areaOverlaps } from '../image/area-resize.ts';
import type { Segmentation } from './segmentation.ts';

/** Feature maps [N, K, h, w] at any resolution. */
export interface FeatureMaps {
  data: Float32Array;
  channels: number;
  height: number;
  width: number;
}

/**
 * Mean of each map over each segment: exactly the mean over the segment's pixels of the map scaled to the image by area
 * (nearest when enlarged), but without making the scaled map. A pixel's share of a cell is the overlap of their areas.
 * Written from `column` on.
 */
export function poolFeatures(
  maps: Float32Array,
  { channels, height: h, width: w }: FeatureMaps,
  { labels, count, height, width }: Segmentation,
  out: Float32Array,
  column: number,
): void {
  const dims = out.length / count;
  const cells = h * w;
  const rows = areaOverlaps(h, height);
  const cols = areaOverlaps(w, width);
  const areas = new Int32Array(count);
  // Only the cells of a segment's own box can have a weight. All cells of all segments would be 100 MB at 224 px.
  const boxes = boxesOf(labels, count, rows, cols);
  const weights = new Float64Array(boxes.reduce((sum, { size }) => sum + size, 0));
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const { start, top, left, across } = boxes[labels[p]];
      areas[labels[p]]++;
      const base = start + cols[x].first - left;
      for (let i = 0; i < rows[y].shares.length; i++) {
        const row = base + (rows[y].first + i - top) * across;
        for (let j = 0; j < cols[x].shares.length; j++) {
          weights[row + j] += rows[y].shares[i] * cols[x].shares[j];
        }
      }
    }
  }
  const [used, shares] = [new Int32Array(cells), new Float64Array(cells)];
  for (const [s, { start, size, top, left, across }] of boxes.entries()) {
    let n = 0;
    for (let at = 0; at < size; at++) {
      if (weights[start + at] === 0) continue;
      used[n] = (top + Math.floor(at / across)) * w + left + (at % across);
      shares[n++] = weights[start + at];
    }
    for (let k = 0; k < channels; k++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += shares[i] * maps[k * cells + used[i]];
      out[s * dims + column + k] = sum / areas[s];
    }
  }
}

/** The cells of a map in which a segment can lie, and where their weights begin. */
interface Box {
  readonly start: number;
  readonly size: number;
  readonly top: number;
  readonly left: number;
  /** Cells per row. */
  readonly across: number;
}

/** @param rows of cells that each row of pixels overlaps; `cols` likewise */
function boxesOf(
  labels: Int32Array,
  count: number,
  rows: readonly AxisOverlap[],
  cols: readonly AxisOverlap[],
): Box[] {
  const [top, left] = [0, 1].map(() => new Int32Array(count).fill(2 ** 30));
  const [bottom, right] = [new Int32Array(count), new Int32Array(count)];
  const spanOf = ({ first, shares }: AxisOverlap) => [first, first + shares.length - 1] as const;
  const [starts, ends] = [0, 1].map((side) => Int32Array.from(cols, (col) => spanOf(col)[side]));
  for (let y = 0, p = 0; y < rows.length; y++) {
    const [first, last] = spanOf(rows[y]);
    for (let x = 0; x < cols.length; x++, p++) {
      const s = labels[p];
      if (first < top[s]) top[s] = first;
      if (last > bottom[s]) bottom[s] = last;
      if (starts[x] < left[s]) left[s] = starts[x];
      if (ends[x] > right[s]) right[s] = ends[x];
    }
  }
  let start = 0;
  return Array.from(top, (first, s) => {
    const across = right[s] - left[s] + 1;
    const size = across * (bottom[s] - first + 1);
    start += size;
    return { start: start - size, size, top: first, left: left[s], across };
  });
}
