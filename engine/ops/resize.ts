// Bilinear and nearest resize, each with its adjoint: either is the gradient of the other.

import type { Kernel } from '../../kernels/kernel.ts';
import * as kernels from '../../kernels/resize.ts';
import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import { formatShape, type Shape, type Tensor } from '../core/tensor.ts';

/** The shape of x and the new height and width. */
interface Resize {
  readonly x: Shape;
  readonly size: readonly [number, number];
}

const kernelArgs = ({ x, size: [oh, ow] }: Resize, size: number) => ({
  size,
  h: x[2],
  w: x[3],
  oh,
  ow,
});

/** Declares a resize and its adjoint. */
function defineResize(name: string, kernel: Kernel, adjoint: Kernel): ApplyOp<Resize> {
  const resize: ApplyOp<Resize> = defineOp(name, {
    inputs: ['x'],
    shape: ([x], { size }) => {
      if (!Array.isArray(size) || size.length !== 2) {
        throw new TypeError(`${name}: size is ${String(size)}, expected [height, width].`);
      }
      if (x.rank !== 4 || size.some((n) => !Number.isInteger(n) || n < 1)) {
        throw new RangeError(
          `${name}: x ${formatShape(x.shape)} to ${formatShape(size)}: expected [N, C, H, W] and two whole numbers ≥ 1.`,
        );
      }
      return [x.shape[0], x.shape[1], ...size];
    },
    forward: (gpu, [x], attrs, y) => gpu.run(kernel, { x, y }, kernelArgs(attrs, y.size)),
    vjp: [({ dy, attrs }) => inputGrad([dy], attrs)],
  });
  const inputGrad: ApplyOp<Resize> = defineOp(`${name}InputGrad`, {
    inputs: ['dy'],
    shape: (_, { x }) => x,
    forward: (gpu, [dy], attrs, dx) => gpu.run(adjoint, { dy, dx }, kernelArgs(attrs, dx.size)),
    vjp: [({ dy: g, attrs }) => resize([g], attrs)],
  });
  return resize;
}

const bilinearOp = defineResize(
  'resizeBilinear',
  kernels.resizeBilinear,
  kernels.resizeBilinearInputGrad,
);

const nearestOp = defineResize(
  'resizeNearest',
  kernels.resizeNearest,
  kernels.resizeNearestInputGrad,
);

/** [N, C, H, W] → [N, C, size[0], size[1]]; pixel centres as in PyTorch's `align_corners=False`, no antialiasing. */
export const resizeBilinear = (x: Tensor, size: readonly [number, number]): Tensor =>
  bilinearOp([x], { x: x.shape, size });

/**
 * y[n, c, i, j] = x[n, c, ⌊i·H/size[0]⌋, ⌊j·W/size[1]⌋], PyTorch's mode `nearest` in whole numbers.
 *
 * @param x [N, C, H, W]
 * @returns [N, C, size[0], size[1]]
 * @throws RangeError for another rank or a size below 1
 */
export const resizeNearest = (x: Tensor, size: readonly [number, number]): Tensor =>
  nearestOp([x], { x: x.shape, size });
