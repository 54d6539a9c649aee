// Exact area weights between grids of any two sizes, and the area-average resize based on them.

/** For output cell i: the input cells from first[i] on, with their shares, which sum to 1. */
export interface AxisOverlap {
  first: number;
  shares: Float64Array;
}

/**
 * How much of each of `to` equal cells of an axis lies in each of its `from` equal cells.
 *
 * @throws RangeError if a size is not a positive integer
 */
export function areaOverlaps(from: number, to: number): AxisOverlap[] {
  if (![from, to].every((n) => Number.isInteger(n) && n > 0)) {
    throw new RangeError(
      `areaOverlaps: bad sizes, got ${from} to ${to}, expected positive integers.`,
    );
  }
  return Array.from({ length: to }, (_, i) => areaOverlap(from, to, i));
}

/** The same for cell i alone. */
export function areaOverlap(from: number, to: number, i: number): AxisOverlap {
  // In units of 1 / (from · to) every border is an integer, so rounding creates no slivers.
  const start = i * from;
  const end = start + from;
  const first = Math.floor(start / to);
  const last = Math.ceil(end / to) - 1;
  const shares = new Float64Array(last - first + 1);
  for (let j = first; j <= last; j++) {
    shares[j - first] = (Math.min(end, (j + 1) * to) - Math.max(start, j * to)) / from;
  }
  return { first, shares };
}

/**
 * Area-average resize: each output pixel is the mean of the input over its area, at any ratio.
 *
 * @param source [H, W]
 * @returns [h, w]; the mean over all pixels is preserved
 * @throws RangeError if a size is not a positive integer, or `source` does not hold H·W values
 */
export function areaResize(
  source: Float32Array,
  [height, width]: readonly [number, number],
  [h, w]: readonly [number, number],
): Float32Array {
  if (source.length !== height * width) {
    throw new RangeError(
      `areaResize: source has the wrong length, got ${source.length}, expected ${height * width} ([${height}, ${width}]).`,
    );
  }
  if (h === height && w === width) return source.slice();
  return areaSample(source, [height, width], areaOverlaps(height, h), areaOverlaps(width, w));
}

/** The mean of the input over the area of each output pixel, of those rows and columns that are asked for. */
export function areaSample(
  source: Float32Array,
  [height, width]: readonly [number, number],
  rows: readonly AxisOverlap[],
  cols: readonly AxisOverlap[],
): Float32Array {
  const [h, w] = [rows.length, cols.length];
  const wide = new Float64Array(height * w);
  for (let y = 0; y < height; y++) {
    for (let j = 0; j < w; j++) {
      const { first, shares } = cols[j];
      let sum = 0;
      for (let i = 0; i < shares.length; i++) sum += shares[i] * source[y * width + first + i];
      wide[y * w + j] = sum;
    }
  }
  const out = new Float32Array(h * w);
  for (let i = 0; i < h; i++) {
    const { first, shares } = rows[i];
    for (let j = 0; j < w; j++) {
      let sum = 0;
      for (let r = 0; r < shares.length; r++) sum += shares[r] * wide[(first + r) * w + j];
      out[i * w + j] = sum;
    }
  }
  return out;
}
