// Cases of the functions that are made of ops, by the file of engine/ops that declares them.

import * as e from '../../engine/index.ts';
import {
  between,
  distinct,
  given,
  type Input,
  list,
  named,
  normal,
  type OpCase,
  plain,
  positive,
  type Shape,
  withAttrs,
} from './op-inputs.ts';

type Cases = Readonly<Record<string, readonly OpCase[]>>;

const TRANSPOSED: readonly {
  readonly label: string;
  readonly x: Shape;
  readonly w: Shape;
  readonly options?: e.ConvTranspose2dOptions;
  readonly bias?: Shape;
}[] = [
  { label: 'size 1', x: [1, 1, 1, 1], w: [1, 1, 1, 1] },
  { label: '1×1', x: [2, 3, 3, 3], w: [3, 5, 1, 1] },
  { label: 'doubling', x: [2, 3, 3, 4], w: [3, 2, 2, 2], options: { stride: 2 }, bias: [2] },
  { label: 'same', x: [1, 3, 4, 4], w: [3, 2, 3, 3], options: { padding: 1 } },
  {
    label: 'outputPadding',
    x: [1, 2, 3, 4],
    w: [2, 3, 3, 3],
    options: { stride: 2, padding: 1, outputPadding: 1 },
  },
  {
    label: 'outputPadding ≥ stride, not reached by x',
    x: [1, 2, 3, 3],
    w: [2, 2, 2, 2],
    options: { dilation: 3, outputPadding: 2 },
  },
  {
    label: 'outputPadding ≥ stride, reached by x',
    x: [1, 2, 3, 3],
    w: [2, 2, 2, 2],
    options: { dilation: 3, padding: 1, outputPadding: 2 },
  },
  {
    label: 'groups, dilation',
    x: [2, 4, 4, 3],
    w: [4, 3, 3, 2],
    options: { stride: 3, padding: 1, dilation: 2, groups: 2, outputPadding: 2 },
    bias: [6],
  },
  { label: 'depthwise', x: [1, 3, 4, 4], w: [3, 1, 3, 3], options: { stride: 2, groups: 3 } },
];

const conv: Cases = {
  convTranspose2d: TRANSPOSED.map(({ label, x, w, options = {}, bias }) => ({
    label: `${label}: x ${named([x])} w ${named([w])}`,
    inputs: [x, w, ...(bias ? [bias] : [])].map(normal),
    attrs: { stride: 1, padding: 0, dilation: 1, groups: 1, outputPadding: 0, ...options },
    terms: w[0] * w[2] * w[3],
    run: ([image, weight, b]) => e.convTranspose2d(image, weight, options, b),
  })),
};

const BLURS: readonly (readonly [Shape, number, number])[] = [
  [[1, 1, 1, 1], 1, 3],
  [[2, 3, 5, 7], 0.8, 3],
  [[1, 2, 4, 3], 2, 6],
  [[1, 1, 6, 6], 1.5, 1],
  [[1, 1, 3, 4], 1, 0],
];

const blur: Cases = {
  gaussianBlur: BLURS.map(([x, sigma, radius]) => ({
    label: `${named([x])} σ ${sigma} radius ${radius}`,
    inputs: [normal(x)],
    attrs: { sigma, radius },
    terms: 16,
    run: ([image]) =>
      radius === Math.ceil(3 * sigma)
        ? e.gaussianBlur(image, sigma)
        : e.gaussianBlur(image, sigma, radius),
  })),
};

const losses: Cases = {
  cosineSimilarity: plain(
    [normal, normal],
    [
      [1, 3],
      [1, 3],
    ],
    [
      [5, 7],
      [5, 7],
    ],
  ).map((c) => ({
    ...c,
    terms: 7,
    run: ([a, b]) => e.cosineSimilarity(a, b),
  })),
  klDivergence: [
    ...plain(
      [normal, between(0.1, 1)],
      [
        [1, 1],
        [1, 1],
      ],
      [
        [5, 7],
        [5, 7],
      ],
    ),
    {
      label: 'zeros in q',
      inputs: [normal([1, 3]), given([1, 3], 0, 0.75, 0.25)],
      order: 0 as const,
    },
  ].map((c) => ({ ...c, terms: 7, run: ([logP, q]) => e.klDivergence(logP, q) })),
  binaryCrossEntropy: [
    ...plain(
      [normal, between(0, 1)],
      [[1], [1]],
      [
        [2, 3, 5],
        [2, 3, 5],
      ],
    ),
    {
      label: 'sure of it',
      inputs: [list(-80, -20, 20, 80, 80, -20), list(0, 0, 1, 1, 0, 1)],
      order: 0 as const,
      relative: true,
    },
  ].map((c) => ({ ...c, run: ([z, t]) => e.binaryCrossEntropy(z, t) })),
};

const condition = (shape: Shape): Input => ({
  shape,
  values: (random, size) => Float32Array.from({ length: size }, () => random.int(2)),
});

