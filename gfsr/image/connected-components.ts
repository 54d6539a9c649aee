// Connected components of an image of labels: pieces of segments, strokes, objects of a mask.

/** Connected regions of equal value. Region c consists of the pixels order[starts[c] .. starts[c + 1]). */
export interface Components {
  labels: Int32Array;
  count: number;
  order: Int32Array;
  starts: Int32Array;
}

/**
 * Connected regions of equal value, numbered in raster order of their first pixel.
 *
 * @param values [H·W]
 * @param neighbours 4 (edges) or 8 (edges and corners)
 */
export function connectedComponents(
  values: ArrayLike<number>,
  height: number,
  width: number,
  neighbours: 4 | 8 = 4,
): Components {
  const size = height * width;
  const labels = new Int32Array(size).fill(-1);
  const order = new Int32Array(size);
  const starts = [0];
  let end = 0;
  for (let seed = 0; seed < size; seed++) {
    if (labels[seed] >= 0) continue;
    const label = starts.length - 1;
    const value = values[seed];
    labels[seed] = label;
    order[end++] = seed;
    for (let head = starts[label]; head < end; head++) {
      const y = (order[head] / width) | 0;
      const x = order[head] - y * width;
      for (let dy = -1; dy <= 1; dy++) {
        const ny = y + dy;
        if (ny < 0 || ny >= height) continue;
        for (let dx = -1; dx <= 1; dx++) {
          const nx = x + dx;
          if (nx < 0 || nx >= width || (neighbours === 4 && dx !== 0 && dy !== 0)) continue;
          const q = ny * width + nx;
          if (labels[q] >= 0 || values[q] !== value) continue;
          labels[q] = label;
          order[end++] = q;
        }
      }
    }
    starts.push(end);
  }
  return { labels, count: starts.length - 1, order, starts: Int32Array.from(starts) };
}
