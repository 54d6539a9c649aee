// Convolution, closed under differentiation: the forward op and its two gradients state their vjps with one another.

import type { Gpu } from '../gpu.ts';
import { type ApplyOp, defineOp } from '../registry.ts';
import { formatShape, type Shape, type Tensor } from '../tensor.ts';
import { contract, packed, vectors } from './contract.ts';
import { add } from './elementwise.ts';
import { pad, reshape } from './shape.ts';

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

/** Sizes of one group, by the letters of the kernels: [n, c, h, w] · [o, c, kh, kw] → [n, o, oh, ow]. */
function sizes(attrs: Conv2d) {
  const [n, channels, h, w] = attrs.x;
  const [outChannels, c, kh, kw] = attrs.w;
  const [, , oh, ow] = outputShape(attrs);
  return { n, channels, c, h, w, outChannels, o: outChannels / attrs.groups, kh, kw, oh, ow };
}

/** Vectors of x run over the images, those of w over the outputs. */
function forward(gpu: Gpu, x: Tensor, weight: Tensor, attrs: Conv2d, y: Tensor): void {
  const { groups, stride, padding, dilation } = attrs;
  const { n, channels, c, h, w, outChannels, o, kh, kw, oh, ow } = sizes(attrs);
  const taps = kh * kw;
  const [n4, o4] = [vectors(n), vectors(o)];
  const xs = packed(gpu, x, [1, n, channels * h * w], [0, channels * h * w, 1]);
  const ws = packed(gpu, weight, [groups, o, c * taps], [o * c * taps, c * taps, 1]);
  contract(gpu, xs, ws, y, {
    ...{ pixels: oh * ow * n4, batch: n, batch4: n4, ow, h, w_in: w },
    ...{ outs: o, outs4: o4, groups, depth: c, taps, kw },
    ...{ scale: stride, step: dilation, offset: -padding, DIVISOR: 1 },
    ...{ x_depth: h * w * n4, x_group: c * h * w * n4 },
    ...{ w_tap: o4, w_depth: taps * o4, w_group: c * taps * o4 },
    ...{ y_batch: outChannels * oh * ow, y_out: oh * ow, y_group: o * oh * ow },
  });
  xs.dispose();
  ws.dispose();
}

/** The same sum with c and o exchanged: dx at i is fed by dy at (i + padding − tap·dilation) / stride, where that is whole. */
function inputGrad(gpu: Gpu, dy: Tensor, weight: Tensor, attrs: Conv2d, dx: Tensor): void {
  const { groups, stride, padding, dilation } = attrs;
  const { n, channels, c, h, w, outChannels, o, kh, kw, oh, ow } = sizes(attrs);
  const taps = kh * kw;
  const [n4, c4] = [vectors(n), vectors(c)];
  const ys = packed(gpu, dy, [1, n, outChannels * oh * ow], [0, outChannels * oh * ow, 1]);
  const ws = packed(gpu, weight, [outChannels, c, taps], [c * taps, taps, 1]);
  contract(gpu, ys, ws, dx, {
    ...{ pixels: h * w * n4, batch: n, batch4: n4, ow: w, h: oh, w_in: ow },
    ...{ outs: c, outs4: c4, groups, depth: o, taps, kw },
    ...{ scale: 1, step: -dilation, offset: padding, DIVISOR: stride },
    ...{ x_depth: oh * ow * n4, x_group: o * oh * ow * n4 },
    ...{ w_tap: c4, w_depth: taps * c4, w_group: o * taps * c4 },
    ...{ y_batch: channels * h * w, y_out: h * w, y_group: c * h * w },
  });
  ys.dispose();
  ws.dispose();
}

/**
 * dw as a convolution too: input channels are its images, images its depth, dy its window, and stride and
 * dilation change places. Vectors run over the channels.
 */
function weightGrad(gpu: Gpu, x: Tensor, dy: Tensor, attrs: Conv2d, dw: Tensor): void {
  const { groups, stride, padding, dilation } = attrs;
  const { n, c, h, w, o, kh, kw, oh, ow } = sizes(attrs);
  const taps = kh * kw;
  const [c4, o4] = [vectors(c), vectors(o)];
  const xs = packed(gpu, x, [n * groups, c, h * w], [c * h * w, h * w, 1]);
  const ys = packed(gpu, dy, [n * groups, o, oh * ow], [o * oh * ow, oh * ow, 1]);
  contract(gpu, xs, ys, dw, {
    ...{ pixels: taps * c4, batch: c, batch4: c4, ow: kw, h, w_in: w },
    ...{ outs: o, outs4: o4, groups, depth: n, taps: oh * ow, kw: ow },
    ...{ scale: dilation, step: stride, offset: -padding, DIVISOR: 1 },
    ...{ x_depth: groups * h * w * c4, x_group: h * w * c4 },
    ...{ w_tap: o4, w_depth: groups * oh * ow * o4, w_group: oh * ow * o4 },
    ...{ y_batch: taps, y_out: c * taps, y_group: o * c * taps },
  });
  xs.dispose();
  ys.dispose();
}

