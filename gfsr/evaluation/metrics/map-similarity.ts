// How similar two saliency maps are: rank correlation and structural similarity.
//
// Source: Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004 (SSIM).

/** Ranks from 1; ties get their mean rank. A NaN has no place, so with one all ranks are NaN. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const out = new Float64Array(n);
  if (Array.prototype.some.call(values, Number.isNaN)) return out.fill(Number.NaN);
  for (let start = 0, end = 0; start < n; start = end) {
    while (end < n && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) out[order[i]] = (start + 1 + end) / 2;
  }
  return out;
}

/**
 * Spearman's rank correlation in [-1, 1]; NaN if a map is constant or has a NaN.
 *
 * @throws RangeError if lengths differ
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new RangeError(
      `rankCorrelation: lengths differ, got ${a.length} and ${b.length}, expected equal lengths.`,
    );
  }
  const mean = (a.length + 1) / 2;
  const [p, q] = [ranks(a).map((r) => r - mean), ranks(b).map((r) => r - mean)];
  let [pp, qq, pq] = [0, 0, 0];
  for (let i = 0; i < p.length; i++) {
    pp += p[i] * p[i];
    qq += q[i] * q[i];
    pq += p[i] * q[i];
  }
  return pq / Math.sqrt(pp * qq);
}

/** Side of SSIM's window in pixels. */
const WINDOW = 7;
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/**
 * Mean SSIM of two maps, each scaled to [0, 1], over all 7×7 windows (smaller if the map is smaller), with equal weight
 * for every pixel:
 *
 *     (2 μ_a μ_b + C1)(2 σ_ab + C2) / ((μ_a² + μ_b² + C1)(σ_a² + σ_b² + C2)), C1 = 0.01², C2 = 0.03²
 *
 * NaN if one of the maps is constant, because it has no structure to compare.
 *
 * @throws RangeError if a length is not height · width
 */
export function structuralSimilarity(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  [height, width]: readonly [number, number],
): number {
  if (a.length !== height * width || b.length !== a.length) {
    throw new RangeError(
      `structuralSimilarity: sizes differ, got ${a.length} and ${b.length} pixels, expected ${height * width} ([${height}, ${width}]).`,
    );
  }
  const [p, q] = [scaled(a), scaled(b)];
  if (!p || !q) return Number.NaN;
  const side = Math.min(WINDOW, height, width);
  const n = side * side;
  let [sum, windows] = [0, 0];
  for (let top = 0; top + side <= height; top++) {
    for (let left = 0; left + side <= width; left++) {
      let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
      for (let row = top; row < top + side; row++) {
        for (let at = row * width + left; at < row * width + left + side; at++) {
          sa += p[at];
          sb += q[at];
          saa += p[at] * p[at];
          sbb += q[at] * q[at];
          sab += p[at] * q[at];
        }
      }
      const [ma, mb] = [sa / n, sb / n];
      const [va, vb, cov] = [saa / n - ma * ma, sbb / n - mb * mb, sab / n - ma * mb];
      sum += ((2 * ma * mb + C1) * (2 * cov + C2)) / ((ma * ma + mb * mb + C1) * (va + vb + C2));
      windows++;
    }
  }
  return sum / windows;
}

/** Scaled to [0, 1]; undefined if constant. */
function scaled(values: ArrayLike<number>): Float64Array | undefined {
  const all = Float64Array.from(values);
  const low = all.reduce((x, y) => Math.min(x, y), Number.POSITIVE_INFINITY);
  const high = all.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY);
  return high > low ? all.map((v) => (v - low) / (high - low)) : undefined;
}
