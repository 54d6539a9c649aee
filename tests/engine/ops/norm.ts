// Normalisation: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import {
  type Array64,
  addAt,
  array64,
  at,
  build,
  rowOf,
  sizeOf64,
  unravel,
} from '../../support/array64.ts';
import {
  between,
  type Input,
  named,
  normal,
  type OpCase,
  plain,
  positive,
  type Shape,
} from '../../support/op-inputs.ts';
import {
  type Bound,
  drawShape,
  manyRows,
  pick,
  product,
  type Sampler,
} from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

/** `f` of each value and its channel. */
const perChannel = (x: Array64, f: (v: number, channel: number) => number): Array64 =>
  build(x.shape, (index) => f(at(x, index), index[1]));

/** The first two axes swapped, so that a channel is a run. */
function swapped(x: Array64): Array64 {
  const swap = ([n, c, ...rest]: readonly number[]) => [c, n, ...rest];
  return build(swap(x.shape), (index) => at(x, swap(index)));
}

const channelMoments: OpSpecification = {
  reference: ([x]) => {
    const channels = swapped(x);
    return build([2, x.shape[1]], ([row, channel]) => {
      const values = rowOf(channels, channel);
      const mean = values.reduce((a, b) => a + b) / values.length;
      return row === 0 ? mean : values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length;
    });
  },
  cases: [
    ...plain([normal], [[1, 1]], [[5, 3]], [[2, 3, 4]], [[3, 2, 3, 5]]).map((c) => ({
      ...c,
      terms: 30,
    })),
    { label: 'large mean', inputs: [between(1000, 1001)([2, 3, 67])], order: 0, terms: 134 },
  ],
};

const NORMALIZED: readonly (readonly [shapes: readonly Shape[], eps: number])[] = [
  [[[1, 1], [2, 1], [1], [1]], 1e-5],
  [[[5, 3], [2, 3], [3], [3]], 1e-5],
  [[[2, 3, 4, 5], [2, 3], [3], [3]], 0.5], // large enough to be missed if left out
];

const channelNormalize: OpSpecification = {
  reference: ([x, moments, gamma, beta], { eps }) => {
    const c = x.shape[1];
    return perChannel(x, (v, k) => {
      const standard = (v - moments.data[k]) / Math.sqrt(moments.data[c + k] + eps);
      return standard * gamma.data[k] + beta.data[k];
    });
  },
  cases: NORMALIZED.map(([shapes, eps]) => ({
    label: named(shapes),
    inputs: [normal, positive, normal, normal].map((maker, i) => maker(shapes[i])),
    attrs: { eps },
  })),
};

const channelAffine: OpSpecification = {
  reference: ([x, centre, scale, shift]) =>
    perChannel(x, (v, k) => (v - centre.data[k]) * scale.data[k] + shift.data[k]),
  cases: plain(
    [normal, normal, normal, normal],
    [[1, 1], [1], [1], [1]],
    [[5, 3], [3], [3], [3]],
    [[2, 3, 4, 5], [3], [3], [3]],
  ),
};

const channelSums: OpSpecification = {
  reference: ([dy, x, centre]) => {
    const y = array64([2, x.shape[1]]);
    for (let i = 0; i < x.data.length; i++) {
      const [, channel] = unravel(i, x.shape);
      addAt(y, [0, channel], dy.data[i]);
      addAt(y, [1, channel], dy.data[i] * (x.data[i] - centre.data[channel]));
    }
    return y;
  },
  cases: plain(
    [normal, normal, normal],
    [[1, 1], [1, 1], [1]],
    [[5, 3], [5, 3], [3]],
    [[3, 2, 3, 5], [3, 2, 3, 5], [2]],
    [[2, 3, 67], [2, 3, 67], [3]],
  ).map((c) => ({ ...c, terms: 134 })),
};

/** x with each of `rows` equal runs brought to mean 0 and variance 1. */
function standardized(x: Array64, rows: number, eps: number): Array64 {
  const length = x.data.length / rows;
  const y = array64(x.shape, x.data);
  for (let n = 0; n < rows; n++) {
    const run = y.data.subarray(n * length, (n + 1) * length);
    const mean = run.reduce((a, b) => a + b) / length;
    const variance = run.reduce((sum, v) => sum + (v - mean) ** 2, 0) / length;
    run.set(run.map((v) => (v - mean) / Math.sqrt(variance + eps)));
  }
  return y;
}

/** Cases of a function of x, γ and β. */
const parametrized = (
  attrs: object,
  terms: number,
  run: (x: e.Tensor, gamma: e.Tensor, beta: e.Tensor) => e.Tensor,
  ...shapes: (readonly Shape[])[]
): OpCase[] =>
  plain([normal, normal, normal], ...shapes).map((c) => ({
    ...c,
    attrs: { ...attrs, eps: 1e-5 },
    terms,
    run: ([x, gamma, beta]) => run(x, gamma, beta),
  }));

const batchNorm: OpSpecification = {
  reference: ([x, gamma, beta], { eps }) => {
    const standard = swapped(standardized(swapped(x), x.shape[1], eps));
    return perChannel(standard, (v, k) => v * gamma.data[k] + beta.data[k]);
  },
  cases: parametrized(
    {},
    40,
    (x, gamma, beta) => e.batchNorm(x, e.channelMoments(x), gamma, beta),
    [[5, 3], [3], [3]],
    [[2, 3, 4, 5], [3], [3]],
  ).map((c) => ({ ...c, label: `moments of x: ${c.label}` })),
};

