// Ops that move values: flatten, permute, slice, pad, concat. Reshape and broadcasting are in broadcast.ts.

import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import { formatShape, type Shape, sizeOf, type Tensor } from '../core/tensor.ts';
import { reshape } from './broadcast.ts';
import { add } from './elementwise.ts';
import { copyStrided, stridesOf } from './strided-copy.ts';

/** [N, …] → [N, rest]. */
export const flatten = (x: Tensor): Tensor => reshape(x, [x.shape[0], x.size / x.shape[0]]);

const permuteOp: ApplyOp<{ order: readonly number[] }> = defineOp('permute', {
  inputs: ['x'],
  shape: ([x], { order }) => {
    if (order.length !== x.rank || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
      throw new RangeError(
        `permute: order ${formatShape(order)} is no permutation of the axes of ${formatShape(x.shape)}.`,
      );
    }
    return order.map((axis) => x.shape[axis]);
  },
  forward: (_, [x], { order }, y) => {
    const strides = stridesOf(x.shape);
    copyStrided(x, y, { shape: y.shape, strides: order.map((axis) => strides[axis]) });
  },
  vjp: [
    ({ dy, attrs: { order } }) =>
      permute(
        dy,
        order.map((_, axis) => order.indexOf(axis)),
      ),
  ],
});

/** Reorders the axes: axis i of y is axis order[i] of x. */
export const permute = (x: Tensor, order: readonly number[]): Tensor => permuteOp([x], { order });

interface Slice {
  readonly start: readonly number[];
  readonly size: Shape;
  readonly step: readonly number[];
}

const sliceOp: ApplyOp<Slice> = defineOp('slice', {
  inputs: ['x'],
  shape: ([x], { start, size, step }) => {
    const whole = (n: number, least: number) => Number.isInteger(n) && n >= least;
    const fits = (i: number) =>
      whole(start[i], 0) &&
      whole(size[i], 1) &&
      whole(step[i], 1) &&
      start[i] + (size[i] - 1) * step[i] < x.shape[i];
    if (
      [start, size, step].some(({ length }) => length !== x.rank) ||
      !x.shape.every((_, i) => fits(i))
    ) {
      throw new RangeError(
        `slice: start ${formatShape(start)}, size ${formatShape(size)} and step ${formatShape(step)} do not fit in ${formatShape(x.shape)}.`,
      );
    }
    return size;
  },
  forward: (_, [x], { start, size, step }, y) => {
    const strides = stridesOf(x.shape);
    copyStrided(x, y, {
      shape: size,
      strides: strides.map((n, i) => n * step[i]),
      offset: start.reduce((sum, n, i) => sum + n * strides[i], 0),
    });
  },
  vjp: [
    ({ dy, inputs: [x], attrs: { start, step } }) => {
      const spread = step.reduce(dilate, dy);
      const after = x.shape.map((n, i) => n - start[i] - spread.shape[i]);
      return pad(spread, start, after);
    },
  ],
});

/** x with `step` − 1 zeros between its elements along `axis`. */
function dilate(x: Tensor, step: number, axis: number): Tensor {
  if (step === 1) return x;
  const { shape } = x;
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  const spread = pad(reshape(x, [outer * shape[axis], 1, inner]), [0, 0, 0], [0, step - 1, 0]);
  const length = (shape[axis] - 1) * step + 1; // without the zeros behind the last one
  const y = slice(
    reshape(spread, [outer, shape[axis] * step, inner]),
    [0, 0, 0],
    [outer, length, inner],
  );
  return reshape(y, shape.with(axis, length));
}

/**
 * y[i, …] = x[start + i·step, …] on every axis, `size` elements each.
 *
 * @param step per axis, whole and ≥ 1. Default: 1 everywhere
 * @returns shape `size`
 * @throws RangeError if a list does not have the rank of x, or reaches out of x
 */
export const slice = (
  x: Tensor,
  start: readonly number[],
  size: Shape,
  step: readonly number[] = x.shape.map(() => 1),
): Tensor => sliceOp([x], { start, size, step });

interface Pad {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const padOp: ApplyOp<Pad> = defineOp('pad', {
  inputs: ['x'],
  shape: ([x], { before, after }) => {
    if (
      before.length !== x.rank ||
      after.length !== x.rank ||
      [...before, ...after].some((n) => n < 0)
    ) {
      throw new RangeError(
        `pad: before ${formatShape(before)} and after ${formatShape(after)} do not fit ${formatShape(x.shape)}.`,
      );
    }
    return x.shape.map((n, i) => before[i] + n + after[i]);
  },
  forward: (_, [x], { before }, y) => {
    const strides = stridesOf(x.shape);
    copyStrided(x, y, {
      shape: y.shape,
      strides,
      offset: -before.reduce((sum, n, i) => sum + n * strides[i], 0),
      lo: before,
      hi: before.map((n, i) => n + x.shape[i]),
    });
  },
  vjp: [({ dy, inputs: [x], attrs: { before } }) => slice(dy, before, x.shape)],
});

/** Surrounds x with zeros: `before[i]` and `after[i]` of them on axis i. */
export const pad = (x: Tensor, before: readonly number[], after: readonly number[]): Tensor =>
  padOp([x], { before, after });

/** Joins tensors along `axis`. @throws RangeError if another axis differs */
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  if (!Array.isArray(parts as unknown)) {
    throw new TypeError('concat: parts is not a list. Write concat([a, b], axis).');
  }
  if (parts.length === 0) throw new RangeError('concat: got no tensors, expected at least one.');
  const [first] = parts;
  if (axis < 0) return concat(parts, axis + first.rank);
  if (!(axis < first.rank)) {
    throw new RangeError(
      `concat: axis ${axis} does not exist in shape ${formatShape(first.shape)}.`,
    );
  }
  const total = parts.reduce((n, { shape }) => n + shape[axis], 0);
  let start = 0;
  const placed = parts.map((part) => {
    if (part.shape.some((n, i) => i !== axis && n !== first.shape[i]) || part.rank !== first.rank) {
      throw new RangeError(
        `concat: ${formatShape(part.shape)} does not join ${formatShape(first.shape)} along axis ${axis}.`,
      );
    }
    const at = (n: number) => first.shape.map((_, i) => (i === axis ? n : 0));
    const end = start + part.shape[axis];
    const whole = pad(part, at(start), at(total - end));
    start = end;
    return whole;
  });
  return placed.reduce(add);
}
