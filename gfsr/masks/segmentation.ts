// A partition of an image into segments, and the simplest kind: a regular grid.

/** A partition of an image: `labels` [H·W] holds 0..count-1, and every label occurs. */
export interface Segmentation {
  labels: Int32Array;
  count: number;
  height: number;
  width: number;
}

/** [ours] A third of the image's side, limited to 25 to 100: 25 at 28–64 px, 43 at 128, 75 at 224. */
export function defaultSegments(height: number, width: number): number {
  return Math.round(Math.min(Math.max(Math.sqrt(height * width) / 3, 25), 100));
}

/** [ours] One place of a grid per 4 × 4 pixels, at most 16 × 16 of them: 7 × 7 at 28 px, 16 × 16 from 64 px on. */
export function defaultPlaces(height: number, width: number): number {
  const side = Math.round(Math.sqrt(height * width) / 4);
  return Math.min(Math.max(side, 1), 16) ** 2;
}

/**
 * A regular grid of `rows` × `cols` rectangles, numbered row by row.
 *
 * @throws RangeError if there are more rows or columns than pixels, or fewer than one
 */
export function gridSegments(options: {
  height: number;
  width: number;
  rows: number;
  cols: number;
}): Segmentation {
  const { height, width, rows, cols } = options;
  const fits = (n: number, size: number) => Number.isInteger(n) && n >= 1 && n <= size;
  if (!fits(rows, height) || !fits(cols, width)) {
    throw new RangeError(
      `gridSegments: bad grid, got ${rows} x ${cols}, expected 1..${height} rows and 1..${width} columns.`,
    );
  }
  const labels = gridLabels(height, width, rows, cols);
  return { labels, count: rows * cols, height, width };
}

/** Labels [H·W] of a grid: row · cols + column. */
export function gridLabels(height: number, width: number, rows: number, cols: number): Int32Array {
  const labels = new Int32Array(height * width);
  for (let y = 0, p = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * cols;
    for (let x = 0; x < width; x++) labels[p++] = row + Math.floor((x * cols) / width);
  }
  return labels;
}
