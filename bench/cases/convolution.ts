// Convolution and both of its gradients at the shapes of real networks.

import { conv2d, conv2dInputGrad, conv2dWeightGrad } from '../../engine/ops/index.ts';
import { bytesOf, type Case, input, sizeOf, sum3, unravel } from '../case.ts';

export interface Layer {
  readonly n: number;
  readonly from: number;
  readonly to: number;
  /** Height and width of x. */
  readonly side: number;
  /** Height and width of the window; padding keeps the size at stride 1. */
  readonly window: number;
  readonly stride: number;
  readonly quick: boolean;
}

/** Channels in and out, side of x, then side of the window and stride. */
export const layer = (
  n: number,
  [from, to]: readonly [number, number],
  side: number,
  [window, stride]: readonly [number, number],
  quick = false,
): Layer => ({ n, from, to, side, window, stride, quick });

/** The default job's layers, the layers that peers are compared at, then layers of ResNet-18 and its kin. */
const LAYERS: readonly Layer[] = [
  layer(64, [1, 16], 28, [3, 1]),
  layer(64, [16, 32], 14, [3, 1]),
  layer(32, [16, 32], 28, [3, 1], true),
  layer(32, [32, 64], 14, [3, 1], true),
  layer(8, [64, 64], 56, [3, 1], true),
  layer(32, [1, 16], 28, [3, 1], true),
  layer(8, [64, 128], 56, [1, 1], true),
  layer(8, [64, 128], 28, [3, 2]),
  layer(8, [64, 128], 28, [1, 2]),
  layer(8, [512, 512], 4, [3, 1]),
  layer(4, [3, 64], 224, [7, 2]),
];

export const convolutionCases: readonly Case[] = LAYERS.flatMap((each) =>
  layerCases('convolution', each),
);

/** The forward pass of a layer and both gradients. */
export function layerCases(
  suite: string,
  { n, from: c, to: o, side, window, stride, quick }: Layer,
): Case[] {
  const padding = (window - 1) >> 1;
  const out = Math.floor((side + 2 * padding - window) / stride) + 1;
  const options = { stride, padding };
  const [xShape, wShape, yShape] = [
    [n, c, side, side],
    [o, c, window, window],
    [n, o, out, out],
  ];
  const place = (output: number, tap: number) => output * stride + tap - padding;
  const back = (position: number, tap: number) => (position + padding - tap) / stride;
  const title = `${window}×${window}${stride > 1 ? `/${stride}` : ''} N${n} ${c}→${o} ${side}²`;
  const common = {
    suite,
    flops: 2 * sizeOf(yShape) * c * window * window,
    bytes: bytesOf(xShape, wShape, yShape),
    quick,
  };
  return [
    {
      ...common,
      name: `conv ${title} forward`,
      setUp: (gpu) => {
        const [x, w] = [input(gpu, 'x', xShape), input(gpu, 'w', wShape)];
        return {
          run: () => conv2d(x.tensor, w.tensor, options),
          inputs: [x.tensor, w.tensor],
          size: sizeOf(yShape),
          expected: (at) => {
            const [i, j, row, column] = unravel(at, yShape);
            return sum3(
              c,
              window,
              window,
              (k, u, v) => w.at(j, k, u, v) * x.at(i, k, place(row, u), place(column, v)),
            );
          },
        };
      },
    },
    {
      ...common,
      name: `conv ${title} input grad`,
      setUp: (gpu) => {
        const [w, dy] = [input(gpu, 'w', wShape), input(gpu, 'dy', yShape)];
        return {
          run: () => conv2dInputGrad(dy.tensor, w.tensor, { ...options, inputShape: xShape }),
          inputs: [w.tensor, dy.tensor],
          size: sizeOf(xShape),
          expected: (at) => {
            const [i, j, row, column] = unravel(at, xShape);
            return sum3(
              o,
              window,
              window,
              (k, u, v) => w.at(k, j, u, v) * dy.at(i, k, back(row, u), back(column, v)),
            );
          },
        };
      },
    },
    {
      ...common,
      name: `conv ${title} weight grad`,
      setUp: (gpu) => {
        const [x, dy] = [input(gpu, 'x', xShape), input(gpu, 'dy', yShape)];
        return {
          run: () => conv2dWeightGrad(x.tensor, dy.tensor, { ...options, weightShape: wShape }),
          inputs: [x.tensor, dy.tensor],
          size: sizeOf(wShape),
          expected: (at) => {
            const [i, j, u, v] = unravel(at, wShape);
            return sum3(
              n,
              out,
              out,
              (k, row, column) =>
                dy.at(k, i, row, column) * x.at(k, j, place(row, u), place(column, v)),
            );
          },
        };
      },
    },
  ];
}
