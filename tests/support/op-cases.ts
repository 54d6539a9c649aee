/** Cases of every op in the registry: shapes, attributes and values that keep away from kinks. */
import * as e from '../../engine/index.ts';
import type { Random } from '../../engine/random.ts';
import { conv2dOutput, poolOutput, sizeOf64 } from './reference.ts';

export interface Input {
  readonly shape: readonly number[];
  readonly values: (random: Random, size: number) => ArrayLike<number>;
  readonly dtype?: 'u32';
}

export interface OpCase {
  readonly label: string;
  readonly inputs: readonly Input[];
  readonly attrs?: object;
  /** How often to differentiate. Default 2; 0 for large or pathological inputs. */
  readonly order?: 0 | 1 | 2;
  /** Terms in the longest sum of the forward pass: its rounding error grows as the root. Default 1. */
  readonly terms?: number;
  /** Values of very different size: compare each relative to itself. */
  readonly relative?: boolean;
  /** Calls a public function instead of the registered op. */
  readonly run?: (inputs: e.Tensor[]) => e.Tensor;
}

type Shape = readonly number[];
type Maker = (shape: Shape) => Input;

const fill =
  (f: (random: Random) => number) =>
  (shape: Shape): Input => ({
    shape,
    values: (random, size) => Float32Array.from({ length: size }, () => f(random)),
  });

const between = (low: number, high: number): Maker =>
  fill((random) => low + (high - low) * random.uniform());
const normal: Maker = fill((random) => random.normal());
const positive = between(0.4, 2);
/** At least 0.1 from 0, of either sign. */
const nonzero: Maker = fill((random) => {
  const v = 0.1 + 1.4 * random.uniform();
  return random.uniform() < 0.5 ? -v : v;
});
/** In random order, 0.05 apart, none nearer to 0 than 0.025 − |shift|. */
const apart =
  (shift = 0): Maker =>
  (shape) => ({
    shape,
    values: (random, size) =>
      Float32Array.from(
        random.permutation(size),
        (k) => (k - Math.floor(size / 2) + 0.5) * 0.05 + shift,
      ),
  });
const distinct = apart();
const ramp: Maker = (shape) => ({
  shape,
  values: (_, size) => Float32Array.from({ length: size }, (_, i) => i % 8191),
});
const list = (...values: number[]): Input => ({ shape: [values.length], values: () => values });
const given = (shape: Shape, ...values: number[]): Input => ({ shape, values: () => values });
const labels = (n: number, classes: number): Input => ({
  shape: [n],
  dtype: 'u32',
  values: (random) => Uint32Array.from({ length: n }, () => random.int(classes)),
});

const named = (shapes: readonly Shape[]): string =>
  shapes.map((s) => `[${s.join(', ')}]`).join(' ');

function plain(makers: readonly Maker[], ...shapes: (readonly Shape[])[]): OpCase[] {
  return shapes.map((each) => ({
    label: named(each),
    inputs: each.map((shape, i) => makers[i](shape)),
  }));
}

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
    [1, 3, 1, 5],
    [2, 1, 4, 1],
  ],
  [[5], [3, 2, 5]],
  [
    [7, 1],
    [1, 11],
  ],
  [[2, 3, 2], []],
  [
    [2, 1, 3, 1, 2, 1],
    [1, 2, 1, 2, 1, 2],
  ],
];
const binary = (a: Maker, b: Maker): OpCase[] => plain([a, b], ...PAIRS);

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

interface Convolution {
  readonly label: string;
  readonly x: Shape;
  readonly w: Shape;
  readonly options?: e.Conv2dOptions;
  readonly order?: 0 | 1 | 2;
}

