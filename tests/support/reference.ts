// Every op in float64, written from its definition in plain loops: the oracle of the op tests.

import {
  type Array64,
  type Attrs,
  addAt,
  array64,
  at,
  binary,
  build,
  fold,
  type Reference,
  ravel,
  unary,
  unravel,
} from './array64.ts';
import { referencesOfImages } from './reference-images.ts';
import { referencesOfNumbers } from './reference-numbers.ts';
import { referencesOfRows } from './reference-rows.ts';

export { type Array64, array64, type Reference, sizeOf64 } from './array64.ts';

/** Calls `visit` for each pair of an output position and a window tap that lies inside x. */
function eachTap(
  { x, w, stride, padding, dilation, groups }: Attrs,
  visit: (x: number[], w: number[], y: number[]) => void,
): void {
  const [n, c, h, width] = x;
  const [o, , kh, kw] = w;
  const [oh, ow] = conv2dOutput({ x, w, stride, padding, dilation }).slice(2);
  for (let image = 0; image < n; image++)
    for (let out = 0; out < o; out++)
      for (let ci = 0; ci < c / groups; ci++)
        for (let i = 0; i < oh; i++)
          for (let j = 0; j < ow; j++)
            for (let u = 0; u < kh; u++)
              for (let v = 0; v < kw; v++) {
                const row = i * stride + u * dilation - padding;
                const column = j * stride + v * dilation - padding;
                if (row < 0 || row >= h || column < 0 || column >= width) continue;
                const channel = Math.floor(out / (o / groups)) * (c / groups) + ci;
                visit([image, channel, row, column], [out, ci, u, v], [image, out, i, j]);
              }
}

export function conv2dOutput({ x, w, stride, padding, dilation }: Attrs): number[] {
  const along = (size: number, taps: number) =>
    Math.floor((size + 2 * padding - (dilation * (taps - 1) + 1)) / stride) + 1;
  return [x[0], w[0], along(x[2], w[2]), along(x[3], w[3])];
}

/** Calls `visit` for each output of a pooling with the positions of x in its window. */
function eachWindow(
  { x: shape, kernelSize, stride, padding }: Attrs,
  visit: (output: number[], window: number[][]) => void,
): void {
  const [n, c, oh, ow] = poolOutput({ x: shape, kernelSize, stride, padding });
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < c; channel++)
      for (let i = 0; i < oh; i++)
        for (let j = 0; j < ow; j++) {
          const window: number[][] = [];
          for (let u = 0; u < kernelSize; u++)
            for (let v = 0; v < kernelSize; v++) {
              const [row, column] = [i * stride + u - padding, j * stride + v - padding];
              if (row < 0 || row >= shape[2] || column < 0 || column >= shape[3]) continue;
              window.push([image, channel, row, column]);
            }
          visit([image, channel, i, j], window);
        }
}

export function poolOutput({ x, kernelSize, stride, padding }: Attrs): number[] {
  const along = (size: number) => Math.floor((size + 2 * padding - kernelSize) / stride) + 1;
  return [x[0], x[1], along(x[2]), along(x[3])];
}

/** The first position of the window's greatest value. */
const argmax = (x: Array64, window: number[][]): number[] =>
  window.reduce((best, index) => (at(x, index) > at(x, best) ? index : best));

/** Each source cell of output cell `o` along one axis with its weight: half-pixel centres, clamped below 0. */
function sources(o: number, size: number, outSize: number): [number, number][] {
  const centre = Math.max(((o + 0.5) * size) / outSize - 0.5, 0);
  const low = Math.min(Math.floor(centre), size - 1);
  const weight = Math.min(centre - low, 1);
  return [
    [low, 1 - weight],
    [Math.min(low + 1, size - 1), weight],
  ];
}

function eachSource(
  { x, size }: Attrs,
  visit: (from: number[], to: number[], weight: number) => void,
): void {
  for (let n = 0; n < x[0]; n++)
    for (let c = 0; c < x[1]; c++)
      for (let i = 0; i < size[0]; i++)
        for (let j = 0; j < size[1]; j++)
          for (const [row, down] of sources(i, x[2], size[0]))
            for (const [column, across] of sources(j, x[3], size[1]))
              visit([n, c, row, column], [n, c, i, j], down * across);
}

