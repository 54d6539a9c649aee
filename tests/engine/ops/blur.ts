// The blur: hand-picked cases, float64 reference and random configurations.
import * as e from '../../../engine/index.ts';
import { at, build } from '../../support/array64.ts';
import { named, normal, type Shape } from '../../support/op-inputs.ts';
import { pick, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

const CASES: readonly (readonly [Shape, sigma: number, radius: number])[] = [
  [[1, 1, 1, 1], 1, 3],
  [[2, 3, 5, 7], 0.8, 3],
  [[1, 2, 4, 3], 2, 6],
  [[1, 1, 6, 6], 1.5, 1],
  [[1, 1, 3, 4], 1, 0],
];

const gaussianBlur: OpSpecification = {
  // Both axes at once, where the composition goes one after the other.
  reference: ([x], { sigma, radius }) =>
    build(x.shape, ([n, c, i, j]) => {
      let [total, weights] = [0, 0];
      for (let u = -radius; u <= radius; u++)
        for (let v = -radius; v <= radius; v++) {
          const [row, column] = [i + u, j + v];
          if (row < 0 || row >= x.shape[2] || column < 0 || column >= x.shape[3]) continue;
          const weight = Math.exp(-(u * u + v * v) / (2 * sigma * sigma));
          total += weight * at(x, [n, c, row, column]);
          weights += weight;
        }
      return total / weights;
    }),
  cases: CASES.map(([x, sigma, radius]) => ({
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

const sampler: Sampler<Readonly<Record<'n' | 'c' | 'h' | 'w' | 'tenths' | 'radius', number>>> = {
  bound: {
    factor: 1,
    terms: 'pixels of the window',
    why: 'two convolutions, one per axis, with weights of float64 rounded once',
  },
  least: { radius: 0 },
  draw: (random) => ({
    n: pick(random, [1, 2]),
    c: pick(random, [1, 2, 3]),
    h: pick(random, [1, 2, 3, 5, 8]),
    w: pick(random, [1, 2, 4, 7]),
    tenths: pick(random, [3, 5, 8, 10, 15, 30]),
    radius: random.int(5),
  }),
  problem: ({ n, c, h, w, tenths, radius }) => ({
    inputs: [normal([n, c, h, w])],
    run: ([x]) => e.gaussianBlur(x, tenths / 10, radius),
    reference: (arrays) => gaussianBlur.reference(arrays, { sigma: tenths / 10, radius }),
    terms: (2 * radius + 1) ** 2,
    quadratic: true,
  }),
};

export const specification: Specification = {
  ops: { gaussianBlur },
  samplers: { gaussianBlur: sampler },
};
