// Cases of the ops over images [N, C, H, W]: convolution, pooling, resizing.

import * as e from '../../engine/index.ts';
import { distinct, type Maker, named, normal, type OpCase, type Shape } from './op-inputs.ts';
import { conv2dOutput, poolOutput } from './reference.ts';

type Cases = Readonly<Record<string, readonly OpCase[]>>;

interface Convolution {
  readonly label: string;
  readonly x: Shape;
  readonly w: Shape;
  readonly options?: e.Conv2dOptions;
  readonly order?: 0 | 1 | 2;
}

const CONVOLUTIONS: readonly Convolution[] = [
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
    label: '5×5 stride 2 large',
    x: [3, 5, 29, 31],
    w: [8, 5, 5, 5],
    options: { stride: 2, padding: 2 },
    order: 0,
  },
];

function convolutions(
  pick: (x: Shape, w: Shape, y: Shape) => readonly [Shape, Shape],
  terms: (x: Shape, w: Shape, y: Shape) => number,
  run: (inputs: e.Tensor[], options: e.Conv2dOptions, x: Shape, w: Shape) => e.Tensor,
): OpCase[] {
  return CONVOLUTIONS.map(({ label, x, w, options = {}, order }) => {
    const attrs = { stride: 1, padding: 0, dilation: 1, groups: 1, ...options, x, w };
    const y = conv2dOutput(attrs);
    return {
      label: `${label}: x ${named([x])} w ${named([w])}`,
      inputs: pick(x, w, y).map(normal),
      attrs,
      order,
      terms: terms(x, w, y),
      run: (inputs) => run(inputs, options, x, w),
    };
  });
}

const POOLINGS: readonly { label: string; x: Shape; options: e.PoolOptions; order?: 0 }[] = [
  { label: 'size 1', x: [1, 1, 1, 1], options: { kernelSize: 1 } },
  { label: 'halves', x: [2, 3, 4, 6], options: { kernelSize: 2 } },
  { label: 'leaves a rest', x: [1, 2, 5, 7], options: { kernelSize: 2 } },
  { label: 'overlapping', x: [1, 2, 7, 7], options: { kernelSize: 3, stride: 2 } },
  {
    label: 'overlapping, padded',
    x: [2, 2, 6, 5],
    options: { kernelSize: 3, stride: 2, padding: 1 },
  },
  { label: 'stride 1, padded', x: [1, 1, 4, 4], options: { kernelSize: 3, stride: 1, padding: 1 } },
  { label: 'gaps', x: [1, 2, 8, 8], options: { kernelSize: 2, stride: 3 } },
  { label: 'primes', x: [1, 1, 13, 11], options: { kernelSize: 5, stride: 3, padding: 2 } },
  {
    label: 'large',
    x: [3, 5, 31, 29],
    options: { kernelSize: 3, stride: 2, padding: 1 },
    order: 0,
  },
];

/** `shapes` gives the inputs' shapes from those of x and y. */
const poolings = (
  makers: readonly Maker[],
  shapes: (x: Shape, y: Shape) => readonly Shape[],
): OpCase[] =>
  POOLINGS.map(({ label, x, options, order }) => {
    const attrs = { stride: options.kernelSize, padding: 0, ...options, x };
    return {
      label: `${label}: x ${named([x])}`,
      inputs: shapes(x, poolOutput(attrs)).map((shape, i) => makers[i](shape)),
      attrs,
      order,
      terms: options.kernelSize ** 2,
    };
  });

const RESIZES: readonly (readonly [Shape, readonly [number, number]])[] = [
  [
    [1, 1, 1, 1],
    [1, 1],
  ],
  [
    [1, 1, 1, 1],
    [3, 4],
  ],
  [
    [2, 3, 3, 4],
    [6, 8],
  ],
  [
    [1, 2, 4, 4],
    [4, 4],
  ],
  [
    [1, 2, 7, 5],
    [3, 2],
  ],
  [
    [1, 1, 5, 3],
    [11, 13],
  ],
  [
    [1, 1, 13, 11],
    [1, 1],
  ],
  [
    [1, 1, 2, 9],
    [7, 4],
  ],
];
const resizes = (input: (x: Shape, size: Shape) => Shape): OpCase[] =>
  RESIZES.map(([x, size]) => ({
    label: `${named([x])} → ${named([size])}`,
    inputs: [normal(input(x, size))],
    attrs: { x, size },
    terms: 16,
  }));
const resized = (x: Shape, size: Shape): Shape => [x[0], x[1], ...size];

export const convCases: Cases = {
  conv2d: convolutions(
    (x, w) => [x, w],
    (_, w) => w[1] * w[2] * w[3],
    ([x, w], options) => e.conv2d(x, w, options),
  ),
  conv2dInputGrad: convolutions(
    (_, w, y) => [y, w],
    (_, w) => w[0] * w[2] * w[3],
    ([dy, w], options, inputShape) => e.conv2dInputGrad(dy, w, { ...options, inputShape }),
  ),
  conv2dWeightGrad: convolutions(
    (x, _, y) => [x, y],
    (_, __, y) => y[0] * y[2] * y[3],
    ([x, dy], options, _, weightShape) => e.conv2dWeightGrad(x, dy, { ...options, weightShape }),
  ),
};

export const poolCases: Cases = {
  maxPool2d: poolings([distinct], (x) => [x]),
  maxPool2dInputGrad: poolings([normal, distinct], (x, y) => [y, x]),
  maxPool2dGather: poolings([normal, distinct], (x) => [x, x]),
  avgPool2d: poolings([normal], (x) => [x]),
  avgPool2dInputGrad: poolings([normal], (_, y) => [y]),
  adaptiveAvgPool2d: resizes((x) => x),
  adaptiveAvgPool2dInputGrad: resizes(resized),
};

export const resizeCases: Cases = {
  resizeBilinear: resizes((x) => x),
  resizeBilinearInputGrad: resizes(resized),
  resizeNearest: resizes((x) => x),
  resizeNearestInputGrad: resizes(resized),
};
