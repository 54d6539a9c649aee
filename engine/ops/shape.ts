// Ops that move values without changing them: reshape, permute, slice, pad, concat, broadcast.

import { MAX_RANK, ROW_LEAST, stridedCopy, stridedCopyRows } from '../../kernels/elementwise.ts';
import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import { checkShape } from '../core/host-values.ts';
import { formatShape, type Shape, sameShape, sizeOf, type Tensor } from '../core/tensor.ts';
import { add, broadcastShape } from './elementwise.ts';
import { sumTo } from './reduce.ts';

const reshapeOp: ApplyOp<{ shape: Shape }> = defineOp('reshape', {
  inputs: ['x'],
  shape: ([x], { shape }) => {
    if (sizeOf(shape) !== x.size) {
      throw new RangeError(
        `reshape: ${formatShape(x.shape)} has ${x.size} elements, ${formatShape(shape)} has ${sizeOf(shape)}.`,
      );
    }
    checkShape('reshape', shape);
    return shape;
  },
  forward: 'view',
  vjp: [({ dy, inputs: [x] }) => reshape(dy, x.shape)],
});

/** The same values in another shape of the same size; one dimension may be −1. Shares the memory of x. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (!Array.isArray(shape)) checkShape('reshape', shape);
  if (sameShape(x.shape, shape)) return x;
  const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  return reshapeOp([x], { shape: shape.map((n) => (n === -1 ? x.size / known : n)) });
}

/** [N, …] → [N, rest]. */
export const flatten = (x: Tensor): Tensor => reshape(x, [x.shape[0], x.size / x.shape[0]]);

/** y[i…] = x[offset + Σ i_d·stride_d] inside [lo, hi), 0 outside. */
interface Strided {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset?: number;
  readonly lo?: readonly number[];
  readonly hi?: readonly number[];
}

function copyStrided(x: Tensor, y: Tensor, request: Strided): void {
  const { shape, strides, offset = 0, lo, hi } = request.lo ? request : mergeAxes(request);
  const rank = shape.length;
  if (rank > MAX_RANK) {
    throw new RangeError(
      `copy: shape ${formatShape(shape)} has ${rank} axes, at most ${MAX_RANK}.`,
    );
  }
  const args: Record<string, number> = { size: y.size, offset, RANK: Math.max(1, rank) };
  for (let axis = 0; axis < MAX_RANK; axis++) {
    const from = axis - MAX_RANK + rank;
    args[`d${axis}`] = shape[from] ?? 1;
    args[`s${axis}`] = strides[from] ?? 0;
    args[`lo${axis}`] = lo?.[from] ?? 0;
    args[`hi${axis}`] = hi?.[from] ?? shape[from] ?? 1;
  }
  const rows = args[`d${MAX_RANK - 1}`] >= ROW_LEAST;
  x.gpu.run(rows ? stridedCopyRows : stridedCopy, { x, y }, args);
}

/** Joins axes that x steps through as one: fewer divisions, longer rows. */
function mergeAxes({ shape, strides, offset }: Strided): Strided {
  const merged: { n: number; stride: number }[] = [];
  shape.forEach((n, axis) => {
    if (n === 1) return;
    const last = merged.at(-1);
    if (last && last.stride === strides[axis] * n) {
      last.n *= n;
      last.stride = strides[axis];
    } else {
      merged.push({ n, stride: strides[axis] });
    }
  });
  return { shape: merged.map(({ n }) => n), strides: merged.map(({ stride }) => stride), offset };
}

/** Row-major strides. */
export function stridesOf(shape: Shape): number[] {
  const strides: number[] = Array(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

const broadcastOp: ApplyOp<{ shape: Shape }> = defineOp('broadcastTo', {
  inputs: ['x'],
  shape: ([x], { shape }) => {
    if (!sameShape(broadcastShape('broadcastTo', x.shape, shape), shape)) {
      throw new RangeError(
        `broadcastTo: ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}.`,
      );
    }
    return shape;
  },
  forward: (_, [x], { shape }, y) => {
    const lead = shape.length - x.rank;
    const strides = stridesOf(x.shape);
    copyStrided(x, y, {
      shape,
      strides: shape.map((_, i) => (i < lead || x.shape[i - lead] === 1 ? 0 : strides[i - lead])),
    });
  },
  vjp: [({ dy, inputs: [x] }) => sumTo(dy, x.shape)],
});

/** Repeats x along the axes where it has size 1 (numpy broadcasting). */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : broadcastOp([x], { shape });
}

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
 * y[i, …] = x[start + i·step, …] on every axis, `size` elements of each.
 *
 * @param step per axis, whole and ≥ 1. Default: 1 everywhere
 * @returns shape `size`
 * @throws RangeError if a list is not as long as x's rank, or reaches out of x.
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

/** Joins tensors along `axis`. @throws RangeError if another axis differs. */
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  if (!Array.isArray(parts as unknown)) {
    throw new TypeError('concat: parts is no list. Write concat([a, b], axis).');
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
