// Cases of every op in the registry, by the file of engine/ops that declares it.

import * as e from '../../engine/index.ts';
import { functionCases } from './function-cases.ts';
import { convCases, poolCases, resizeCases } from './op-cases-images.ts';
import { activationCases, dropoutCases, indexingCases } from './op-cases-numbers.ts';
import {
  apart,
  between,
  distinct,
  given,
  type Input,
  labels,
  list,
  type Maker,
  named,
  nonzero,
  normal,
  type OpCase,
  plain,
  positive,
  ramp,
  type Shape,
  withAttrs,
} from './op-inputs.ts';
import { sizeOf64 } from './reference.ts';

const IDENTITY = { a: 1, b: 0 };
const unary = (maker: Maker, ...more: OpCase[]): OpCase[] => [
  ...plain([maker], [[1]], [[127]], [[2, 3, 5]]).map((c) => ({ ...c, attrs: IDENTITY })),
  ...more,
];
/** Values of very different size, forward only. */
const extremes = (...values: number[]): OpCase => ({
  label: `extremes ${values.join(' ')}`,
  inputs: [list(...values)],
  attrs: IDENTITY,
  order: 0,
  relative: true,
});

/** Kernels of all pairs share their index arithmetic, which `add` goes through in full. */
const PAIRS: readonly (readonly [Shape, Shape])[] = [
  [[1], [1]],
  [
    [2, 3, 5],
    [2, 3, 5],
  ],
  [
    [2, 3, 4, 5],
    [1, 3, 1, 1],
  ],
  [
    [7, 1],
    [1, 11],
  ],
  [
    [3, 1],
    [2, 3, 67],
  ],
];
const MORE_PAIRS: readonly (readonly [Shape, Shape])[] = [
  [
    [1, 3, 1, 5],
    [2, 1, 4, 1],
  ],
  [[5], [3, 2, 5]],
  [[2, 3, 2], []],
  [
    [2, 1, 3, 1, 2, 1],
    [1, 2, 1, 2, 1, 2],
  ],
  [
    [3, 1, 1100],
    [1, 2, 1100],
  ],
  [
    [2, 49, 1],
    [2, 1, 50],
  ],
  [[], [2053]],
];
const binary = (a: Maker, b: Maker, pairs = PAIRS): OpCase[] => plain([a, b], ...pairs);

function folds(maker: Maker, termsMatter: boolean): OpCase[] {
  const fold = (shape: Shape, axis: number, count: number, order: 0 | 1 | 2): OpCase => ({
    label: `${named([shape])} axis ${axis}${count > 1 ? `–${axis + count - 1}` : ''}`,
    inputs: [maker(shape)],
    attrs: { axis, count },
    order,
    terms: termsMatter ? sizeOf64(shape.slice(axis, axis + count)) : 1,
  });
  return [
    fold([1], 0, 1, 2),
    fold([3, 4, 5], 0, 1, 2),
    fold([3, 4, 5], 1, 1, 2),
    fold([3, 4, 5], 2, 1, 2),
    fold([2, 3, 2, 5], 1, 2, 2),
    fold([2, 3, 5], 0, 3, 2),
    fold([2, 37, 3], 1, 1, 2), // a workgroup a result
    fold([211], 0, 1, 1),
    fold([3, 61, 701], 1, 1, 0), // a thread a result, 4-way unrolled with a rest
    fold([2, 8192], 1, 1, 0),
    fold([8193], 0, 1, 0), // two steps
    fold([2, 16411, 3], 1, 1, 0),
    fold([100003], 0, 1, 0),
  ];
}

const SIGNS = ['signed', 'relu', 'abs'] as const;

