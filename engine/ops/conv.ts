// Convolution, closed under differentiation: the forward op and its two gradients state their vjps with one another.

import * as kernels from '../../kernels/conv2d.ts';
import { type ApplyOp, defineOp } from '../registry.ts';
import { formatShape, type Shape, type Tensor } from '../tensor.ts';
import { add } from './elementwise.ts';
import { reshape } from './shape.ts';

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
interface Conv2d extends Required<Conv2dOptions> {
  readonly x: Shape;
  readonly w: Shape;
}

function geometry(x: Shape, w: Shape, options: Conv2dOptions): Conv2d {
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

function outputShape({ x, w, stride, padding, dilation }: Conv2d): Shape {
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

function kernelArgs(attrs: Conv2d): Record<string, number> {
  const { x, w, stride, padding, dilation, groups } = attrs;
  const [, , oh, ow] = outputShape(attrs);
  const [n, c, h, wIn] = x;
  const [o, , KH, KW] = w;
  return { n, c, h, w_in: wIn, o, oh, ow, groups, stride, padding, dilation, KH, KW };
}

const conv2dOp: ApplyOp<Conv2d> = defineOp('conv2d', {
  inputs: ['x', 'weight'],
  shape: (_, attrs) => outputShape(attrs),
  forward: (gpu, [x, w], attrs, y) => gpu.run(kernels.conv2d, { x, w, y }, kernelArgs(attrs)),
  vjp: [
    ({ dy, inputs: [, w], attrs }) => inputGradOp([dy, w], attrs),
    ({ dy, inputs: [x], attrs }) => weightGradOp([x, dy], attrs),
  ],
});

const inputGradOp: ApplyOp<Conv2d> = defineOp('conv2dInputGrad', {
  inputs: ['dy', 'weight'],
  shape: (_, { x }) => x,
  forward: (gpu, [dy, w], attrs, dx) =>
    gpu.run(kernels.conv2dInputGrad, { dy, w, dx }, kernelArgs(attrs)),
  vjp: [
    ({ dy: g, inputs: [, w], attrs }) => conv2dOp([g, w], attrs),
    ({ dy: g, inputs: [dy], attrs }) => weightGradOp([g, dy], attrs),
  ],
});

const weightGradOp: ApplyOp<Conv2d> = defineOp('conv2dWeightGrad', {
  inputs: ['x', 'dy'],
  shape: (_, { w }) => w,
  forward: (gpu, [x, dy], attrs, dw) =>
    gpu.run(kernels.conv2dWeightGrad, { x, dy, dw }, kernelArgs(attrs)),
  vjp: [
    ({ dy: g, inputs: [, dy], attrs }) => inputGradOp([dy, g], attrs),
    ({ dy: g, inputs: [x], attrs }) => conv2dOp([x, g], attrs),
  ],
});

/**
 * y[n,o,i,j] = Σ_{c,u,v} w[o,c,u,v] · x[n, c, i·stride + u·dilation − padding, j·stride + v·dilation − padding] (+ bias[o]).
 *
 * @param x [N, C, H, W]
 * @param w [O, C/groups, KH, KW]
 * @param bias [O], optional
 * @returns [N, O, OH, OW]
 * @throws RangeError if shapes, groups or the window do not fit.
 */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions = {}, bias?: Tensor): Tensor {
  const y = conv2dOp([x, w], geometry(x.shape, w.shape, options));
  return bias ? add(y, reshape(bias, [1, bias.size, 1, 1])) : y;
}

/** ∂(Σ dy ⊙ conv2d(x, w))/∂x for x of `inputShape`: also the transposed convolution of dy. */
export function conv2dInputGrad(
  dy: Tensor,
  w: Tensor,
  options: Conv2dOptions & { readonly inputShape: Shape },
): Tensor {
  const attrs = geometry(options.inputShape, w.shape, options);
  checkOutput('conv2dInputGrad', dy, attrs);
  return inputGradOp([dy, w], attrs);
}

/** ∂(Σ dy ⊙ conv2d(x, w))/∂w for w of `weightShape`. */
export function conv2dWeightGrad(
  x: Tensor,
  dy: Tensor,
  options: Conv2dOptions & { readonly weightShape: Shape },
): Tensor {
  const attrs = geometry(x.shape, options.weightShape, options);
  checkOutput('conv2dWeightGrad', dy, attrs);
  return weightGradOp([x, dy], attrs);
}

function checkOutput(name: string, dy: Tensor, attrs: Conv2d): void {
  const expected = outputShape(attrs);
  if (formatShape(dy.shape) !== formatShape(expected)) {
    throw new RangeError(
      `${name}: dy has shape ${formatShape(dy.shape)}, expected ${formatShape(expected)}.`,
    );
  }
}
