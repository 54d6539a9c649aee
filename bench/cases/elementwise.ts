// Ops that do little with each number: their limit is memory. Adam is one of them.

import { add, mul, relu, reluInputGrad, sum } from '../../engine/ops/index.ts';
import { createAdam } from '../../model/optimizer.ts';
import { bytesOf, type Case, input, sizeOf, sum3, unravel } from '../case.ts';

/** The first feature map of the default net at batch 64, and one that is larger than any cache. */
const MAPS: readonly (readonly [number, number, number, number])[] = [
  [64, 16, 28, 28],
  [32, 64, 56, 56],
];

const title = ([n, c, h]: readonly number[]) => `N${n} ${c} ${h}²`;

function mapCases(shape: readonly [number, number, number, number]): Case[] {
  const [n, c, h, w] = shape;
  const size = sizeOf(shape);
  const common = { suite: 'elementwise', quick: n * c === 1024 };
  return [
    {
      ...common,
      name: `relu ${title(shape)}`,
      flops: size,
      bytes: bytesOf(shape, shape),
      setUp: (gpu) => {
        const x = input(gpu, 'x', shape);
        const expected = (i: number) => Math.max(x.values[i], 0);
        return { run: () => relu(x.tensor), inputs: [x.tensor], size, expected };
      },
    },
    {
      ...common,
      name: `relu input grad ${title(shape)}`,
      flops: size,
      bytes: bytesOf(shape, shape, shape),
      setUp: (gpu) => {
        const [dy, x] = [input(gpu, 'dy', shape), input(gpu, 'x', shape)];
        const expected = (i: number) => (x.values[i] > 0 ? dy.values[i] : 0);
        return {
          run: () => reluInputGrad(dy.tensor, x.tensor),
          inputs: [dy.tensor, x.tensor],
          size,
          expected,
        };
      },
    },
    {
      ...common,
      name: `multiply ${title(shape)}`,
      flops: size,
      bytes: bytesOf(shape, shape, shape),
      setUp: (gpu) => {
        const [a, b] = [input(gpu, 'a', shape), input(gpu, 'b', shape)];
        const expected = (i: number) => a.values[i] * b.values[i];
        return { run: () => mul(a.tensor, b.tensor), inputs: [a.tensor, b.tensor], size, expected };
      },
    },
    {
      ...common,
      name: `add bias ${title(shape)}`,
      flops: size,
      bytes: bytesOf(shape, [c], shape),
      setUp: (gpu) => {
        const [x, bias] = [input(gpu, 'x', shape), input(gpu, 'bias', [1, c, 1, 1])];
        const expected = (i: number) => x.values[i] + bias.values[unravel(i, shape)[1]];
        return {
          run: () => add(x.tensor, bias.tensor),
          inputs: [x.tensor, bias.tensor],
          size,
          expected,
        };
      },
    },
    {
      ...common,
      name: `sum of each channel ${title(shape)}`,
      flops: size,
      bytes: bytesOf(shape, [c]),
      setUp: (gpu) => {
        const x = input(gpu, 'x', shape);
        const expected = (k: number) => sum3(n, h, w, (i, row, column) => x.at(i, k, row, column));
        return { run: () => sum(x.tensor, [0, 2, 3]), inputs: [x.tensor], size: c, expected };
      },
    },
  ];
}

/** One update of a layer's weights; lr, beta1, beta2 and eps are the usual ones. */
function adamCase(outputs: number, inputs: number, quick: boolean): Case {
  const shape = [outputs, inputs];
  const size = sizeOf(shape);
  const lr = 1e-3;
  return {
    suite: 'elementwise',
    name: `adam ${outputs}×${inputs}`,
    flops: 14 * size,
    bytes: 7 * bytesOf(shape),
    quick,
    setUp: (gpu) => {
      const [param, dw] = [input(gpu, 'param', shape), input(gpu, 'dw', shape)];
      const adam = createAdam(gpu, [param.tensor], { lr });
      return {
        run: () => {
          adam.step([dw.tensor]);
          return param.tensor;
        },
        once: true,
        inputs: [param.tensor, dw.tensor, adam],
        size,
        // With its corrections for bias, the first step is lr·g/(|g| + eps).
        expected: (i) => param.values[i] - (lr * dw.values[i]) / (Math.abs(dw.values[i]) + 1e-8),
      };
    },
  };
}

export const elementwiseCases: readonly Case[] = [
  ...MAPS.flatMap(mapCases),
  adamCase(64, 1568, true),
  adamCase(2048, 2048, false),
];
