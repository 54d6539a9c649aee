// Broadcasting and its adjoint, the sum over axes: each is the other's gradient.

import { reduceByWorkgroup, reduceKernels } from '../../kernels/reduce.ts';
import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import { checkShape } from '../core/host-values.ts';
import {
  formatShape,
  type Shape,
  sameShape,
  sizeOf,
  type Tensor,
  type TensorDevice,
} from '../core/tensor.ts';
import { copyStrided, stridesOf } from './strided-copy.ts';

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

/** The same values in another shape of the same size. One dimension may be −1. Shares the memory of x. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (!Array.isArray(shape)) checkShape('reshape', shape);
  if (sameShape(x.shape, shape)) return x;
  const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  return reshapeOp([x], { shape: shape.map((n) => (n === -1 ? x.size / known : n)) });
}

/** The shape that two shapes broadcast to (numpy). @throws RangeError if they do not */
export function broadcastShape(name: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new RangeError(
        `${name}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast.`,
      );
    }
    return m === 1 ? n : m;
  });
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

/** One axis (or a run of neighbouring axes) folded: [outer, length, inner] → [outer, 1, inner]. */
export interface Fold {
  readonly axis: number;
  readonly count: number;
}

/** Number of results that fill the device with one thread each. */
const ENOUGH_THREADS = 16384;
/** Minimum number of elements per thread if the axis is divided among threads. */
const SHARE = 32;

/** Number of elements that one workgroup of a GPU folds, where a launch more would cost as much time. */
const WORKGROUP_SHARE = 16384;

/** Number of parts in which the first pass over an axis of `length` folds it, where `rows` such axes are folded. */
export const foldChunks = (length: number, rows: number): number =>
  Math.max(1, Math.min(Math.ceil(ENOUGH_THREADS / rows), Math.floor(length / SHARE)));

/** Folds an axis in several passes, so that the device stays busy; the last of a GPU's is by workgroups. */
export function foldForward(kind: keyof typeof reduceKernels) {
  return (gpu: TensorDevice, [x]: readonly Tensor[], { axis, count }: Fold, y: Tensor): void => {
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + count));
    let length = sizeOf(x.shape.slice(axis, axis + count));
    let from = x;
    while (true) {
      const chunks = foldChunks(length, outer * inner);
      if (chunks > 1 && length <= WORKGROUP_SHARE && !gpu.isSoftware) {
        gpu.run(reduceByWorkgroup[kind], { x: from, y }, { size: y.size, length, inner });
        if (from !== x) from.dispose();
        return;
      }
      const to = chunks === 1 ? y : gpu.empty([outer, chunks, inner]);
      gpu.run(
        reduceKernels[kind],
        { x: from, y: to },
        { size: outer * chunks * inner, length, inner, chunks },
      );
      if (from !== x) from.dispose();
      if (to === y) return;
      [from, length] = [to, chunks];
    }
  };
}

/** The shape with the folded axes set to 1. */
export const foldShape = ([x]: readonly Tensor[], { axis, count }: Fold): Shape =>
  x.shape.map((n, i) => (i >= axis && i < axis + count ? 1 : n));

/** Σ over one fold. */
export const foldSum: ApplyOp<Fold> = defineOp('sum', {
  inputs: ['x'],
  shape: foldShape,
  forward: foldForward('sum'),
  vjp: [({ dy, inputs: [x] }) => broadcastTo(dy, x.shape)],
});

/** One axis, or several; negative ones count from the end. */
export type Axes = number | readonly number[];

/** Options of reductions. */
export interface ReduceOptions {
  /** Keep folded axes with size 1. Default false. */
  readonly keepDims?: boolean;
}

/** Folds run after run of neighbouring axes. */
export function overAxes(
  name: string,
  op: (inputs: readonly Tensor[], attrs: Fold) => Tensor,
  x: Tensor,
  axes: Axes | undefined,
  { keepDims = false }: ReduceOptions,
): Tensor {
  const chosen = chosenAxes(name, axes, x.shape);
  let y = x;
  for (let last = chosen.length - 1; last >= 0; ) {
    let first = last;
    while (first > 0 && chosen[first - 1] === chosen[first] - 1) first--;
    y = op([y], { axis: chosen[first], count: last - first + 1 });
    last = first - 1;
  }
  return keepDims
    ? y
    : reshape(
        y,
        x.shape.filter((_, i) => !chosen.includes(i)),
      );
}

/** y = Σ x over `axes` (default: all). @throws RangeError for an axis that x does not have */
export function sum(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes('sum', foldSum, x, axes, options);
}

/** Σ over the axes that `shape` broadcast along: the adjoint of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((n, i) => (i < lead || (shape[i - lead] === 1 && n > 1) ? [i] : []));
  return reshape(sum(x, axes, { keepDims: true }), shape);
}

/** Each axis once, from the first to the last. @throws for what is no axis, or one that x does not have */
export function chosenAxes(name: string, axes: Axes | undefined, shape: Shape): number[] {
  const list = typeof axes === 'number' ? [axes] : (axes ?? shape.map((_, i) => i));
  if (!Array.isArray(list)) {
    throw new TypeError(`${name}: axes is ${String(axes)}, expected an axis or a list of them.`);
  }
  const all = list.map((axis) => (axis < 0 ? axis + shape.length : axis));
  all.forEach((axis, i) => {
    if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length) {
      throw new RangeError(
        `${name}: axis ${list[i]} does not exist in shape ${formatShape(shape)}.`,
      );
    }
  });
  return [...new Set(all)].sort((a, b) => a - b);
}
