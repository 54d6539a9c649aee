// Saliency maps: hand-picked cases, float64 references and random configurations.
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
import { manyRows } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

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
    cases: (['gradcam', 'hirescam'] as const).flatMap((method) =>
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
      { label: 'one value a map', inputs: [positive([3, 1])], attrs: { eps: 1e-12 } },
      { label: 'below eps', inputs: [given([2, 2], 1e-3, -2e-3, 3, -1)], attrs: { eps: 0.05 } },
    ],
  },
} satisfies Record<string, OpSpecification>;

export const specification: Specification = {
  ops,
  samplers: {
    'edge:normalizeMap': manyRows([1, 2, 3], ({ rows, length }) => ({
      inputs: [positive([rows, length])],
      run: ([x]) => e.normalizeMap(x),
      reference: (arrays) => ops.normalizeMap.reference(arrays, { eps: 1e-12 }),
      terms: 1,
    })),
  },
};
