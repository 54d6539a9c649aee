// Values selected by a label or by rank.

import * as kernels from '../../kernels/indexing.ts';
import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import { checkLabels } from '../core/label-check.ts';
import { formatShape, sizeOf, type Tensor } from '../core/tensor.ts';
import type { ReduceOptions } from './broadcast.ts';
import { reshape } from './broadcast.ts';
import { reluInputGrad } from './elementwise.ts';

const gatherOp: ApplyOp = defineOp('gather', {
  inputs: ['x', 'labels'],
  dtypes: ['f32', 'u32'],
  shape: ([x, labels]) => {
    if (x.rank !== 2 || labels.rank !== 1 || labels.size !== x.shape[0]) {
      throw new RangeError(
        `gather: x ${formatShape(x.shape)} and labels ${formatShape(labels.shape)}, expected [N, classes] and [N].`,
      );
    }
    checkLabels('gather', labels, x.shape[1]);
    return labels.shape;
  },
  forward: (gpu, [x, labels], _, y) =>
    gpu.run(kernels.gather, { x, labels, y }, { size: y.size, classes: x.shape[1] }),
  vjp: [({ dy, inputs: [x, labels] }) => scatterOp([dy, labels], { classes: x.shape[1] }), 'zero'],
});

const scatterOp: ApplyOp<{ classes: number }> = defineOp('scatter', {
  inputs: ['v', 'labels'],
  dtypes: ['f32', 'u32'],
  shape: ([v, labels], { classes }) => {
    if (v.rank !== 1 || labels.rank !== 1 || labels.size !== v.size) {
      throw new RangeError(
        `scatter: v ${formatShape(v.shape)} and labels ${formatShape(labels.shape)}, expected [N] and [N].`,
      );
    }
    checkLabels('scatter', labels, classes);
    return [v.size, classes];
  },
  forward: (gpu, [v, labels], { classes }, y) =>
    gpu.run(kernels.scatter, { v, labels, y }, { size: y.size, classes }),
  vjp: [({ dy, inputs: [, labels] }) => gatherOp([dy, labels], undefined), 'zero'],
});

/**
 * y[i] = x[i, labels[i]], one value per row.
 *
 * @param x [N, classes]
 * @param labels u32 [N], each below `classes`
 * @returns [N]
 * @throws RangeError if the shapes do not fit, or the host wrote a label outside the classes
 */
export const gather = (x: Tensor, labels: Tensor): Tensor => gatherOp([x, labels], undefined);

/**
 * y[i, k] = v[i] where k = labels[i], else 0.
 *
 * @param v [N]
 * @param labels u32 [N], each below `classes`
 * @returns [N, classes]
 * @throws RangeError if the shapes do not fit, or the host wrote a label outside the classes
 */
export const scatter = (v: Tensor, labels: Tensor, classes: number): Tensor =>
  scatterOp([v, labels], { classes });

const topKMaskOp: ApplyOp<{ k: number }> = defineOp('topKMask', {
  inputs: ['x'],
  shape: ([x], { k }) => {
    if (x.rank !== 2 || !Number.isInteger(k) || k < 1 || k > x.shape[1]) {
      throw new RangeError(
        `topKMask: k is ${k} for x ${formatShape(x.shape)}, expected a whole number from 1 to D and x [N, D].`,
      );
    }
    return x.shape;
  },
  forward: (gpu, [x], { k }, y) =>
    gpu.run(kernels.topKMask, { x, y }, { size: y.size, length: x.shape[1], k }),
  vjp: ['zero'],
});

/**
 * y[i, j] = 1 at the k largest of row i, else 0. Its gradient is zero. Of equal values the leftmost come first, and NaN
 * counts as the largest. Ranks are found by counting: D² comparisons per row.
 *
 * @param x [N, D]
 * @throws RangeError unless k is a whole number from 1 to D
 */
export const topKMask = (x: Tensor, k: number): Tensor => topKMaskOp([x], { k });

/**
 * The k largest values of each row, 0 elsewhere. The gradient passes where a value was kept. Ties as in `topKMask`.
 *
 * @param x [N, D]
 * @throws RangeError unless k is a whole number from 1 to D
 */
export const topKThreshold = (x: Tensor, k: number): Tensor => reluInputGrad(x, topKMask(x, k));

const argmaxOp: ApplyOp<{ axis: number; keepDims: boolean }> = defineOp('argmax', {
  inputs: ['x'],
  dtype: 'u32',
  shape: ([x], { axis, keepDims }) => {
    if (!Number.isInteger(axis) || axis < 0 || axis >= x.rank) {
      throw new RangeError(
        `argmax: axis ${axis} does not exist in shape ${formatShape(x.shape)}, expected ${-x.rank} to ${x.rank - 1}.`,
      );
    }
    return x.shape.flatMap((n, i) => (i !== axis ? [n] : keepDims ? [1] : []));
  },
  forward: (gpu, [x], { axis }, y) =>
    gpu.run(
      kernels.argmax,
      { x, y },
      { size: y.size, length: x.shape[axis], inner: sizeOf(x.shape.slice(axis + 1)) },
    ),
  vjp: ['zero'],
});

/**
 * y = the index of the largest x along an axis: argmax(logits, 1) are the predicted classes. Of equal values the first
 * counts, and NaN counts as the largest. It has no gradient.
 *
 * @param axis counted from the end if negative. Default: x is treated as one row
 * @returns u32, the shape of x without the axis, or with 1 in its place
 * @throws RangeError for an axis that x does not have
 */
export function argmax(x: Tensor, axis?: number, { keepDims = false }: ReduceOptions = {}): Tensor {
  if (axis !== undefined) {
    return argmaxOp([x], { axis: axis < 0 ? axis + x.rank : axis, keepDims });
  }
  return argmaxOp([reshape(x, keepDims ? [...x.shape.map(() => 1), x.size] : [x.size])], {
    axis: keepDims ? x.rank : 0,
    keepDims: false,
  });
}
