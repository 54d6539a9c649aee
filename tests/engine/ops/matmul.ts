// Matrix products: hand-picked cases, float64 reference and random configurations.
import * as e from '../../../engine/index.ts';
import { at, build } from '../../support/array64.ts';
import { named, normal, type OpCase } from '../../support/op-inputs.ts';
import { drawFlags, drawnContractions, pick, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

const SIZES = [
  [1, 1, 1],
  [3, 5, 4],
  [13, 7, 11],
  [2, 37, 35],
  [33, 131, 65],
  // Large enough for a tile as narrow as its outputs, in whole rows and otherwise.
  [3, 130, 136],
  [7, 70, 131],
  [13, 40, 136],
] as const;

const matmul: OpSpecification = {
  reference: ([a, b], { transposeA, transposeB }) => {
    const left = (i: number, k: number) => at(a, transposeA ? [k, i] : [i, k]);
    const right = (k: number, j: number) => at(b, transposeB ? [j, k] : [k, j]);
    const inner = a.shape[transposeA ? 0 : 1];
    return build([a.shape[transposeA ? 1 : 0], b.shape[transposeB ? 0 : 1]], ([i, j]) => {
      let total = 0;
      for (let k = 0; k < inner; k++) total += left(i, k) * right(k, j);
      return total;
    });
  },
  cases: [false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB) =>
      SIZES.map(([m, k, n], i): OpCase => {
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
};

type Product = Readonly<
  Record<'m' | 'k' | 'n' | 'transposeA' | 'transposeB', number> & Record<'contraction', string>
>;

const sampler: Sampler<Product> = {
  bound: {
    factor: 1,
    terms: 'the most of m, k and n',
    why: 'a product of matrices; each order of derivative is one again',
  },
  least: { transposeA: 0, transposeB: 0 },
  draw: (random) => {
    const [m, k, n] = Array.from({ length: 3 }, () =>
      pick(random, [1, 2, 3, 4, 5, 7, 8, 13, 17, 31]),
    );
    const [transposeA, transposeB] = drawFlags(random, [m, k, n]);
    return { m, k, n, transposeA, transposeB, contraction: pick(random, drawnContractions) };
  },
  problem: ({ m, k, n, contraction, ...flags }) => {
    const options = { transposeA: flags.transposeA === 1, transposeB: flags.transposeB === 1 };
    return {
      inputs: [
        normal(options.transposeA ? [k, m] : [m, k]),
        normal(options.transposeB ? [n, k] : [k, n]),
      ],
      run: ([a, b]) => e.matmul(a, b, options),
      reference: (arrays) => matmul.reference(arrays, options),
      terms: Math.max(m, k, n),
      quadratic: true,
      strategies: [contraction],
    };
  },
};

export const specification: Specification = { ops: { matmul }, samplers: { matmul: sampler } };
