// Bilinear resize of a map on the host, to bring saliency maps to the size of their image.

/**
 * Bilinear, with pixel centres at half-integers (PyTorch's align_corners = false). Beyond the outer centres the edge
 * value is repeated.
 *
 * @param source [height, width]
 * @param from size of the source, [height, width]
 * @param to size of the result, [height, width]
 * @throws RangeError if `source` does not hold height · width values
 */
export function bilinearResize(
  source: ArrayLike<number>,
  from: readonly [number, number],
  to: readonly [number, number],
): Float32Array {
  const [h, w] = from;
  const [height, width] = to;
  if (source.length !== h * w) {
    throw new RangeError(
      `bilinearResize: source has the wrong length, got ${source.length}, expected ${h * w} ([${h}, ${w}]).`,
    );
  }
  const rows = axis(h, height);
  const columns = axis(w, width);
  const out = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const { low: top, high: bottom, share: down } = rows[y];
    for (let x = 0; x < width; x++) {
      const { low: left, high: right, share: across } = columns[x];
      const above = source[top * w + left] * (1 - across) + source[top * w + right] * across;
      const below = source[bottom * w + left] * (1 - across) + source[bottom * w + right] * across;
      out[y * width + x] = above * (1 - down) + below * down;
    }
  }
  return out;
}

/** For each output position: the two input positions around it, and the share of the higher one. */
function axis(from: number, to: number): { low: number; high: number; share: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, from - 1), share: at - low };
  });
}
