// Noisy linear imputation: removed pixels become weighted means of their neighbours, so that the hole does not reveal
// what was removed.
//
// Source: Rong et al., "A Consistent and Efficient Evaluation Strategy for Attribution Methods" (ROAD), ICML 2022.

import type { Random } from '../../../engine/core/random.ts';

/** Row step, column step and weight of the neighbours whose mean a pixel becomes. */
const NEIGHBOURS = [-1, 0, 1].flatMap((dy) =>
  [-1, 0, 1].flatMap((dx) =>
    dy === 0 && dx === 0 ? [] : [{ dy, dx, weight: dy === 0 || dx === 0 ? 1 / 6 : 1 / 12 }],
  ),
);

/** Norm of the residual, in grey levels of 0 to 255. Pixels are then off by less than rounding. */
const TOLERANCE = 1e-2;

export interface ImputeOptions {
  /** Standard deviation of the noise on imputed pixels, for pixels scaled to [0, 1]. Default 0.01. */
  readonly noise?: number;
  readonly random: Random;
}

/**
 * Solves x_p = Σ_q w_pq x_q / Σ_q w_pq for the removed pixels p over their eight neighbours q inside the image (w 1/6
 * beside and above, 1/12 across corners), then adds noise.
 *
 * @param image [C, H, W], 0 to 255
 * @param removed [H, W], truthy = removed; not all of them
 * @returns a copy
 * @throws RangeError if every pixel is removed, or if lengths do not fit
 */
export function imputeLinear(
  image: Uint8Array,
  removed: ArrayLike<number>,
  [height, width]: readonly [number, number],
  { noise = 0.01, random }: ImputeOptions,
): Uint8Array {
  const area = height * width;
  if (removed.length !== area || image.length % area !== 0) {
    throw new RangeError(
      `imputeLinear: sizes differ, got ${image.length} pixels and ${removed.length} flags, expected whole planes of ${area}.`,
    );
  }
  const unknown = Array.from({ length: area }, (_, p) => p).filter((p) => removed[p]);
  if (unknown.length === area) {
    throw new RangeError('imputeLinear: every pixel is removed, expected at least one to remain.');
  }
  const out = image.slice();
  const system = equations(unknown, [height, width]);
  for (let start = 0; start < image.length; start += area) {
    const plane = image.subarray(start, start + area);
    const solution = solve(system, plane);
    unknown.forEach((p, i) => {
      const value = solution[i] + 255 * noise * random.normal();
      out[start + p] = Math.min(255, Math.max(0, Math.round(value)));
    });
  }
  return out;
}

/** Σ_q w_q x_p − Σ_unknown q w_q x_q = Σ_known q w_q x_q, one row per unknown pixel; symmetric, positive definite. */
interface System {
  readonly total: Float64Array;
  /** 8 places per row: the index of an unknown neighbour, −1 − p for a known pixel p, or `outside` beyond the image. */
  readonly neighbours: Int32Array;
  readonly outside: number;
}

function equations(unknown: readonly number[], [height, width]: readonly [number, number]): System {
  const outside = -1 - height * width;
  const index = new Int32Array(height * width).fill(-1);
  unknown.forEach((p, i) => {
    index[p] = i;
  });
  const total = new Float64Array(unknown.length);
  const neighbours = new Int32Array(unknown.length * NEIGHBOURS.length).fill(outside);
  unknown.forEach((p, i) => {
    const [y, x] = [Math.floor(p / width), p % width];
    NEIGHBOURS.forEach(({ dy, dx, weight }, k) => {
      const [v, u] = [y + dy, x + dx];
      if (v < 0 || v >= height || u < 0 || u >= width) return;
      const q = v * width + u;
      total[i] += weight;
      neighbours[i * NEIGHBOURS.length + k] = index[q] >= 0 ? index[q] : -1 - q;
    });
  });
  return { total, neighbours, outside };
}

/** Conjugate gradients, starting from the mean of the known neighbours. */
function solve({ total, neighbours, outside }: System, plane: Uint8Array): Float64Array {
  const n = total.length;
  const width = NEIGHBOURS.length;
  const known = new Float64Array(n);
  let [sum, count] = [0, 0];
  for (let at = 0; at < neighbours.length; at++) {
    const q = neighbours[at];
    if (q >= 0 || q === outside) continue;
    known[Math.floor(at / width)] += NEIGHBOURS[at % width].weight * plane[-1 - q];
    sum += plane[-1 - q];
    count++;
  }
  // Plain loops over numbers: an image of 128 × 128 takes about a hundred rounds of 15,000 rows.
  const weights = Float64Array.from(NEIGHBOURS, ({ weight }) => weight);
  const multiply = (v: Float64Array, out: Float64Array): void => {
    for (let i = 0, at = 0; i < n; i++) {
      let value = total[i] * v[i];
      for (let k = 0; k < width; k++, at++) {
        const q = neighbours[at];
        if (q >= 0) value -= weights[k] * v[q];
      }
      out[i] = value;
    }
  };
  const dot = (a: Float64Array, b: Float64Array): number => {
    let value = 0;
    for (let i = 0; i < n; i++) value += a[i] * b[i];
    return value;
  };

  const x = new Float64Array(n).fill(count > 0 ? sum / count : 0);
  const product = new Float64Array(n);
  multiply(x, product);
  const r = known.map((value, i) => value - product[i]);
  const direction = r.slice();
  let square = dot(r, r);
  for (let round = 0; round < 2 * n && Math.sqrt(square) > TOLERANCE; round++) {
    multiply(direction, product);
    const step = square / dot(direction, product);
    for (let i = 0; i < n; i++) {
      x[i] += step * direction[i];
      r[i] -= step * product[i];
    }
    const next = dot(r, r);
    const ratio = next / square;
    for (let i = 0; i < n; i++) direction[i] = r[i] + ratio * direction[i];
    square = next;
  }
  return x;
}