const conv2dOp: ApplyOp<Conv2d> = defineOp('conv2d', {
  inputs: ['x', 'weight'],
  shape: (_, attrs) => outputShape(attrs),
  forward: (gpu, [x, w], attrs, y) => forward(gpu, x, w, attrs, y),
  vjp: [
    ({ dy, inputs: [, w], attrs }) => inputGradOp([dy, w], attrs),
    ({ dy, inputs: [x], attrs }) => weightGradOp([x, dy], attrs),
  ],
});

const inputGradOp: ApplyOp<Conv2d> = defineOp('conv2dInputGrad', {
  inputs: ['dy', 'weight'],
  shape: (_, { x }) => x,
  forward: (gpu, [dy, w], attrs, dx) => inputGrad(gpu, dy, w, attrs, dx),
  vjp: [
    ({ dy: g, inputs: [, w], attrs }) => conv2dOp([g, w], attrs),
    ({ dy: g, inputs: [dy], attrs }) => weightGradOp([g, dy], attrs),
  ],
});

const weightGradOp: ApplyOp<Conv2d> = defineOp('conv2dWeightGrad', {
  inputs: ['x', 'dy'],
  shape: (_, { w }) => w,
  forward: (gpu, [x, dy], attrs, dw) => weightGrad(gpu, x, dy, attrs, dw),
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

export interface ConvTranspose2dOptions extends Conv2dOptions {
  /** Rows and columns added at the far side, since several sizes of y have one size of x. Default 0. */
  readonly outputPadding?: number;
}

/**
 * The transposed convolution of PyTorch: x is what `conv2d` with the same options would make of y.
 * OH = (H − 1)·stride − 2·padding + dilation·(KH − 1) + outputPadding + 1, OW alike.
 *
 * @param x [N, C, H, W]
 * @param w [C, O/groups, KH, KW]
 * @param bias [O], optional
 * @returns [N, O, OH, OW]
 * @throws RangeError if shapes or groups do not fit, or outputPadding is not below stride or dilation.
 */
export function convTranspose2d(
  x: Tensor,
  w: Tensor,
  options: ConvTranspose2dOptions = {},
  bias?: Tensor,
): Tensor {
  const { stride = 1, padding = 0, dilation = 1, groups = 1, outputPadding = 0 } = options;
  if (x.rank !== 4 || w.rank !== 4 || x.shape[1] !== w.shape[0]) {
    throw new RangeError(
      `convTranspose2d: x ${formatShape(x.shape)} and weight ${formatShape(w.shape)}: expected [N, C, H, W] and [C, O/groups, KH, KW].`,
    );
  }
  if (
    !Number.isInteger(outputPadding) ||
    outputPadding < 0 ||
    outputPadding >= Math.max(stride, dilation)
  ) {
    throw new RangeError(
      `convTranspose2d: outputPadding is ${outputPadding}, expected a whole number below stride ${stride} or dilation ${dilation}.`,
    );
  }
  const along = (axis: 2 | 3) =>
    (x.shape[axis] - 1) * stride - 2 * padding + dilation * (w.shape[axis] - 1) + outputPadding + 1;
  const [height, width] = [along(2), along(3)];
  if (Math.min(height, width) < 1) {
    throw new RangeError(
      `convTranspose2d: the output would be ${height} × ${width} (x ${formatShape(x.shape)}, weight ${formatShape(w.shape)}, padding ${padding}).`,
    );
  }
  const inputShape = [x.shape[0], w.shape[1] * groups, height, width];
  // So much outputPadding leaves room for further places of the window, which x does not reach.
  const beyond = Math.floor(outputPadding / stride);
  const reached = beyond > 0 ? pad(x, [0, 0, 0, 0], [0, 0, beyond, beyond]) : x;
  const y = conv2dInputGrad(reached, w, { stride, padding, dilation, groups, inputShape });
  return bias ? add(y, reshape(bias, [1, bias.size, 1, 1])) : y;
}

function checkOutput(name: string, dy: Tensor, attrs: Conv2d): void {
  const expected = outputShape(attrs);
  if (formatShape(dy.shape) !== formatShape(expected)) {
    throw new RangeError(
      `${name}: dy has shape ${formatShape(dy.shape)}, expected ${formatShape(expected)}.`,
    );
  }
}
