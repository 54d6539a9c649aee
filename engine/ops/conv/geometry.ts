// What defines a convolution: its options, its shapes, and the sizes that the kernels need.

import { formatShape, type Shape } from '../../core/tensor.ts';

export interface Conv2dOptions {
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on each side. Default 0. */
  readonly padding?: number;
  /** Distance between taps. Default 1. */
  readonly dilation?: number;
  /** Channel groups that do not mix; C for depthwise. Default 1. */
  readonly groups?: number;
}

/** Everything a convolution kernel needs to know: options and the shapes of x and w. */
export interface Conv2d extends Required<Conv2dOptions> {
  readonly x: Shape;
  readonly w: Shape;
}

export function geometry(x: Shape, w: Shape, options: Conv2dOptions): Conv2d {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  for (const [name, value, least] of [
    ['stride', stride, 1],
    ['padding', padding, 0],
    ['dilation', dilation, 1],
    ['groups', groups, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new RangeError(`conv2d: ${name} is ${value}, expected a whole number ≥ ${least}.`);
    }
  }
  const shapes = `(x ${formatShape(x)}, weight ${formatShape(w)}, groups ${groups})`;
  if (x.length !== 4 || w.length !== 4) {
    throw new RangeError(`conv2d: x and weight must have 4 dimensions ${shapes}.`);
  }
  if (x[1] % groups !== 0 || w[0] % groups !== 0) {
    throw new RangeError(`conv2d: groups must divide the channels in and out ${shapes}.`);
  }
  if (w[1] !== x[1] / groups) {
    throw new RangeError(
      `conv2d: weight has ${w[1]} input channels, expected ${x[1] / groups} ${shapes}.`,
    );
  }
  return { stride, padding, dilation, groups, x, w };
}

export function outputShape({ x, w, stride, padding, dilation }: Conv2d): Shape {
  const along = (size: number, kernelSize: number): number => {
    const n = Math.floor((size + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1;
    if (n < 1) {
      throw new RangeError(
        `conv2d: the window does not fit (x ${formatShape(x)}, weight ${formatShape(w)}, padding ${padding}, dilation ${dilation}).`,
      );
    }
    return n;
  };
  return [x[0], w[0], along(x[2], w[2]), along(x[3], w[3])];
}

/** Sizes of one group, by the letters of the kernels: [n, c, h, w] · [o, c, kh, kw] → [n, o, oh, ow]. */
export function sizes(attrs: Conv2d) {
  const [n, channels, h, w] = attrs.x;
  const [outChannels, c, kh, kw] = attrs.w;
  const [, , oh, ow] = outputShape(attrs);
  return { n, channels, c, h, w, outChannels, o: outChannels / attrs.groups, kh, kw, oh, ow };
}