const groupNorm: OpSpecification = {
  reference: ([x, gamma, beta], { groups, eps }) => {
    const standard = standardized(x, x.shape[0] * groups, eps);
    return perChannel(standard, (v, k) => v * gamma.data[k] + beta.data[k]);
  },
  // biome-ignore format: a case per line
  cases: parametrized({ groups: 2 }, 30, (x, ...p) => e.groupNorm(x, 2, ...p),
    [[2, 4, 3, 5], [4], [4]]),
};

const instanceNorm: OpSpecification = {
  reference: (inputs, { eps }) => groupNorm.reference(inputs, { groups: inputs[0].shape[1], eps }),
  cases: parametrized({}, 15, e.instanceNorm, [[2, 3, 3, 5], [3], [3]]),
};

const layerNorm: OpSpecification = {
  reference: ([x, gamma, beta], { eps }) => {
    const length = sizeOf64(gamma.shape);
    const { data } = standardized(x, x.data.length / length, eps);
    return array64(
      x.shape,
      data.map((v, i) => v * gamma.data[i % length] + beta.data[i % length]),
    );
  },
  // biome-ignore format: a case per line
  cases: parametrized({}, 67, e.layerNorm,
    [[5, 7], [7], [7]],
    [[2, 3, 4, 5], [4, 5], [4, 5]],
    [[67], [67], [67]]),
};

/** Far above what training uses: a channel of one value has variance 0, and slopes of 1/√eps. */
const eps = 0.1;

const bound: Bound = {
  factor: 2,
  terms: 'values of a channel (of a group)',
  why: 'a sum of squares under 1/√(variance + 0.1), whose slope is at most 0.5/0.1^1.5 = 16',
};

type Images = Readonly<Record<'n' | 'c' | 'h' | 'w', number>>;

/** An op of x and of parameters per channel. */
const ofImages = (
  { reference }: OpSpecification,
  parameters: (c: number) => readonly Input[],
  run: (inputs: e.Tensor[]) => e.Tensor,
  quadratic = false,
): Sampler<Images> => ({
  bound,
  draw: (random) => ({
    n: pick(random, [1, 2, 3, 5]),
    c: pick(random, [1, 2, 3, 5, 7]),
    h: pick(random, [1, 2, 3, 5]),
    w: pick(random, [1, 2, 3, 7, 11]),
  }),
  problem: ({ n, c, h, w }) => ({
    inputs: [normal([n, c, h, w]), ...parameters(c)],
    run,
    reference: (arrays) => reference(arrays, { eps }),
    terms: n * h * w,
    quadratic,
  }),
});

const scaleAndShift = (c: number) => [normal([c]), normal([c])];

const groups: Sampler<Readonly<Record<'n' | 'groups' | 'perGroup' | 'h' | 'w', number>>> = {
  bound,
  draw: (random) => ({
    n: pick(random, [1, 2, 3]),
    groups: pick(random, [1, 2, 3]),
    perGroup: pick(random, [1, 2, 3, 5]),
    h: pick(random, [1, 2, 3, 5]),
    w: pick(random, [1, 3, 7]),
  }),
  problem: ({ n, groups: count, perGroup, h, w }) => ({
    inputs: [normal([n, count * perGroup, h, w]), ...scaleAndShift(count * perGroup)],
    run: ([x, gamma, beta]) => e.groupNorm(x, count, gamma, beta, eps),
    reference: (arrays) => groupNorm.reference(arrays, { groups: count, eps }),
    terms: Math.max(perGroup, n) * h * w,
  }),
};

const layers: Sampler<{ readonly shape: Shape; readonly trailing: number }> = {
  bound,
  draw: (random) => {
    const shape = drawShape(random, 4, 300);
    return { shape, trailing: 1 + random.int(shape.length) };
  },
  problem: ({ shape, trailing }) => {
    if (trailing > shape.length) return;
    const last = shape.slice(-trailing);
    return {
      inputs: [normal(shape), normal(last), normal(last)],
      run: ([x, gamma, beta]) => e.layerNorm(x, gamma, beta, eps),
      reference: (arrays) => layerNorm.reference(arrays, { eps }),
      terms: Math.max(product(last), product(shape) / product(last)),
    };
  },
};

export const specification: Specification = {
  ops: {
    channelMoments,
    channelNormalize,
    channelAffine,
    channelSums,
    batchNorm,
    groupNorm,
    instanceNorm,
    layerNorm,
  },
  samplers: {
    channelMoments: {
      ...ofImages(
        channelMoments,
        () => [],
        ([x]) => e.channelMoments(x),
        true,
      ),
      bound: {
        factor: 1,
        terms: 'values of a channel',
        why: 'two sums, the second of squares about the mean',
      },
    },
    channelNormalize: ofImages(
      channelNormalize,
      (c) => [positive([2, c]), ...scaleAndShift(c)],
      ([x, given, gamma, beta]) => e.batchNorm(x, given, gamma, beta, eps),
    ),
    batchNorm: ofImages(batchNorm, scaleAndShift, ([x, gamma, beta]) =>
      e.batchNorm(x, e.channelMoments(x), gamma, beta, eps),
    ),
    groupNorm: groups,
    instanceNorm: ofImages(instanceNorm, scaleAndShift, ([x, gamma, beta]) =>
      e.instanceNorm(x, gamma, beta, eps),
    ),
    layerNorm: layers,
    'edge:channelMoments': manyRows([1, 2, 3], ({ rows, length }) => ({
      inputs: [normal([length, rows])],
      run: ([x]) => e.channelMoments(x),
      reference: (arrays) => channelMoments.reference(arrays, {}),
      terms: length,
    })),
  },
};