function logSoftmaxRow(logits: Array64, n: number): number[] {
  const classes = logits.shape[1];
  const row = Array.from(logits.data.subarray(n * classes, (n + 1) * classes));
  const most = Math.max(...row);
  const total = row.reduce((sum, v) => sum + Math.exp(v - most), 0);
  return row.map((v) => v - most - Math.log(total));
}

/** What a row of saliency and its mask come to: R, R*, ΣS⁺, and whether the loss counts. */
function relevanceRow(s: Array64, mask: Array64, n: number, { hinge, eps }: Attrs) {
  const area = s.data.length / s.shape[0];
  const map = Array.from(s.data.subarray(n * area, (n + 1) * area), (v) => Math.max(v, 0));
  const m = Array.from(mask.data.subarray(n * area, (n + 1) * area));
  const total = map.reduce((a, b) => a + b, 0);
  const energy = map.reduce((sum, v, p) => sum + v * m[p], 0) / total;
  const target = hinge ? m.reduce((sum, v) => sum + v * v, 0) / m.reduce((a, b) => a + b, 0) : 1;
  const counts = total > eps && Math.max(...m) > Math.min(...m);
  return { m, total, energy, miss: counts ? Math.max(target - energy, 0) : 0 };
}

const saliency64: Reference = ([a, weight], { sign }) => {
  const [n, channels, h, w] = a.shape;
  return build([n, h, w], ([image, i, j]) => {
    let total = 0;
    for (let k = 0; k < channels; k++) {
      total += at(a, [image, k, i, j]) * at(weight, [image, k, i, j]);
    }
    if (sign === 'relu') return Math.max(total, 0);
    return sign === 'abs' ? Math.abs(total) : total;
  });
};