const CONVOLUTIONS: readonly Convolution[] = [
  { label: 'size 1', x: [1, 1, 1, 1], w: [1, 1, 1, 1] },
  { label: '1×1', x: [2, 7, 3, 3], w: [5, 7, 1, 1] },
  { label: '3×3 same', x: [2, 3, 5, 5], w: [4, 3, 3, 3], options: { padding: 1 } },
  { label: 'stride', x: [1, 2, 7, 6], w: [3, 2, 3, 3], options: { stride: 2, padding: 1 } },
  { label: 'stride leaves pixels out', x: [1, 2, 6, 6], w: [3, 2, 1, 1], options: { stride: 2 } },
  { label: 'dilation', x: [1, 2, 7, 8], w: [2, 2, 3, 3], options: { dilation: 2, padding: 1 } },
  { label: 'groups', x: [2, 4, 4, 4], w: [6, 2, 3, 3], options: { groups: 2, padding: 1 } },
  { label: 'depthwise', x: [1, 5, 5, 5], w: [5, 1, 3, 3], options: { groups: 5, padding: 1 } },
  {
    label: 'depthwise ×2, stride',
    x: [1, 3, 6, 5],
    w: [6, 1, 3, 3],
    options: { groups: 3, stride: 2, padding: 1 },
  },
  { label: 'primes', x: [2, 3, 11, 7], w: [5, 3, 5, 3], options: { stride: 3, padding: 2 } },
  { label: 'window > input', x: [1, 2, 3, 3], w: [2, 2, 5, 5], options: { padding: 2 } },
  {
    label: 'all at once',
    x: [2, 4, 9, 8],
    w: [4, 2, 3, 2],
    options: { stride: 2, padding: 2, dilation: 2, groups: 2 },
  },
  {
    label: 'many channels',
    x: [1, 11, 3, 3],
    w: [19, 11, 3, 3],
    options: { padding: 1 },
    order: 1,
  },
  { label: 'wide', x: [1, 2, 2, 67], w: [3, 2, 1, 3], options: { padding: 1 }, order: 1 },
  { label: 'many tiles', x: [2, 9, 17, 23], w: [17, 9, 3, 3], options: { padding: 1 }, order: 0 },
  {
    label: '5×5 stride 2 large',
    x: [3, 5, 29, 31],
    w: [8, 5, 5, 5],
    options: { stride: 2, padding: 2 },
    order: 0,
  },
];

function convolutions(
  pick: (x: Shape, w: Shape, y: Shape) => readonly [Shape, Shape],
  terms: (x: Shape, w: Shape, y: Shape) => number,
  run: (inputs: e.Tensor[], options: e.Conv2dOptions, x: Shape, w: Shape) => e.Tensor,
): OpCase[] {
  return CONVOLUTIONS.map(({ label, x, w, options = {}, order }) => {
    const attrs = { stride: 1, padding: 0, dilation: 1, groups: 1, ...options, x, w };
    const y = conv2dOutput(attrs);
    return {
      label: `${label}: x ${named([x])} w ${named([w])}`,
      inputs: pick(x, w, y).map(normal),
      attrs,
      order,
      terms: terms(x, w, y),
      run: (inputs) => run(inputs, options, x, w),
    };
  });
}

const POOLINGS: readonly { label: string; x: Shape; options: e.PoolOptions; order?: 0 }[] = [
  { label: 'size 1', x: [1, 1, 1, 1], options: { kernelSize: 1 } },
  { label: 'halves', x: [2, 3, 4, 6], options: { kernelSize: 2 } },
  { label: 'leaves a rest', x: [1, 2, 5, 7], options: { kernelSize: 2 } },
  { label: 'overlapping', x: [1, 2, 7, 7], options: { kernelSize: 3, stride: 2 } },
  {
    label: 'overlapping, padded',
    x: [2, 2, 6, 5],
    options: { kernelSize: 3, stride: 2, padding: 1 },
  },
  { label: 'stride 1, padded', x: [1, 1, 4, 4], options: { kernelSize: 3, stride: 1, padding: 1 } },
  { label: 'gaps', x: [1, 2, 8, 8], options: { kernelSize: 2, stride: 3 } },
  { label: 'primes', x: [1, 1, 13, 11], options: { kernelSize: 5, stride: 3, padding: 2 } },
  {
    label: 'large',
    x: [3, 5, 31, 29],
    options: { kernelSize: 3, stride: 2, padding: 1 },
    order: 0,
  },
];

/** `shapes` gives the inputs' shapes from those of x and y. */
const poolings = (
  makers: readonly Maker[],
  shapes: (x: Shape, y: Shape) => readonly Shape[],
): OpCase[] =>
  POOLINGS.map(({ label, x, options, order }) => {
    const attrs = { stride: options.kernelSize, padding: 0, ...options, x };
    return {
      label: `${label}: x ${named([x])}`,
      inputs: shapes(x, poolOutput(attrs)).map((shape, i) => makers[i](shape)),
      attrs,
      order,
      terms: options.kernelSize ** 2,
    };
  });

const RESIZES: readonly (readonly [Shape, readonly [number, number]])[] = [
  [
    [1, 1, 1, 1],
    [1, 1],
  ],
  [
    [1, 1, 1, 1],
    [3, 4],
  ],
  [
    [2, 3, 3, 4],
    [6, 8],
  ],
  [
    [1, 2, 4, 4],
    [4, 4],
  ],
  [
    [1, 2, 7, 5],
    [3, 2],
  ],
  [
    [1, 1, 5, 3],
    [11, 13],
  ],
  [
    [1, 1, 13, 11],
    [1, 1],
  ],
  [
    [1, 1, 2, 9],
    [7, 4],
  ],
];
const resizes = (input: (x: Shape, size: Shape) => Shape): OpCase[] =>
  RESIZES.map(([x, size]) => ({
    label: `${named([x])} → ${named([size])}`,
    inputs: [normal(input(x, size))],
    attrs: { x, size },
    terms: 16,
  }));

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

