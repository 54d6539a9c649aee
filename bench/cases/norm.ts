// Batch normalisation: the moments of each channel, their application, and both with the gradient.

import { batchNorm, channelMoments, grad } from '../../engine/index.ts';
import { bytesOf, type Case, type Input, input, memo, sizeOf, sum3, unravel } from '../case.ts';

type Map4 = readonly [n: number, c: number, h: number, w: number];

const MAPS: readonly Map4[] = [
  [64, 16, 28, 28],
  [8, 64, 56, 56],
];
const EPS = 1e-5;

/** Mean and biased variance of a channel. */
function momentsOf(x: Input, [n, , h, w]: Map4) {
  return memo((channel) => {
    const count = n * h * w;
    const mean = sum3(n, h, w, (i, row, column) => x.at(i, channel, row, column)) / count;
    const squares = sum3(n, h, w, (i, row, column) => (x.at(i, channel, row, column) - mean) ** 2);
    return { mean, variance: squares / count };
  });
}

function mapCases(shape: Map4): Case[] {
  const [n, c, h, w] = shape;
  const size = sizeOf(shape);
  const count = n * h * w;
  const title = `N${n} ${c} ${h}²`;
  const common = { suite: 'normalisation', quick: n === 64 };
  return [
    {
      ...common,
      name: `channel moments ${title}`,
      flops: 4 * size,
      bytes: bytesOf(shape, [2, c]),
      setUp: (gpu) => {
        const x = input(gpu, 'x', shape);
        const moments = momentsOf(x, shape);
        return {
          run: () => channelMoments(x.tensor),
          inputs: [x.tensor],
          size: 2 * c,
          expected: (i) => (i < c ? moments(i).mean : moments(i - c).variance),
        };
      },
    },
    {
      ...common,
      name: `batch norm ${title} forward`,
      flops: 8 * size,
      bytes: bytesOf(shape, shape, [4, c]),
      setUp: (gpu) => {
        const x = input(gpu, 'x', shape);
        const [gamma, beta] = [input(gpu, 'gamma', [c]), input(gpu, 'beta', [c])];
        const moments = momentsOf(x, shape);
        return {
          run: () => batchNorm(x.tensor, channelMoments(x.tensor), gamma.tensor, beta.tensor, EPS),
          inputs: [x.tensor, gamma.tensor, beta.tensor],
          size,
          expected: (i) => {
            const channel = unravel(i, shape)[1];
            const { mean, variance } = moments(channel);
            const normal = (x.values[i] - mean) / Math.sqrt(variance + EPS);
            return normal * gamma.values[channel] + beta.values[channel];
          },
        };
      },
    },
    {
      ...common,
      name: `batch norm ${title} forward and input grad`,
      flops: 18 * size,
      bytes: bytesOf(shape, shape, shape, shape, [4, c]),
      setUp: (gpu) => {
        const [x, dy] = [input(gpu, 'x', shape), input(gpu, 'dy', shape)];
        const [gamma, beta] = [input(gpu, 'gamma', [c]), input(gpu, 'beta', [c])];
        x.tensor.requiresGrad = true;
        const moments = momentsOf(x, shape);
        const normal = (i: number, channel: number) => {
          const { mean, variance } = moments(channel);
          return (x.values[i] - mean) / Math.sqrt(variance + EPS);
        };
        /** Means over a channel of dy and of dy ⊙ x̂. */
        const slopes = memo((channel) => {
          let [total, along] = [0, 0];
          for (let image = 0; image < n; image++) {
            const first = (image * c + channel) * h * w;
            for (let i = first; i < first + h * w; i++) {
              total += dy.values[i];
              along += dy.values[i] * normal(i, channel);
            }
          }
          return { total: total / count, along: along / count };
        });
        return {
          run: () => {
            const y = batchNorm(x.tensor, channelMoments(x.tensor), gamma.tensor, beta.tensor, EPS);
            return grad(y, [x.tensor], { gradOutput: dy.tensor })[0];
          },
          inputs: [x.tensor, dy.tensor, gamma.tensor, beta.tensor],
          size,
          // dx = γ/σ · (dy − mean(dy) − x̂ · mean(dy ⊙ x̂)).
          expected: (i) => {
            const channel = unravel(i, shape)[1];
            const { total, along } = slopes(channel);
            const slope = gamma.values[channel] / Math.sqrt(moments(channel).variance + EPS);
            return slope * (dy.values[i] - total - normal(i, channel) * along);
          },
        };
      },
    },
  ];
}

export const normCases: readonly Case[] = MAPS.flatMap(mapCases);
