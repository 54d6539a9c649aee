// Pooling: maxima of 2×2 windows, their gradient, and the mean over all positions.

import { globalAvgPool, grad, maxPool2d } from '../../engine/index.ts';
import { bytesOf, type Case, type Input, input, sizeOf, sum3, unravel } from '../case.ts';

type Map4 = readonly [n: number, c: number, h: number, w: number];

const MAPS: readonly Map4[] = [
  [64, 16, 28, 28],
  [32, 64, 56, 56],
];

/** The four values of window (i, j), row by row. */
const windowOf = (x: Input, n: number, c: number, i: number, j: number): number[] =>
  [0, 1, 2, 3].map((tap) => x.at(n, c, 2 * i + (tap >> 1), 2 * j + (tap & 1)));

function mapCases(shape: Map4): Case[] {
  const [n, c, h, w] = shape;
  const pooled = [n, c, h / 2, w / 2];
  const title = `N${n} ${c} ${h}²`;
  const common = { suite: 'pooling', quick: n * c === 1024 };
  return [
    {
      ...common,
      name: `max pool 2×2 ${title} forward`,
      flops: 3 * sizeOf(pooled),
      bytes: bytesOf(shape, pooled),
      setUp: (gpu) => {
        const x = input(gpu, 'x', shape);
        return {
          run: () => maxPool2d(x.tensor, { kernelSize: 2 }),
          inputs: [x.tensor],
          size: sizeOf(pooled),
          expected: (at) => {
            const [image, channel, i, j] = unravel(at, pooled);
            return Math.max(...windowOf(x, image, channel, i, j));
          },
        };
      },
    },
    {
      ...common,
      name: `max pool 2×2 ${title} forward and input grad`,
      flops: 6 * sizeOf(pooled),
      bytes: bytesOf(shape, pooled, pooled, shape, shape),
      setUp: (gpu) => {
        const [x, dy] = [input(gpu, 'x', shape), input(gpu, 'dy', pooled)];
        x.tensor.requiresGrad = true;
        return {
          run: () => {
            const y = maxPool2d(x.tensor, { kernelSize: 2 });
            return grad(y, [x.tensor], { gradOutput: dy.tensor })[0];
          },
          inputs: [x.tensor, dy.tensor],
          size: sizeOf(shape),
          expected: (at) => {
            const [image, channel, row, column] = unravel(at, shape);
            const [i, j] = [row >> 1, column >> 1];
            const taps = windowOf(x, image, channel, i, j);
            // The first of equal maxima takes the gradient.
            const first = taps.indexOf(Math.max(...taps));
            const own = 2 * (row & 1) + (column & 1);
            return first === own ? dy.at(image, channel, i, j) : 0;
          },
        };
      },
    },
    {
      ...common,
      name: `global average pool ${title}`,
      flops: sizeOf(shape),
      bytes: bytesOf(shape, [n, c]),
      setUp: (gpu) => {
        const x = input(gpu, 'x', shape);
        return {
          run: () => globalAvgPool(x.tensor),
          inputs: [x.tensor],
          size: n * c,
          expected: (at) => {
            const [image, channel] = unravel(at, [n, c]);
            return sum3(1, h, w, (_, row, column) => x.at(image, channel, row, column)) / (h * w);
          },
        };
      },
    },
  ];
}

export const poolCases: readonly Case[] = MAPS.flatMap(mapCases);
