// Max and average pooling; each gradient is an op whose own gradient is the pooling again.

import * as kernels from '../../kernels/pooling.ts';
import { maxPoolHalves } from '../../kernels/pooling-halves.ts';
import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import { formatShape, type Shape, sameShape, type Tensor } from '../core/tensor.ts';
import { mean } from './reduce.ts';

/** Options of pooling. */
export interface PoolOptions {
  readonly kernelSize: number;
  /** Default: kernelSize. */
  readonly stride?: number;
  /** Zeros (average) or nothing (maximum) on each side, at most half the window. Default 0. */
  readonly padding?: number;
}

interface Pool extends Required<PoolOptions> {
  readonly x: Shape;
}

function geometry(name: string, x: Shape, options: PoolOptions): Pool {
  if (typeof options !== 'object') {
    throw new TypeError(
      `${name}: options is ${options}, expected an object such as { kernelSize: 2 }.`,
    );
  }
  const { kernelSize, stride = kernelSize, padding = 0 } = options;
  const whole = (n: number, least: number) => Number.isInteger(n) && n >= least;
  if (x.length !== 4) {
    throw new RangeError(`${name}: x has shape ${formatShape(x)}, expected [N, C, H, W].`);
  }
  if (
    !whole(kernelSize, 1) ||
    !whole(stride, 1) ||
    !whole(padding, 0) ||
    padding * 2 > kernelSize
  ) {
    throw new RangeError(
      `${name}: kernelSize ${kernelSize}, stride ${stride}, padding ${padding}: expected whole numbers ≥ 1, padding ≤ kernelSize / 2.`,
    );
  }
  if (Math.min(x[2], x[3]) + 2 * padding < kernelSize) {
    throw new RangeError(`${name}: a window of ${kernelSize} does not fit x ${formatShape(x)}.`);
  }
  return { kernelSize, stride, padding, x };
}

function outputShape({ x, kernelSize, stride, padding }: Pool): Shape {
  const along = (size: number) => Math.floor((size + 2 * padding - kernelSize) / stride) + 1;
  return [x[0], x[1], along(x[2]), along(x[3])];
}

function kernelArgs(attrs: Pool, size: number): Record<string, number> {
  const { x, kernelSize, stride, padding } = attrs;
  const [, , oh, ow] = outputShape(attrs);
  return {
    size,
    h: x[2],
    w: x[3],
    oh,
    ow,
    kernel_size: kernelSize,
    stride,
    padding,
    K: kernelSize,
    PADDED: padding > 0 ? 1 : 0,
  };
}

/** The kernels for windows of 2×2 that tile x exactly, and their numbers. */
function halving({ x: [n, c, h, w], kernelSize, stride, padding }: Pool) {
  const halves = kernelSize === 2 && stride === 2 && padding === 0 && h % 2 === 0 && w % 2 === 0;
  if (!halves) return;
  const columns = w % 4 === 0 ? w / 4 : w / 2;
  const args = { size: (n * c * h * columns) / 2, columns };
  return { ...maxPoolHalves[w % 4 === 0 ? 'two' : 'one'], args };
}

const maxPoolOp: ApplyOp<Pool> = defineOp('maxPool2d', {
  inputs: ['x'],
  shape: (_, attrs) => outputShape(attrs),
  forward: (gpu, [x], attrs, y) => {
    const halves = halving(attrs);
    if (halves) gpu.run(halves.pool, { x, y }, halves.args);
    else gpu.run(kernels.maxPool2d, { x, y }, kernelArgs(attrs, y.size));
  },
  vjp: [({ dy, inputs: [x], attrs }) => maxPoolInputGradOp([dy, x], attrs)],
});

const maxPoolInputGradOp: ApplyOp<Pool> = defineOp('maxPool2dInputGrad', {
  inputs: ['dy', 'x'],
  shape: (_, { x }) => x,
  forward: (gpu, [dy, x], attrs, dx) => {
    const halves = halving(attrs);
    if (halves) gpu.run(halves.inputGrad, { dy, x, dx }, halves.args);
    else if (attrs.stride === attrs.kernelSize && attrs.padding === 0)
      gpu.run(kernels.maxPool2dTileInputGrad, { dy, x, dx }, kernelArgs(attrs, dy.size));
    else gpu.run(kernels.maxPool2dInputGrad, { dy, x, dx }, kernelArgs(attrs, dx.size));
  },
  vjp: [({ dy: g, inputs: [, x], attrs }) => maxPoolGatherOp([g, x], attrs), 'zero'],
});

