// Dropout: hand-picked cases, float64 reference and random configurations.

import { philox4x32 } from '../../../engine/core/random.ts';
import * as e from '../../../engine/index.ts';
import { array64 } from '../../support/array64.ts';
import { type Input, normal, type Shape } from '../../support/op-inputs.ts';
import { drawShape, pick, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

const state = (...words: number[]): Input => ({ shape: [4], dtype: 'u32', values: () => words });

const CASES: readonly (readonly [Shape, rate: number])[] = [
  [[1], 0.5],
  [[3, 67], 0.3],
  [[2, 3, 5], 0],
  [[1030], 0.9],
];

const dropout: OpSpecification = {
  reference: ([x, words], { rate, site }) => {
    const [k0, k1, s0, s1] = words.data;
    const block = new Uint32Array(4);
    return array64(
      x.shape,
      x.data.map((v, i) => {
        philox4x32(Math.floor(i / 4), site, s0, s1, k0, k1, block);
        return block[i % 4] / 2 ** 32 >= rate ? v / (1 - rate) : 0;
      }),
    );
  },
  cases: CASES.map(([shape, rate], site) => ({
    label: `[${shape.join(', ')}] rate ${rate}`,
    inputs: [normal(shape), state(7, 1, 12, 3)],
    attrs: { rate, site },
  })),
};

/** Any words: the reference draws the same mask on the host. */
const anyState: Input = {
  shape: [4],
  dtype: 'u32',
  values: (random) => Uint32Array.from({ length: 4 }, () => random.uint32()),
};

const sampler: Sampler<{ readonly shape: Shape; readonly percent: number; readonly site: number }> =
  {
    bound: {
      factor: 1,
      terms: '1',
      why: 'one product with 1/(1 − rate), which is rounded once',
    },
    least: { percent: 0, site: 0 },
    draw: (random) => ({
      shape: drawShape(random),
      percent: pick(random, [0, 1, 10, 30, 50, 90]),
      site: pick(random, [0, 1, 7, 2 ** 32 - 1]),
    }),
    problem: ({ shape, percent, site }) => ({
      inputs: [normal(shape), anyState],
      run: ([x, words]) => e.dropout(x, percent / 100, { state: words, site }),
      reference: (arrays) => dropout.reference(arrays, { rate: percent / 100, site }),
      terms: 1,
      quadratic: true,
    }),
  };

export const specification: Specification = { ops: { dropout }, samplers: { dropout: sampler } };
