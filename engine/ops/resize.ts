// Bilinear resize and its adjoint, each the gradient of the other.

import * as kernels from '../../kernels/resize.ts';
import { type ApplyOp, defineOp } from '../registry.ts';
import { formatShape, type Shape, type Tensor } from '../tensor.ts';

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

const resizeOp: ApplyOp<Resize> = defineOp('resizeBilinear', {
  inputs: ['x'],
  shape: ([x], { size }) => {
    if (x.rank !== 4 || size.some((n) => !Number.isInteger(n) || n < 1)) {
      throw new RangeError(
        `resizeBilinear: x ${formatShape(x.shape)} to ${formatShape(size)}: expected [N, C, H, W] and two whole numbers ≥ 1.`,
      );
    }
    return [x.shape[0], x.shape[1], ...size];
  },
  forward: (gpu, [x], attrs, y) =>
    gpu.run(kernels.resizeBilinear, { x, y }, kernelArgs(attrs, y.size)),
  vjp: [({ dy, attrs }) => resizeGradOp([dy], attrs)],
});

const resizeGradOp: ApplyOp<Resize> = defineOp('resizeBilinearInputGrad', {
  inputs: ['dy'],
  shape: (_, { x }) => x,
  forward: (gpu, [dy], attrs, dx) =>
    gpu.run(kernels.resizeBilinearInputGrad, { dy, dx }, kernelArgs(attrs, dx.size)),
  vjp: [({ dy: g, attrs }) => resizeOp([g], attrs)],
});

/** [N, C, H, W] → [N, C, size[0], size[1]]; pixel centres as in PyTorch's `align_corners=False`, no antialiasing. */
export const resizeBilinear = (x: Tensor, size: readonly [number, number]): Tensor =>
  resizeOp([x], { x: x.shape, size });
