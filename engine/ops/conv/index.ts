// Convolution, closed under differentiation: the vjps of the forward op and its two gradients are written in one
// another.

import { type ApplyOp, defineOp } from '../../autodiff/registry.ts';
import { formatShape, type Shape, Tensor } from '../../core/tensor.ts';
import { reshape } from '../broadcast.ts';
import { add } from '../elementwise.ts';
import { pad } from '../shape.ts';
import { forward, inputGrad, weightGrad } from './algorithms.ts';
import { type Conv2d, type Conv2dOptions, geometry, outputShape } from './geometry.ts';

export type { Conv2dOptions };

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
 * y[n,o,i,j] = Σ_{c,u,v} w[o,c,u,v] · x[n, c, i·stride + u·dilation − padding, j·stride + v·dilation − padding], plus
 * bias[o] if given.
 *
 * @param x [N, C, H, W]
 * @param w [O, C/groups, KH, KW]
 * @param bias [O], optional
 * @returns [N, O, OH, OW]
 * @throws RangeError if shapes, groups or the window do not fit
 */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions = {}, bias?: Tensor): Tensor {
  needOptions('conv2d', options);
  return addBias('conv2d', conv2dOp([x, w], geometry(x.shape, w.shape, options)), bias);
}

/** @throws TypeError for a tensor instead of the options, whose fields would all silently take their defaults */
function needOptions(name: string, options: Conv2dOptions): void {
  if (options instanceof Tensor) {
    throw new TypeError(`${name}: options is a Tensor. Write ${name}(x, weight, options, bias).`);
  }
}

/** y + bias for each channel. @throws RangeError unless bias has one value per channel */
function addBias(name: string, y: Tensor, bias: Tensor | undefined): Tensor {
  if (!bias) return y;
  const channels = y.shape[1];
  if (bias.size !== channels) {
    throw new RangeError(
      `${name}: bias has shape ${formatShape(bias.shape)}, expected [${channels}].`,
    );
  }
  return add(y, reshape(bias, [1, channels, 1, 1]));
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

/** Options of `convTranspose2d`. */
export interface ConvTranspose2dOptions extends Conv2dOptions {
  /** Rows and columns added at the far side, since several sizes of y give the same size of x. Default 0. */
  readonly outputPadding?: number;
}

/**
 * The transposed convolution of PyTorch: x has the shape that `conv2d` with the same options would make from y. OH = (H
 * − 1)·stride − 2·padding + dilation·(KH − 1) + outputPadding + 1, and likewise OW.
 *
 * @param x [N, C, H, W]
 * @param w [C, O/groups, KH, KW]
 * @param bias [O], optional
 * @returns [N, O, OH, OW]
 * @throws RangeError if shapes or groups do not fit, or outputPadding is not below stride or dilation
 */
export function convTranspose2d(
  x: Tensor,
  w: Tensor,
  options: ConvTranspose2dOptions = {},
  bias?: Tensor,
): Tensor {
  needOptions('convTranspose2d', options);
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
  // This much outputPadding leaves room for further window positions, which x does not reach.
  const beyond = Math.floor(outputPadding / stride);
  const reached = beyond > 0 ? pad(x, [0, 0, 0, 0], [0, 0, beyond, beyond]) : x;
  const y = conv2dInputGrad(reached, w, { stride, padding, dilation, groups, inputShape });
  return addBias('convTranspose2d', y, bias);
}

function checkOutput(name: string, dy: Tensor, attrs: Conv2d): void {
  const expected = outputShape(attrs);
  if (formatShape(dy.shape) !== formatShape(expected)) {
    throw new RangeError(
      `${name}: dy has shape ${formatShape(dy.shape)}, expected ${formatShape(expected)}.`,
    );
  }
}
