// Losses and similarities: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import { build, ravel, rowOf } from '../../support/array64.ts';
import {
  between,
  given,
  list,
  type Maker,
  normal,
  plain,
  signed,
} from '../../support/op-inputs.ts';
import { type Bound, drawRows, type Rows, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';
import { softplus64 } from './activations.ts';

const dot = (a: number[], b: number[]): number => a.reduce((sum, v, i) => sum + v * b[i], 0);

const cosineSimilarity: OpSpecification = {
  reference: ([a, b]) =>
    build([a.shape[0]], ([n]) => {
      const [u, v] = [rowOf(a, n), rowOf(b, n)];
      const [lengthU, lengthV] = [u, v].map((row) => Math.max(Math.sqrt(dot(row, row)), 1e-8));
      return dot(u, v) / (lengthU * lengthV);
    }),
  cases: plain(
    [normal, normal],
    [
      [1, 3],
      [1, 3],
    ],
    [
      [5, 7],
      [5, 7],
    ],
  ).map((c) => ({ ...c, terms: 7, run: ([a, b]) => e.cosineSimilarity(a, b) })),
};

const klDivergence: OpSpecification = {
  reference: ([logP, q]) =>
    build([q.shape[0]], ([n]) => {
      const log = rowOf(logP, n);
      return rowOf(q, n).reduce((sum, v, k) => sum + (v > 0 ? v * (Math.log(v) - log[k]) : 0), 0);
    }),
  cases: [
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
};

const binaryCrossEntropy: OpSpecification = {
  reference: ([logits, targets]) =>
    build(logits.shape, (index) => {
      const z = logits.data[ravel(index, logits.shape)];
      const t = targets.data[ravel(index, targets.shape)];
      return t * softplus64(-z) + (1 - t) * softplus64(z);
    }),
  cases: [
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

/** A function of two arrays of the same rows. */
const ofRows = (
  { reference }: OpSpecification,
  makers: readonly [Maker, Maker],
  run: (a: e.Tensor, b: e.Tensor) => e.Tensor,
  why: string,
): Sampler<Rows> => {
  const bound: Bound = { factor: 2, terms: 'values of a row', why };
  return {
    bound,
    draw: drawRows,
    problem: ({ n, classes }) => ({
      inputs: makers.map((make) => make([n, classes])),
      run: ([a, b]) => run(a, b),
      reference: (arrays) => reference(arrays, {}),
      terms: classes,
    }),
  };
};

export const specification: Specification = {
  ops: { cosineSimilarity, klDivergence, binaryCrossEntropy },
  samplers: {
    cosineSimilarity: ofRows(
      cosineSimilarity,
      [signed, signed],
      e.cosineSimilarity,
      'three sums; norms are at least 0.4, so that slopes of 1/‖x‖² reach 2/0.4² = 13',
    ),
    klDivergence: ofRows(
      klDivergence,
      [normal, between(0.1, 1)],
      e.klDivergence,
      'one logarithm per term; slopes of ln q and 1/q at 0.1 reach 10',
    ),
    binaryCrossEntropy: ofRows(
      binaryCrossEntropy,
      [normal, between(0, 1)],
      e.binaryCrossEntropy,
      'one exp and one series per softplus; nothing cancels',
    ),
  },
};