/** Saliency with both signs away from 0, masks in [0, 1] that leave the hinge open, and the cases of loss 0. */
function relevances(build: (s: Input, mask: Input) => Input[]): OpCase[] {
  const area: Shape = [2, 3, 4];
  const open = { hinge: true, eps: 1e-8 };
  const maskAgainst: Input = {
    shape: area,
    values: (random, size) =>
      Float32Array.from({ length: size }, (_, i) => (i % 5 === 0 ? 1 : 0.2 * random.uniform())),
  };
  const one: Shape = [1, 2, 2];
  const still = (label: string, s: Input, mask: Input, hinge = true): OpCase => ({
    label,
    inputs: build(s, mask),
    attrs: { hinge, eps: 1e-8 },
  });
  return [
    { label: 'hinge open', inputs: build(nonzero(area), maskAgainst), attrs: open, terms: 12 },
    {
      label: 'all positive',
      inputs: build(positive([3, 4]), between(0, 1)([3, 4])),
      attrs: { ...open, hinge: false },
      terms: 4,
    },
    {
      label: 'energy',
      inputs: build(nonzero(area), between(0, 1)(area)),
      attrs: { ...open, hinge: false },
      terms: 12,
    },
    {
      label: 'more than a workgroup',
      inputs: build(nonzero([2, 11, 13]), { ...maskAgainst, shape: [2, 11, 13] }),
      attrs: open,
      terms: 143,
    },
    still('hinge closed', given(one, 3, 0.1, -1, 0.1), given(one, 1, 0.5, 0, 0)),
    still('no positive saliency', given(one, -1, -2, -0.5, -1), given(one, 1, 0, 0.5, 0)),
    still('constant mask', positive(one), given(one, 0.7, 0.7, 0.7, 0.7)),
    still('constant mask, energy', positive(one), given(one, 0.7, 0.7, 0.7, 0.7), false),
    still('zero mask', positive(one), given(one, 0, 0, 0, 0)),
    still('zero mask, energy', positive(one), given(one, 0, 0, 0, 0), false),
  ];
}

const sliced = (attrs: object, shape: Shape): OpCase[] =>
  withAttrs(attrs, plain([normal], [shape])).map((c) => ({
    ...c,
    label: `${c.label} ${JSON.stringify(attrs)}`,
  }));

