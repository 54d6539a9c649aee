// Saliency maps: hand-picked cases, float64 references and random configurations.
import type { Random } from '../../../engine/core/random.ts';
import * as e from '../../../engine/index.ts';
import { array64, at, build, type Reference } from '../../support/array64.ts';
import {
  apart,
  given,
  type Maker,
  named,
  normal,
  type OpCase,
  plain,
  positive,
  type Shape,
  withAttrs,
} from '../../support/op-inputs.ts';
import { type Bound, manyRows, pick, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

const METHODS = ['gradcam', 'hirescam'] as const;
const SIGNS = ['signed', 'relu', 'abs'] as const;

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

// biome-ignore format: a pair per line
const WEIGHTED: readonly (readonly [a: Shape, weight: Shape])[] = [
  [[2, 3, 3, 5], [2, 3, 3, 5]],
  [[2, 3, 3, 5], [2, 3, 1, 1]],
  [[1, 1, 1, 1], [1, 1, 1, 1]],
];

// biome-ignore format: a pair per line; the places of the last one are added in parts
const POOLED: readonly (readonly [ds: Shape, a: Shape])[] = [
  [[2, 1, 3, 5], [2, 3, 3, 5]],
  [[1, 1, 1, 1], [1, 1, 1, 1]],
  [[2, 1, 9, 11], [2, 2, 9, 11]],
];

/** The first channel outweighs the others, so that no sum comes near 0. */
const outweighing: Maker = (shape) => ({
  shape,
  values: (random, size) => {
    const [, k, h, w] = shape;
    return Float32Array.from({ length: size }, (_, i) =>
      Math.floor(i / (h * w)) % k === 0
        ? (random.uniform() < 0.5 ? -1 : 1) * (1 + random.uniform())
        : random.uniform() - 0.5,
    );
  },
});

const map: Shape = [2, 3, 3, 4];

const ops = {
  saliency: {
    reference: saliency64,
    cases: SIGNS.flatMap((sign) =>
      WEIGHTED.map(
        (shapes): OpCase => ({
          label: `${sign} ${named(shapes)}`,
          inputs: shapes.map(outweighing),
          attrs: { sign },
          terms: 3,
        }),
      ),
    ),
  },
  saliencyWeightGrad: {
    reference: ([ds, a]) => {
      const [n, channels, h, w] = a.shape;
      const y = array64([n, channels, 1, 1]);
      a.data.forEach((v, i) => {
        const row = Math.floor(i / (h * w));
        const image = Math.floor(row / channels);
        y.data[row] += v * ds.data[image * h * w + (i % (h * w))];
      });
      return y;
    },
    cases: plain([normal, normal], ...POOLED).map((each) => ({ ...each, terms: 99 })),
  },
  saliencyOf: {
    reference: saliency64,
    cases: SIGNS.map((sign) => ({
      label: sign,
      inputs: [positive(map), positive(map)],
      attrs: { sign },
      terms: 3,
      run: ([a, weight]) => e.saliencyOf(a, weight, sign),
    })),
  },
  saliencyMap: {
    reference: ([a, gradient], { method, sign }) => {
      const [n, k, h, w] = gradient.shape;
      const weight = array64([n, k, 1, 1]);
      gradient.data.forEach((v, i) => {
        weight.data[Math.floor(i / (h * w))] += v / (h * w);
      });
      return saliency64([a, method === 'gradcam' ? weight : gradient], { sign });
    },
    cases: METHODS.flatMap((method) =>
      SIGNS.map((sign) => ({
        label: `${method} ${sign}`,
        inputs: [positive(map), sign === 'signed' ? normal(map) : positive(map)],
        attrs: { method, sign },
        terms: 12,
        run: ([a, gradient]: e.Tensor[]) => e.saliencyMap(a, gradient, { method, sign }),
      })),
    ),
  },
  normalizeMap: {
    reference: ([x], { eps }) => {
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
    cases: [
      ...withAttrs({ eps: 1e-12 }, plain([apart(0.0125)], [[3, 5]], [[2, 3, 4]], [[2, 9, 11]])),
      { label: 'one value per map', inputs: [positive([3, 1])], attrs: { eps: 1e-12 } },
      { label: 'below eps', inputs: [given([2, 2], 1e-3, -2e-3, 3, -1)], attrs: { eps: 0.05 } },
    ],
  },
} satisfies Record<string, OpSpecification>;

type Maps = Readonly<Record<'n' | 'k' | 'h' | 'w', number>>;

const drawMaps = (random: Random): Maps => ({
  n: pick(random, [1, 2, 3]),
  k: pick(random, [1, 2, 3, 4]),
  h: pick(random, [1, 2, 3, 5, 7]),
  w: pick(random, [1, 2, 4, 5, 11]),
});

const bound: Bound = {
  factor: 1,
  terms: 'channels, or places of a map',
  why: 'a sum over channels; means over places, and gradients of pooled weights, sum over these',
};

const saliency: Sampler<Maps & { readonly sign: e.SaliencySign; readonly pooled: number }> = {
  bound,
  least: { pooled: 0 },
  draw: (random) => ({
    ...drawMaps(random),
    sign: pick(random, SIGNS),
    pooled: random.int(2),
  }),
  problem: ({ n, k, h, w, sign, pooled }) => ({
    inputs: [[n, k, h, w], pooled ? [n, k, 1, 1] : [n, k, h, w]].map(outweighing),
    run: ([a, weight]) => e.saliencyOf(a, weight, sign),
    reference: (arrays) => ops.saliency.reference(arrays, { sign }),
    terms: Math.max(k, h * w),
    quadratic: sign === 'signed',
  }),
};

const saliencyMap: Sampler<
  Maps & { readonly method: e.SaliencyMethod; readonly sign: e.SaliencySign }
> = {
  bound,
  draw: (random) => ({
    ...drawMaps(random),
    method: pick(random, METHODS),
    sign: pick(random, SIGNS),
  }),
  problem: ({ n, k, h, w, method, sign }) => ({
    inputs: [positive([n, k, h, w]), (sign === 'signed' ? normal : positive)([n, k, h, w])],
    run: ([a, gradient]) => e.saliencyMap(a, gradient, { method, sign }),
    reference: (arrays) => ops.saliencyMap.reference(arrays, { method, sign }),
    terms: Math.max(k, h * w),
    quadratic: sign === 'signed',
  }),
};

/** Of either sign; sizes are 0.05 apart from 0.5 on, so that the greatest of a map is far from the next. */
const ranked: Maker = (shape) => ({
  shape,
  values: (random, size) =>
    Float32Array.from(random.permutation(size), (k) => (0.5 + 0.05 * k) * (random.int(2) ? 1 : -1)),
});

const normalizeMap: Sampler<Readonly<Record<'n' | 'h' | 'w', number>>> = {
  bound: {
    factor: 1,
    terms: 'values of a map',
    why: 'a maximum is exact, one division; slopes of 1/max at 0.5 reach 2/0.5² = 8',
  },
  draw: (random) => {
    const { n, h, w } = drawMaps(random);
    return { n, h, w };
  },
  problem: ({ n, h, w }) => ({
    inputs: [ranked([n, h, w])],
    run: ([x]) => e.normalizeMap(x),
    reference: (arrays) => ops.normalizeMap.reference(arrays, { eps: 1e-12 }),
    terms: h * w,
  }),
};

export const specification: Specification = {
  ops,
  samplers: {
    saliency,
    saliencyMap,
    normalizeMap,
    'edge:normalizeMap': manyRows([1, 2, 3], ({ rows, length }) => ({
      inputs: [positive([rows, length])],
      run: ([x]) => e.normalizeMap(x),
      reference: (arrays) => ops.normalizeMap.reference(arrays, { eps: 1e-12 }),
      terms: 1,
    })),
  },
};
