// Matrix products: square ones and dense layers, each with the two products that are its gradients.

import { matmul } from '../../engine/ops/index.ts';
import { bytesOf, type Case, input, sum3, unravel } from '../case.ts';

/** y [m, n] = a [m, k] · b [k, n], either one stored transposed. */
export interface Product {
  readonly name: string;
  readonly sizes: readonly [m: number, k: number, n: number];
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly quick?: boolean;
}

const square = (n: number): readonly Product[] => {
  const common = { sizes: [n, n, n], quick: true } as const;
  return [
    { ...common, name: `matmul ${n}³ forward` },
    { ...common, name: `matmul ${n}³ input grad`, transposeB: true },
    { ...common, name: `matmul ${n}³ weight grad`, transposeA: true },
  ];
};

/** y = x·Wᵀ, dx = dy·W, dW = dyᵀ·x. */
const dense = (n: number, from: number, to: number): readonly Product[] => [
  { name: `dense N${n} ${from}→${to} forward`, sizes: [n, from, to], transposeB: true },
  { name: `dense N${n} ${from}→${to} input grad`, sizes: [n, to, from] },
  { name: `dense N${n} ${from}→${to} weight grad`, sizes: [to, n, from], transposeA: true },
];

const PRODUCTS = [...square(512), ...square(1024), ...dense(64, 1568, 64), ...dense(64, 64, 10)];

export const matmulCases: readonly Case[] = PRODUCTS.map((each) => productCase('matmul', each));

export function productCase(
  suite: string,
  { name, sizes: [m, k, n], transposeA = false, transposeB = false, quick = false }: Product,
): Case {
  const [aShape, bShape] = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]];
  return {
    suite,
    name,
    flops: 2 * m * k * n,
    bytes: bytesOf(aShape, bShape, [m, n]),
    quick,
    setUp: (gpu) => {
      const [a, b] = [input(gpu, 'a', aShape), input(gpu, 'b', bShape)];
      const atA = (i: number, q: number) => (transposeA ? a.at(q, i) : a.at(i, q));
      const atB = (q: number, j: number) => (transposeB ? b.at(j, q) : b.at(q, j));
      return {
        run: () => matmul(a.tensor, b.tensor, { transposeA, transposeB }),
        inputs: [a.tensor, b.tensor],
        size: m * n,
        expected: (at) => {
          const [i, j] = unravel(at, [m, n]);
          return sum3(1, 1, k, (_, __, q) => atA(i, q) * atB(q, j));
        },
      };
    },
  };
}