/** By the file of engine/ops, then by op. */
export const opFamilies: Readonly<Record<string, Readonly<Record<string, readonly OpCase[]>>>> = {
  elementwise: {
    affine: [
      ...withAttrs({ a: -1.5, b: 0.25 }, plain([normal], [[1]], [[127]], [[2, 3, 5]])),
      {
        label: 'four million elements',
        inputs: [ramp([65535 * 64 + 65])],
        attrs: { a: 2, b: 1 },
        order: 0,
      },
    ],
    exp: unary(normal, extremes(-80, -1e-6, 0, 1e-6, 80)),
    log: unary(positive, extremes(1e-30, 1e-3, 3, 1e30), {
      label: 'near 1, where WGSL promises 2⁻²¹ absolute',
      inputs: [list(0.5, 0.999, 1, 1.001, 2)],
      attrs: IDENTITY,
      order: 0,
    }),
    sqrt: unary(positive, extremes(0, 1e-30, 1e30)),
    reciprocal: unary(nonzero, extremes(-1e-30, 1e-30, 1e30)),
    square: unary(normal),
    abs: unary(nonzero, extremes(-1e30, 0, 1e-30)),
    sign: unary(nonzero, extremes(-1e-30, 0, 1e-30)),
    step: unary(nonzero, extremes(-1e-30, 0, 1e-30)),
    relu: unary(nonzero, extremes(-1e30, 0, 1e-30, 1e30)),
    sigmoid: unary(normal, extremes(-60, -1, 0, 1, 100)),
    tanh: unary(normal, extremes(-1e30, -100, -3, 0, 3, 100, 1e30)),

    add: binary(normal, normal, [...PAIRS, ...MORE_PAIRS]),
    addRelu: binary(distinct, apart(0.0125)),
    sub: binary(normal, normal),
    mul: binary(normal, normal),
    div: binary(normal, nonzero),
    maximum: binary(distinct, apart(0.025)),
    minimum: binary(distinct, apart(0.025)),
    greater: binary(distinct, apart(0.025)),
    equal: [
      ...binary(distinct, apart(0.025)),
      { label: 'equal ones', inputs: [list(1, 2, 3, -0), list(1, 3, 3, 0)], order: 0 },
    ],
    reluInputGrad: binary(normal, nonzero),
  },
  reduce: {
    sum: folds(normal, true),
    max: folds(distinct, false),
    min: folds(distinct, false),
  },
  shape: {
    alias: plain([normal], [[2, 3]]),
    reshape: withAttrs({ shape: [5, 6] }, plain([normal], [[2, 3, 5]])),
    broadcastTo: [
      ...withAttrs({ shape: [2, 3, 4] }, plain([normal], [[1, 3, 1]], [[4]], [[]], [[2, 1, 4]])),
      ...withAttrs({ shape: [2, 3, 2, 1, 2, 3] }, plain([normal], [[3, 1, 1, 2, 1]])),
      ...withAttrs({ shape: [2, 3, 1100] }, plain([normal], [[3, 1]], [[1100]])),
    ],
    permute: [
      ...withAttrs({ order: [2, 0, 1] }, plain([normal], [[2, 3, 5]])),
      ...withAttrs({ order: [0, 2, 3, 1] }, plain([normal], [[2, 3, 4, 5]])),
      ...withAttrs({ order: [5, 3, 1, 0, 2, 4] }, plain([normal], [[2, 1, 3, 2, 2, 3]])),
      ...withAttrs({ order: [0] }, plain([normal], [[7]])),
      ...withAttrs({ order: [1, 0] }, plain([normal], [[53, 67]])),
      ...withAttrs({ order: [1, 0, 2] }, plain([normal], [[2, 3, 1031]])),
    ],
    slice: [
      ...sliced({ start: [1, 0, 2], size: [1, 3, 2], step: [1, 1, 1] }, [2, 3, 5]),
      ...sliced({ start: [0], size: [1], step: [1] }, [7]),
      ...sliced({ start: [1, 5], size: [2, 1030], step: [1, 1] }, [3, 1040]),
      ...sliced({ start: [0, 0], size: [3, 4], step: [1, 1] }, [3, 4]),
      ...sliced({ start: [1], size: [3], step: [2] }, [6]),
      ...sliced({ start: [0, 1, 2], size: [2, 3, 2], step: [3, 1, 2] }, [4, 5, 7]),
      ...sliced({ start: [0, 0, 1, 0], size: [2, 1, 2, 3], step: [1, 5, 4, 3] }, [2, 3, 6, 9]),
      ...sliced({ start: [0, 1], size: [2, 515], step: [2, 2] }, [3, 1033]),
    ],
    pad: [
      ...withAttrs({ before: [0, 2, 1], after: [1, 0, 3] }, plain([normal], [[2, 3, 2]])),
      ...withAttrs({ before: [0], after: [0] }, plain([normal], [[7]])),
      ...withAttrs({ before: [3], after: [2] }, plain([normal], [[1]])),
      ...withAttrs({ before: [1, 3], after: [0, 2] }, plain([normal], [[2, 1030]])),
    ],
  },
  matmul: {
    matmul: [false, true].flatMap((transposeA) =>
      [false, true].flatMap((transposeB) =>
        (
          [
            [1, 1, 1],
            [3, 5, 4],
            [13, 7, 11],
            [2, 37, 35],
            [33, 131, 65],
            // Large enough for a tile as narrow as its outputs, in whole rows and otherwise.
            [3, 130, 136],
            [7, 70, 131],
            [13, 40, 136],
          ] as const
        ).map(([m, k, n], i): OpCase => {
          const a = transposeA ? [k, m] : [m, k];
          const b = transposeB ? [n, k] : [k, n];
          return {
            label: `${named([a])}${transposeA ? 'ᵀ' : ''} ${named([b])}${transposeB ? 'ᵀ' : ''}`,
            inputs: [normal(a), normal(b)],
            attrs: { transposeA, transposeB },
            order: i < 3 ? 2 : i < 4 ? 1 : 0,
            terms: k,
            run: ([left, right]) => e.matmul(left, right, { transposeA, transposeB }),
          };
        }),
      ),
    ),
  },
  activations: activationCases,
  indexing: indexingCases,
  dropout: dropoutCases,
  conv: convCases,
  pool: poolCases,
  resize: resizeCases,
  norm: {
    channelMoments: [
      ...plain([normal], [[1, 1]], [[5, 3]], [[2, 3, 4]], [[3, 2, 3, 5]]).map((c) => ({
        ...c,
        terms: 30,
      })),
      { label: 'large mean', inputs: [between(1000, 1001)([2, 3, 67])], order: 0, terms: 134 },
    ],
    channelNormalize: (
      [
        [[1, 1], [2, 1], [1], [1]],
        [[5, 3], [2, 3], [3], [3]],
        [[2, 3, 4, 5], [2, 3], [3], [3]],
      ] as const
    ).map((shapes, k) => ({
      label: named(shapes),
      inputs: [normal, positive, normal, normal].map((maker, i) => maker(shapes[i])),
      attrs: { eps: [1e-5, 1e-5, 0.5][k] }, // one large enough to be missed if left out
    })),
    channelAffine: plain(
      [normal, normal, normal, normal],
      [[1, 1], [1], [1], [1]],
      [[5, 3], [3], [3], [3]],
      [[2, 3, 4, 5], [3], [3], [3]],
    ),
    channelSums: plain(
      [normal, normal, normal],
      [[1, 1], [1, 1], [1]],
      [[5, 3], [5, 3], [3]],
      [[3, 2, 3, 5], [3, 2, 3, 5], [2]],
      [[2, 3, 67], [2, 3, 67], [3]],
    ).map((c) => ({ ...c, terms: 134 })),
  },
  softmax: {
    logSoftmax: [
      ...plain([normal], [[1, 1]], [[3, 2]], [[5, 7]], [[131, 3]]),
      {
        label: 'large logits',
        inputs: [given([2, 3], 1000, 999, -1000, -500, -500, -501)],
        order: 0,
      },
    ],
    oneHot: [
      { label: '7 labels of 5', inputs: [labels(7, 5)], attrs: { classes: 5 } },
      { label: 'one class', inputs: [labels(3, 1)], attrs: { classes: 1 } },
    ],
    softmaxCrossEntropy: [
      { label: '[5, 7]', inputs: [normal([5, 7]), labels(5, 7)] },
      { label: '[131, 2]', inputs: [normal([131, 2]), labels(131, 2)], order: 1 },
      { label: '[1, 1]', inputs: [normal([1, 1]), labels(1, 1)] },
      {
        label: 'large logits',
        inputs: [given([2, 3], 1000, 999, -1000, -500, -500, -501), labels(2, 3)],
        order: 0,
      },
    ],
    softmaxCrossEntropyInputGrad: [
      { label: '[5, 7]', inputs: [normal([5]), normal([5, 7]), labels(5, 7)] },
      { label: '[67, 3]', inputs: [normal([67]), normal([67, 3]), labels(67, 3)], order: 1 },
      { label: '[1, 1]', inputs: [normal([1]), normal([1, 1]), labels(1, 1)] },
    ],
  },
  saliency: {
    saliency: SIGNS.flatMap((sign) =>
      (
        [
          [
            [2, 3, 3, 5],
            [2, 3, 3, 5],
          ],
          [
            [2, 3, 3, 5],
            [2, 3, 1, 1],
          ],
          [
            [1, 1, 1, 1],
            [1, 1, 1, 1],
          ],
        ] as const
      ).map(
        (shapes): OpCase => ({
          label: `${sign} ${named(shapes)}`,
          // The first channel outweighs the others, so that no sum comes near 0.
          inputs: shapes.map(([n, k, h, w]) => ({
            shape: [n, k, h, w],
            values: (random, size) =>
              Float32Array.from({ length: size }, (_, i) =>
                Math.floor(i / (h * w)) % k === 0
                  ? (random.uniform() < 0.5 ? -1 : 1) * (1 + random.uniform())
                  : random.uniform() - 0.5,
              ),
          })),
          attrs: { sign },
          terms: 3,
        }),
      ),
    ),
    normalizeMap: [
      ...withAttrs({ eps: 1e-12 }, plain([apart(0.0125)], [[3, 5]], [[2, 3, 4]], [[2, 9, 11]])),
      { label: 'one value a map', inputs: [positive([3, 1])], attrs: { eps: 1e-12 } },
      { label: 'below eps', inputs: [given([2, 2], 1e-3, -2e-3, 3, -1)], attrs: { eps: 0.05 } },
    ],
  },
  relevance: {
    relevanceLoss: relevances((s, mask) => [s, mask]),
    relevanceLossInputGrad: relevances((s, mask) => [normal([s.shape[0]]), s, mask]),
  },
};

export const opCases: Readonly<Record<string, readonly OpCase[]>> = Object.assign(
  {},
  ...Object.values(opFamilies),
);

/** Inputs that an op declares constant although its formula varies with them. */
export const constantInputs: Readonly<Record<string, readonly string[]>> = {
  relevanceLoss: ['mask'],
  relevanceLossInputGrad: ['mask'],
};

/** The names of ops and functions that have no case. */
export const withoutCase = (names: Iterable<string>): string[] =>
  [...names].filter((name) => ((opCases[name] ?? functionCases[name])?.length ?? 0) === 0);