const maxPoolGatherOp: ApplyOp<Pool> = defineOp('maxPool2dGather', {
  inputs: ['v', 'x'],
  shape: (_, attrs) => outputShape(attrs),
  forward: (gpu, [v, x], attrs, y) => {
    const halves = halving(attrs);
    if (halves) gpu.run(halves.gather, { v, x, y }, halves.args);
    else gpu.run(kernels.maxPool2dGather, { v, x, y }, kernelArgs(attrs, y.size));
  },
  vjp: [({ dy: g, inputs: [, x], attrs }) => maxPoolInputGradOp([g, x], attrs), 'zero'],
});

const avgPoolOp: ApplyOp<Pool> = defineOp('avgPool2d', {
  inputs: ['x'],
  shape: (_, attrs) => outputShape(attrs),
  forward: (gpu, [x], attrs, y) => gpu.run(kernels.avgPool2d, { x, y }, kernelArgs(attrs, y.size)),
  vjp: [({ dy, attrs }) => avgPoolInputGradOp([dy], attrs)],
});

const avgPoolInputGradOp: ApplyOp<Pool> = defineOp('avgPool2dInputGrad', {
  inputs: ['dy'],
  shape: (_, { x }) => x,
  forward: (gpu, [dy], attrs, dx) =>
    gpu.run(kernels.avgPool2dInputGrad, { dy, dx }, kernelArgs(attrs, dx.size)),
  vjp: [({ dy: g, attrs }) => avgPoolOp([g], attrs)],
});

interface AdaptivePool {
  readonly x: Shape;
  readonly size: readonly [number, number];
}

const adaptiveArgs = ({ x, size: [oh, ow] }: AdaptivePool, size: number) => ({
  size,
  h: x[2],
  w: x[3],
  oh,
  ow,
});

const adaptiveAvgPoolOp: ApplyOp<AdaptivePool> = defineOp('adaptiveAvgPool2d', {
  inputs: ['x'],
  shape: ([x], { size }) => {
    if (x.rank !== 4 || size.some((n) => !Number.isInteger(n) || n < 1)) {
      throw new RangeError(
        `adaptiveAvgPool2d: x ${formatShape(x.shape)} to ${formatShape(size)}: expected [N, C, H, W] and two whole numbers ≥ 1.`,
      );
    }
    return [x.shape[0], x.shape[1], ...size];
  },
  forward: (gpu, [x], attrs, y) =>
    gpu.run(kernels.adaptiveAvgPool2d, { x, y }, adaptiveArgs(attrs, y.size)),
  vjp: [({ dy, attrs }) => adaptiveAvgPoolInputGradOp([dy], attrs)],
});

const adaptiveAvgPoolInputGradOp: ApplyOp<AdaptivePool> = defineOp('adaptiveAvgPool2dInputGrad', {
  inputs: ['dy'],
  shape: (_, { x }) => x,
  forward: (gpu, [dy], attrs, dx) =>
    gpu.run(kernels.adaptiveAvgPool2dInputGrad, { dy, dx }, adaptiveArgs(attrs, dx.size)),
  vjp: [({ dy: g, attrs }) => adaptiveAvgPoolOp([g], attrs)],
});

/** Maximum of each window: [N, C, H, W] → [N, C, OH, OW]. The subgradient goes to the first of equal maxima. */
export const maxPool2d = (x: Tensor, options: PoolOptions): Tensor =>
  maxPoolOp([x], geometry('maxPool2d', x.shape, options));

/** For each window, the v where x is largest: [N, C, H, W] twice → [N, C, OH, OW]. No gradient goes to x. */
export function maxPool2dGather(v: Tensor, x: Tensor, options: PoolOptions): Tensor {
  if (!sameShape(v.shape, x.shape)) {
    throw new RangeError(
      `maxPool2dGather: v has shape ${formatShape(v.shape)}, expected ${formatShape(x.shape)}, that of x.`,
    );
  }
  return maxPoolGatherOp([v, x], geometry('maxPool2dGather', x.shape, options));
}

/** Mean of each window, padding counted as zeros: [N, C, H, W] → [N, C, OH, OW]. */
export const avgPool2d = (x: Tensor, options: PoolOptions): Tensor =>
  avgPoolOp([x], geometry('avgPool2d', x.shape, options));

/**
 * Means over windows that cover x evenly, as in PyTorch: row i of y takes the rows ⌊i·H/size[0]⌋ to ⌈(i + 1)·H/size[0]⌉
 * of x, and columns likewise. Windows may overlap, and y may be larger than x.
 *
 * @param x [N, C, H, W]
 * @returns [N, C, size[0], size[1]]
 * @throws RangeError for another rank or a size below 1
 */
export const adaptiveAvgPool2d = (x: Tensor, size: readonly [number, number]): Tensor =>
  adaptiveAvgPoolOp([x], { x: x.shape, size });

/** Mean over all positions: [N, C, H, W] → [N, C]. */
export const globalAvgPool = (x: Tensor): Tensor => mean(x, [2, 3]);
