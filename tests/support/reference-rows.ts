// Ops over the rows or trailing axes of x in float64, and those that draw or pick numbers by their place.

import { philox4x32 } from '../../engine/core/random.ts';
import { type Array64, array64, at, build, type Reference, sizeOf64 } from './array64.ts';

const rowOf = (x: Array64, n: number): number[] => {
  const length = x.data.length / x.shape[0];
  return Array.from(x.data.subarray(n * length, (n + 1) * length));
};

const dot = (a: number[], b: number[]): number => a.reduce((sum, v, i) => sum + v * b[i], 0);

/** 1 at the k largest, the leftmost first among equals: by sorting, where the kernel counts. */
function topK(row: number[], k: number): number[] {
  const best = row.map((_, i) => i).sort((i, j) => row[j] - row[i] || i - j);
  return row.map((_, i) => (best.indexOf(i) < k ? 1 : 0));
}

/** x with each of `rows` equal runs brought to mean 0 and variance 1. */
function standardized(x: Array64, rows: number, eps: number): Float64Array {
  const length = x.data.length / rows;
  const y = new Float64Array(x.data.length);
  for (let n = 0; n < rows; n++) {
    const run = x.data.subarray(n * length, (n + 1) * length);
    const mean = run.reduce((a, b) => a + b) / length;
    const variance = run.reduce((sum, v) => sum + (v - mean) ** 2, 0) / length;
    run.forEach((v, i) => {
      y[n * length + i] = (v - mean) / Math.sqrt(variance + eps);
    });
  }
  return y;
}

const groupNorm64: Reference = ([x, gamma, beta], { groups, eps }) => {
  const normal = array64(x.shape, standardized(x, x.shape[0] * groups, eps));
  return build(x.shape, (index) => at(normal, index) * gamma.data[index[1]] + beta.data[index[1]]);
};

export const referencesOfRows: Readonly<Record<string, Reference>> = {
  gather: ([x, labels]) => build(labels.shape, ([n]) => at(x, [n, labels.data[n]])),
  scatter: ([v, labels], { classes }) =>
    build([v.data.length, classes], ([n, k]) => (labels.data[n] === k ? v.data[n] : 0)),
  topKMask: ([x], { k }) => build(x.shape, ([n, j]) => topK(rowOf(x, n), k)[j]),
  topKThreshold: ([x], { k }) =>
    build(x.shape, ([n, j]) => topK(rowOf(x, n), k)[j] * at(x, [n, j])),

  dropout: ([x, state], { rate, site }) => {
    const [k0, k1, s0, s1] = state.data;
    const block = new Uint32Array(4);
    return array64(
      x.shape,
      x.data.map((v, i) => {
        philox4x32(Math.floor(i / 4), site, s0, s1, k0, k1, block);
        return block[i % 4] / 2 ** 32 >= rate ? v / (1 - rate) : 0;
      }),
    );
  },

  softmax: ([logits]) =>
    build(logits.shape, ([n, k]) => {
      const row = rowOf(logits, n);
      return 1 / row.reduce((sum, v) => sum + Math.exp(v - row[k]), 0);
    }),
  cosineSimilarity: ([a, b]) =>
    build([a.shape[0]], ([n]) => {
      const [u, v] = [rowOf(a, n), rowOf(b, n)];
      return (
        dot(u, v) / (Math.max(Math.sqrt(dot(u, u)), 1e-8) * Math.max(Math.sqrt(dot(v, v)), 1e-8))
      );
    }),
  klDivergence: ([logP, q]) =>
    build([q.shape[0]], ([n]) => {
      const log = rowOf(logP, n);
      return rowOf(q, n).reduce((sum, v, k) => sum + (v > 0 ? v * (Math.log(v) - log[k]) : 0), 0);
    }),

  batchNorm: ([x, gamma, beta], { eps }) => {
    // Channels first, so that a channel is a run.
    const swap = ([n, c, ...rest]: readonly number[]) => [c, n, ...rest];
    const turned = build(swap(x.shape), (index) => at(x, swap(index)));
    const normal = array64(turned.shape, standardized(turned, x.shape[1], eps));
    return build(
      x.shape,
      (index) => at(normal, swap(index)) * gamma.data[index[1]] + beta.data[index[1]],
    );
  },
  groupNorm: groupNorm64,
  instanceNorm: (inputs, { eps }) => groupNorm64(inputs, { groups: inputs[0].shape[1], eps }),
  layerNorm: ([x, gamma, beta], { eps }) => {
    const length = sizeOf64(gamma.shape);
    return array64(
      x.shape,
      standardized(x, x.data.length / length, eps).map(
        (v, i) => v * gamma.data[i % length] + beta.data[i % length],
      ),
    );
  },
};
