// Gaussian blur of one plane, normalised at the border.

/**
 * Separable Gaussian blur out to 3σ. At the border the kernel is truncated and renormalised, so that a constant image
 * does not change and no dark border appears.
 *
 * @param source [H, W]
 * @param sigma in pixels; 0 returns a copy
 * @throws RangeError if sigma is negative or not finite, or `source` does not hold H·W values
 */
export function gaussianBlur(
  source: Float32Array,
  height: number,
  width: number,
  sigma: number,
): Float32Array {
  if (!(sigma >= 0 && sigma < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`gaussianBlur: bad sigma, got ${sigma}, expected a finite number >= 0.`);
  }
  if (source.length !== height * width) {
    throw new RangeError(
      `gaussianBlur: source has the wrong length, got ${source.length}, expected ${height * width} ([${height}, ${width}]).`,
    );
  }
  if (sigma === 0) return source.slice();
  // Beyond the image there is nothing to add.
  const radius = Math.min(Math.ceil(3 * sigma), Math.max(height, width) - 1);
  const kernel = Float64Array.from({ length: radius + 1 }, (_, i) =>
    Math.exp(-0.5 * (i / sigma) ** 2),
  );
  const rows = blurLines(source, height, width, width, 1, kernel);
  return blurLines(rows, width, height, 1, width, kernel);
}

/** Blurs `lines` lines of `length` values each. Neighbours on a line are `step` apart. */
function blurLines(
  source: Float32Array,
  lines: number,
  length: number,
  lineStep: number,
  step: number,
  kernel: Float64Array,
): Float32Array {
  const out = new Float32Array(source.length);
  const radius = kernel.length - 1;
  // One sum per line: memory is read in its order where lines lie beside each other.
  const sums = new Float64Array(lines);
  for (let i = 0; i < length; i++) {
    const first = Math.max(i - radius, 0);
    const last = Math.min(i + radius, length - 1);
    let total = 0;
    sums.fill(0);
    for (let j = first; j <= last; j++) {
      const weight = kernel[Math.abs(j - i)];
      total += weight;
      for (let line = 0, p = j * step; line < lines; line++, p += lineStep) {
        sums[line] += weight * source[p];
      }
    }
    for (let line = 0, p = i * step; line < lines; line++, p += lineStep) {
      out[p] = sums[line] / total;
    }
  }
  return out;
}