/** By op, or by the function of engine/ops that is made of ops. */
export const references: Readonly<Record<string, Reference>> = {
  ...referencesOfNumbers,
  ...referencesOfRows,
  ...referencesOfImages,

  alias: ([x]) => array64(x.shape, x.data),
  affine: unary((v, { a, b }) => a * v + b),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((v) => 1 / v),
  square: unary((v) => v * v),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  step: unary((v) => (v > 0 ? 1 : 0)),
  relu: unary((v) => Math.max(v, 0)),
  sigmoid: unary((v) => 1 / (1 + Math.exp(-v))),
  tanh: unary(Math.tanh),

  neg: unary((v) => -v),
  add: binary((u, v) => u + v),
  addRelu: binary((u, v) => Math.max(u + v, 0)),
  sub: binary((u, v) => u - v),
  mul: binary((u, v) => u * v),
  div: binary((u, v) => u / v),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  greater: binary((u, v) => (u > v ? 1 : 0)),
  equal: binary((u, v) => (u === v ? 1 : 0)),
  reluInputGrad: binary((dy, x) => (x > 0 ? dy : 0)),

  sum: fold(0, (total, v) => total + v),
  max: fold(-Infinity, Math.max),
  min: fold(Infinity, Math.min),
  mean: ([x], { axes }) => {
    const y = array64(x.shape.filter((_, axis) => !axes.includes(axis)));
    for (let i = 0; i < x.data.length; i++) {
      const index = unravel(i, x.shape).filter((_, axis) => !axes.includes(axis));
      addAt(y, index, (x.data[i] * y.data.length) / x.data.length);
    }
    return y;
  },
  sumTo: ([x], { to }) => {
    const y = array64(to);
    for (let i = 0; i < x.data.length; i++) addAt(y, unravel(i, x.shape), x.data[i]);
    return y;
  },

  reshape: ([x], { shape }) => array64(shape, x.data),
  flatten: ([x]) => array64([x.shape[0], x.data.length / x.shape[0]], x.data),
  concat: (parts, { axis }) => {
    const total = parts.reduce((n, { shape }) => n + shape[axis], 0);
    const y = array64(parts[0].shape.with(axis, total));
    let start = 0;
    for (const part of parts) {
      part.data.forEach((v, i) => {
        const index = unravel(i, part.shape);
        addAt(y, index.with(axis, index[axis] + start), v);
      });
      start += part.shape[axis];
    }
    return y;
  },
  broadcastTo: ([x], { shape }) => build(shape, (index) => x.data[ravel(index, x.shape)]),
  permute: ([x], { order }) =>
    build(
      order.map((axis: number) => x.shape[axis]),
      (index) =>
        at(
          x,
          x.shape.map((_, axis) => index[order.indexOf(axis)]),
        ),
    ),
  slice: ([x], { start, size, step }) =>
    build(size, (index) =>
      at(
        x,
        index.map((i, axis) => start[axis] + i * step[axis]),
      ),
    ),
  pad: ([x], { before, after }) => {
    const y = array64(x.shape.map((n, axis) => before[axis] + n + after[axis]));
    for (let i = 0; i < x.data.length; i++) {
      const index = unravel(i, x.shape).map((k, axis) => k + before[axis]);
      addAt(y, index, x.data[i]);
    }
    return y;
  },

  matmul: ([a, b], { transposeA, transposeB }) => {
    const left = (i: number, k: number) => at(a, transposeA ? [k, i] : [i, k]);
    const right = (k: number, j: number) => at(b, transposeB ? [j, k] : [k, j]);
    const inner = a.shape[transposeA ? 0 : 1];
    return build([a.shape[transposeA ? 1 : 0], b.shape[transposeB ? 0 : 1]], ([i, j]) => {
      let total = 0;
      for (let k = 0; k < inner; k++) total += left(i, k) * right(k, j);
      return total;
    });
  },

  conv2d: ([x, w], attrs) => {
    const y = array64(conv2dOutput(attrs));
    eachTap(attrs, (from, tap, to) => addAt(y, to, at(x, from) * at(w, tap)));
    return y;
  },
  conv2dInputGrad: ([dy, w], attrs) => {
    const dx = array64(attrs.x);
    eachTap(attrs, (from, tap, to) => addAt(dx, from, at(dy, to) * at(w, tap)));
    return dx;
  },
  conv2dWeightGrad: ([x, dy], attrs) => {
    const dw = array64(attrs.w);
    eachTap(attrs, (from, tap, to) => addAt(dw, tap, at(dy, to) * at(x, from)));
    return dw;
  },

  maxPool2d: ([x], attrs) => {
    const y = array64(poolOutput(attrs));
    eachWindow(attrs, (o, window) => addAt(y, o, at(x, argmax(x, window))));
    return y;
  },
  maxPool2dInputGrad: ([dy, x], attrs) => {
    const dx = array64(attrs.x);
    eachWindow(attrs, (o, window) => addAt(dx, argmax(x, window), at(dy, o)));
    return dx;
  },
  maxPool2dGather: ([v, x], attrs) => {
    const y = array64(poolOutput(attrs));
    eachWindow(attrs, (o, window) => addAt(y, o, at(v, argmax(x, window))));
    return y;
  },
  avgPool2d: ([x], attrs) => {
    const y = array64(poolOutput(attrs));
    eachWindow(attrs, (o, window) => {
      for (const index of window) addAt(y, o, at(x, index) / attrs.kernelSize ** 2);
    });
    return y;
  },
  avgPool2dInputGrad: ([dy], attrs) => {
    const dx = array64(attrs.x);
    eachWindow(attrs, (o, window) => {
      for (const index of window) addAt(dx, index, at(dy, o) / attrs.kernelSize ** 2);
    });
    return dx;
  },

  globalAvgPool: ([x]) => {
    const y = array64(x.shape.slice(0, 2));
    const area = x.data.length / y.data.length;
    x.data.forEach((v, i) => {
      y.data[Math.floor(i / area)] += v / area;
    });
    return y;
  },

  resizeBilinear: ([x], attrs) => {
    const y = array64([attrs.x[0], attrs.x[1], ...attrs.size]);
    eachSource(attrs, (from, to, weight) => addAt(y, to, weight * at(x, from)));
    return y;
  },
  resizeBilinearInputGrad: ([dy], attrs) => {
    const dx = array64(attrs.x);
    eachSource(attrs, (from, to, weight) => addAt(dx, from, weight * at(dy, to)));
    return dx;
  },

  channelMoments: ([x]) => {
    const [n, c] = x.shape;
    const area = x.data.length / (n * c);
    return build([2, c], ([row, channel]) => {
      const values: number[] = [];
      for (let image = 0; image < n; image++)
        for (let p = 0; p < area; p++) values.push(x.data[(image * c + channel) * area + p]);
      const mean = values.reduce((a, b) => a + b) / values.length;
      return row === 0 ? mean : values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length;
    });
  },
  channelNormalize: ([x, moments, gamma, beta], { eps }) => {
    const c = x.shape[1];
    return build(x.shape, (index) => {
      const [, channel] = index;
      const deviation = Math.sqrt(moments.data[c + channel] + eps);
      const normal = (at(x, index) - moments.data[channel]) / deviation;
      return normal * gamma.data[channel] + beta.data[channel];
    });
  },

  channelAffine: ([x, centre, scale, shift]) =>
    build(
      x.shape,
      (index) =>
        (at(x, index) - centre.data[index[1]]) * scale.data[index[1]] + shift.data[index[1]],
    ),
  channelSums: ([dy, x, centre]) => {
    const y = array64([2, x.shape[1]]);
    for (let i = 0; i < x.data.length; i++) {
      const [, channel] = unravel(i, x.shape);
      addAt(y, [0, channel], dy.data[i]);
      addAt(y, [1, channel], dy.data[i] * (x.data[i] - centre.data[channel]));
    }
    return y;
  },

  logSoftmax: ([logits]) => build(logits.shape, ([n, k]) => logSoftmaxRow(logits, n)[k]),
  oneHot: ([labels], { classes }) =>
    build([labels.data.length, classes], ([n, k]) => (labels.data[n] === k ? 1 : 0)),
  softmaxCrossEntropy: ([logits, labels]) =>
    build([logits.shape[0]], ([n]) => -logSoftmaxRow(logits, n)[labels.data[n]]),
  softmaxCrossEntropyInputGrad: ([dy, logits, labels]) =>
    build(
      logits.shape,
      ([n, k]) =>
        dy.data[n] * (Math.exp(logSoftmaxRow(logits, n)[k]) - (labels.data[n] === k ? 1 : 0)),
    ),

  saliency: saliency64,
  saliencyOf: saliency64,
  saliencyMap: ([a, gradient], { method, sign }) => {
    const [n, k, h, w] = gradient.shape;
    const weight = array64([n, k, 1, 1]);
    gradient.data.forEach((v, i) => {
      weight.data[Math.floor(i / (h * w))] += v / (h * w);
    });
    return saliency64([a, method === 'gradcam' ? weight : gradient], { sign });
  },
  normalizeMap: ([x], { eps }) => {
    const area = x.data.length / x.shape[0];
    const most = Array.from({ length: x.shape[0] }, (_, n) =>
      Math.max(...x.data.subarray(n * area, (n + 1) * area).map(Math.abs)),
    );
    return array64(
      x.shape,
      x.data.map((v, i) => {
        const scale = most[Math.floor(i / area)];
        return scale < eps ? 0 : v / scale;
      }),
    );
  },
  relevanceLoss: ([s, mask], attrs) =>
    build([s.shape[0]], ([n]) => relevanceRow(s, mask, n, attrs).miss),
  relevanceLossInputGrad: ([dy, s, mask], attrs) => {
    const area = s.data.length / s.shape[0];
    const ds = array64(s.shape);
    for (let n = 0; n < s.shape[0]; n++) {
      const { m, total, energy, miss } = relevanceRow(s, mask, n, attrs);
      if (miss === 0) continue;
      m.forEach((value, p) => {
        // ∂(T − E/S)/∂s_p of S = Σs⁺, E = Σm·s⁺ by the quotient rule.
        if (s.data[n * area + p] > 0) {
          ds.data[n * area + p] = (-dy.data[n] * (value * total - energy * total)) / total ** 2;
        }
      });
    }
    return ds;
  },
};
