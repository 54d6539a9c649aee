// The hand-picked geometries of convolutions and transposed convolutions.
import type { Conv2dOptions, ConvTranspose2dOptions } from '../../../../engine/index.ts';
import type { Shape } from '../../../support/op-inputs.ts';

export interface Convolution {
  readonly label: string;
  readonly x: Shape;
  readonly w: Shape;
  readonly options?: Conv2dOptions;
  readonly order?: 0 | 1 | 2;
}

export const CONVOLUTIONS: readonly Convolution[] = [
  { label: 'size 1', x: [1, 1, 1, 1], w: [1, 1, 1, 1] },
  { label: '1×1', x: [2, 7, 3, 3], w: [5, 7, 1, 1] },
  { label: '3×3 same', x: [2, 3, 5, 5], w: [4, 3, 3, 3], options: { padding: 1 } },
  { label: 'stride', x: [1, 2, 7, 6], w: [3, 2, 3, 3], options: { stride: 2, padding: 1 } },
  { label: 'stride leaves pixels out', x: [1, 2, 6, 6], w: [3, 2, 1, 1], options: { stride: 2 } },
  { label: 'dilation', x: [1, 2, 7, 8], w: [2, 2, 3, 3], options: { dilation: 2, padding: 1 } },
  { label: 'groups', x: [2, 4, 4, 4], w: [6, 2, 3, 3], options: { groups: 2, padding: 1 } },
  { label: 'depthwise', x: [1, 5, 5, 5], w: [5, 1, 3, 3], options: { groups: 5, padding: 1 } },
  {
    label: 'depthwise ×2, stride',
    x: [1, 3, 6, 5],
    w: [6, 1, 3, 3],
    options: { groups: 3, stride: 2, padding: 1 },
  },
  { label: 'primes', x: [2, 3, 11, 7], w: [5, 3, 2, 3], options: { stride: 3, padding: 1 } },
  { label: 'window > input', x: [1, 2, 3, 3], w: [2, 2, 5, 5], options: { padding: 2 } },
  {
    label: 'all at once',
    x: [2, 4, 9, 8],
    w: [4, 2, 2, 3],
    options: { stride: 2, padding: 2, dilation: 2, groups: 2 },
  },
  {
    label: 'many channels',
    x: [1, 11, 3, 3],
    w: [19, 11, 3, 3],
    options: { padding: 1 },
    order: 1,
  },
  {
    label: 'grey images, more outputs than a subgroup holds weights of',
    x: [3, 1, 6, 8],
    w: [19, 1, 3, 3],
    options: { padding: 1 },
    order: 0,
  },
  { label: 'wide', x: [1, 2, 2, 67], w: [3, 2, 2, 3], options: { padding: 1 }, order: 1 },
  {
    label: 'a long sum, cut unevenly, and another group behind it',
    x: [2, 262, 1, 1],
    w: [2, 131, 1, 1],
    options: { groups: 2 },
    order: 1,
  },
  { label: 'many tiles', x: [2, 9, 17, 23], w: [17, 9, 3, 3], options: { padding: 1 }, order: 0 },
  {
    label: 'depths that whole steps of a tile fill',
    x: [8, 16, 9, 7],
    w: [24, 16, 3, 3],
    options: { stride: 2, padding: 1 },
    order: 0,
  },
  {
    label: '5×5 stride 2 large',
    x: [3, 5, 29, 31],
    w: [8, 5, 5, 5],
    options: { stride: 2, padding: 2 },
    order: 0,
  },
];

export interface Transposed {
  readonly label: string;
  readonly x: Shape;
  readonly w: Shape;
  readonly options?: ConvTranspose2dOptions;
  readonly bias?: Shape;
}

export const TRANSPOSED: readonly Transposed[] = [
  { label: 'size 1', x: [1, 1, 1, 1], w: [1, 1, 1, 1] },
  { label: '1×1', x: [2, 3, 3, 3], w: [3, 5, 1, 1] },
  { label: 'doubling', x: [2, 3, 3, 4], w: [3, 2, 2, 2], options: { stride: 2 }, bias: [2] },
  { label: 'same', x: [1, 3, 4, 4], w: [3, 2, 3, 3], options: { padding: 1 } },
  {
    label: 'outputPadding',
    x: [1, 2, 3, 4],
    w: [2, 3, 3, 3],
    options: { stride: 2, padding: 1, outputPadding: 1 },
  },
  {
    label: 'outputPadding ≥ stride, not reached by x',
    x: [1, 2, 3, 3],
    w: [2, 2, 2, 2],
    options: { dilation: 3, outputPadding: 2 },
  },
  {
    label: 'outputPadding ≥ stride, reached by x',
    x: [1, 2, 3, 3],
    w: [2, 2, 2, 2],
    options: { dilation: 3, padding: 1, outputPadding: 2 },
  },
  {
    label: 'groups, dilation',
    x: [2, 4, 4, 3],
    w: [4, 3, 3, 2],
    options: { stride: 3, padding: 1, dilation: 2, groups: 2, outputPadding: 2 },
    bias: [6],
  },
  { label: 'depthwise', x: [1, 3, 4, 4], w: [3, 1, 3, 3], options: { stride: 2, groups: 3 } },
];