const withAttrs = (attrs: object, cases: readonly OpCase[]): OpCase[] =>
  cases.map((c) => ({ ...c, attrs: { ...attrs, ...c.attrs } }));

export const opCases: Readonly<Record<string, readonly OpCase[]>> = {
  alias: plain([normal], [[2, 3]]),
  affine: [
    ...withAttrs({ a: -1.5, b: 0.25 }, plain([normal], [[1]], [[127]], [[2, 3, 5]])),
    {
      label: 'more workgroups than one dimension holds',
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

  add: binary(normal, normal),
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

  sum: folds(normal, true),
  max: folds(distinct, false),

  reshape: withAttrs({ shape: [5, 6] }, plain([normal], [[2, 3, 5]])),
  broadcastTo: [
    ...withAttrs({ shape: [2, 3, 4] }, plain([normal], [[1, 3, 1]], [[4]], [[]], [[2, 1, 4]])),
    ...withAttrs({ shape: [2, 3, 2, 1, 2, 3] }, plain([normal], [[3, 1, 1, 2, 1]])),
  ],
  permute: [
    ...withAttrs({ order: [2, 0, 1] }, plain([normal], [[2, 3, 5]])),
    ...withAttrs({ order: [0, 2, 3, 1] }, plain([normal], [[2, 3, 4, 5]])),
    ...withAttrs({ order: [5, 3, 1, 0, 2, 4] }, plain([normal], [[2, 1, 3, 2, 2, 3]])),
    ...withAttrs({ order: [0] }, plain([normal], [[7]])),
  ],
  slice: [
    ...withAttrs({ start: [1, 0, 2], size: [1, 3, 2] }, plain([normal], [[2, 3, 5]])),
    ...withAttrs({ start: [0], size: [1] }, plain([normal], [[7]])),
    ...withAttrs({ start: [0, 0], size: [3, 4] }, plain([normal], [[3, 4]])),
  ],
  pad: [
    ...withAttrs({ before: [0, 2, 1], after: [1, 0, 3] }, plain([normal], [[2, 3, 2]])),
    ...withAttrs({ before: [0], after: [0] }, plain([normal], [[7]])),
    ...withAttrs({ before: [3], after: [2] }, plain([normal], [[1]])),
  ],

  matmul: [false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB) =>
      (
        [
          [1, 1, 1],
          [3, 5, 4],
          [13, 7, 11],
          [2, 37, 35],
          [33, 130, 65],
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

  conv2d: convolutions(
    (x, w) => [x, w],
    (_, w) => w[1] * w[2] * w[3],
    ([x, w], options) => e.conv2d(x, w, options),
  ),
  conv2dInputGrad: convolutions(
    (_, w, y) => [y, w],
    (_, w) => w[0] * w[2] * w[3],
    ([dy, w], options, inputShape) => e.conv2dInputGrad(dy, w, { ...options, inputShape }),
  ),
  conv2dWeightGrad: convolutions(
    (x, _, y) => [x, y],
    (_, __, y) => y[0] * y[2] * y[3],
    ([x, dy], options, _, weightShape) => e.conv2dWeightGrad(x, dy, { ...options, weightShape }),
  ),

  maxPool2d: poolings([distinct], (x) => [x]),
  maxPool2dInputGrad: poolings([normal, distinct], (x, y) => [y, x]),
  maxPool2dGather: poolings([normal, distinct], (x) => [x, x]),
  avgPool2d: poolings([normal], (x) => [x]),
  avgPool2dInputGrad: poolings([normal], (_, y) => [y]),

  resizeBilinear: resizes((x) => x),
  resizeBilinearInputGrad: resizes((x, size) => [x[0], x[1], ...size]),

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
  ).map((shapes) => ({
    label: named(shapes),
    inputs: [normal, positive, normal, normal].map((maker, i) => maker(shapes[i])),
    attrs: { eps: 1e-5 },
  })),

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
  relevanceLoss: relevances((s, mask) => [s, mask]),
  relevanceLossInputGrad: relevances((s, mask) => [normal([s.shape[0]]), s, mask]),
};

/** Inputs that an op declares constant although its formula varies with them. */
export const constantInputs: Readonly<Record<string, readonly string[]>> = {
  relevanceLoss: ['mask'],
  relevanceLossInputGrad: ['mask'],
};

/** The names that have no case. */
export const withoutCase = (names: Iterable<string>): string[] =>
  [...names].filter((name) => !((opCases[name]?.length ?? 0) > 0));