const elementwise: Cases = {
  neg: plain([normal], [[2, 3]]).map((c) => ({ ...c, run: ([x]) => e.neg(x) })),
  where: plain(
    [condition, normal, normal],
    [[7], [7], [7]],
    [
      [2, 3, 1],
      [3, 5],
      [2, 1, 5],
    ],
    [[5], [], [2, 1]],
  ).map((c) => ({ ...c, constants: [0], run: ([when, a, b]) => e.where(when, a, b) })),
};

const indexing: Cases = {
  topKThreshold: withAttrs({ k: 3 }, plain([distinct], [[5, 7]], [[2, 67]])).map((c) => ({
    ...c,
    run: ([x]) => e.topKThreshold(x, 3),
  })),
};

const softmax: Cases = {
  softmax: plain([normal], [[1, 1]], [[5, 7]]).map((c) => ({ ...c, run: ([x]) => e.softmax(x) })),
};

const norm: Cases = {
  batchNorm: withAttrs(
    { eps: 1e-5 },
    plain([normal, normal, normal], [[5, 3], [3], [3]], [[2, 3, 4, 5], [3], [3]]),
  ).map((c) => ({
    ...c,
    label: `moments of x: ${c.label}`,
    terms: 40,
    run: ([x, g, b]) => e.batchNorm(x, e.channelMoments(x), g, b),
  })),
  groupNorm: withAttrs(
    { groups: 2, eps: 1e-5 },
    plain([normal, normal, normal], [[2, 4, 3, 5], [4], [4]]),
  ).map((c) => ({ ...c, terms: 30, run: ([x, g, b]) => e.groupNorm(x, 2, g, b) })),
  instanceNorm: withAttrs(
    { eps: 1e-5 },
    plain([normal, normal, normal], [[2, 3, 3, 5], [3], [3]]),
  ).map((c) => ({ ...c, terms: 15, run: ([x, g, b]) => e.instanceNorm(x, g, b) })),
  layerNorm: withAttrs(
    { eps: 1e-5 },
    plain(
      [normal, normal, normal],
      [[5, 7], [7], [7]],
      [
        [2, 3, 4, 5],
        [4, 5],
        [4, 5],
      ],
      [[67], [67], [67]],
    ),
  ).map((c) => ({ ...c, terms: 67, run: ([x, g, b]) => e.layerNorm(x, g, b) })),
};

const shape: Cases = {
  flatten: plain([normal], [[2, 3, 5]], [[4]]).map((c) => ({ ...c, run: ([x]) => e.flatten(x) })),
  concat: (
    [
      [0, [[2, 3]]],
      [
        1,
        [
          [2, 3],
          [2, 1],
          [2, 4],
        ],
      ],
      [
        0,
        [
          [1, 3, 2],
          [2, 3, 2],
        ],
      ],
    ] as const
  ).map(([axis, shapes]) => ({
    label: `${named(shapes)} along ${axis}`,
    inputs: shapes.map(normal),
    attrs: { axis },
    run: (parts) => e.concat(parts, axis),
  })),
};

const reduce: Cases = {
  mean: ([[0], [1, 2], [0, 2], [0, 1, 2]] as const).map((axes) => ({
    label: `[2, 3, 5] over ${axes}`,
    inputs: [normal([2, 3, 5])],
    attrs: { axes },
    terms: 30,
    run: ([x]) => e.mean(x, axes),
  })),
  sumTo: ([[2, 3, 5], [3, 5], [2, 1, 5], [1], []] as const).map((to) => ({
    label: `[2, 3, 5] to ${named([to])}`,
    inputs: [normal([2, 3, 5])],
    attrs: { to },
    terms: 30,
    run: ([x]) => e.sumTo(x, to),
  })),
};

const pool: Cases = {
  globalAvgPool: plain([normal], [[1, 1, 1, 1]], [[2, 3, 4, 5]]).map((c) => ({
    ...c,
    terms: 20,
    run: ([x]) => e.globalAvgPool(x),
  })),
};

const map: Shape = [2, 3, 3, 4];
const saliency: Cases = {
  saliencyOf: (['signed', 'relu', 'abs'] as const).map((sign) => ({
    label: sign,
    inputs: [positive(map), positive(map)],
    attrs: { sign },
    terms: 3,
    run: ([a, weight]) => e.saliencyOf(a, weight, sign),
  })),
  saliencyMap: (['gradcam', 'hirescam'] as const).flatMap((method) =>
    (['signed', 'relu', 'abs'] as const).map((sign) => ({
      label: `${method} ${sign}`,
      inputs: [positive(map), sign === 'signed' ? normal(map) : positive(map)],
      attrs: { method, sign },
      terms: 12,
      run: ([a, gradient]: e.Tensor[]) => e.saliencyMap(a, gradient, { method, sign }),
    })),
  ),
};

export const functionFamilies: Readonly<Record<string, Cases>> = {
  blur,
  conv,
  elementwise,
  indexing,
  losses,
  norm,
  pool,
  reduce,
  saliency,
  shape,
  softmax,
};

export const functionCases: Cases = Object.assign({}, ...Object.values(functionFamilies));
