// Sums, means and extremes over axes.

import { reduceKernels } from '../../kernels/reduce.ts';
import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import type { Gpu } from '../core/gpu.ts';
import { formatShape, type Shape, sameShape, sizeOf, type Tensor } from '../core/tensor.ts';
import { affine, div, equal, mul } from './elementwise.ts';
import { broadcastTo, reshape } from './shape.ts';

/** One axis (or a run of neighbouring axes) folded: [outer, length, inner] → [outer, 1, inner]. */
interface Fold {
  readonly axis: number;
  readonly count: number;
}

/** Results that fill the device with one thread each. */
const ENOUGH_THREADS = 16384;
/** Elements that one thread folds at the least, where the axis is shared out. */
const SHARE = 32;

function foldForward(kind: keyof typeof reduceKernels) {
  return (gpu: Gpu, [x]: readonly Tensor[], { axis, count }: Fold, y: Tensor): void => {
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + count));
    let length = sizeOf(x.shape.slice(axis, axis + count));
    let from = x;
    while (true) {
      const wanted = Math.ceil(ENOUGH_THREADS / (outer * inner));
      const chunks = Math.max(1, Math.min(wanted, Math.floor(length / SHARE)));
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

const foldShape = ([x]: readonly Tensor[], { axis, count }: Fold): Shape =>
  x.shape.map((n, i) => (i >= axis && i < axis + count ? 1 : n));

const foldSum: ApplyOp<Fold> = defineOp('sum', {
  inputs: ['x'],
  shape: foldShape,
  forward: foldForward('sum'),
  vjp: [({ dy, inputs: [x] }) => broadcastTo(dy, x.shape)],
});

const defineExtreme = (name: 'max' | 'min'): ApplyOp<Fold> =>
  defineOp(name, {
    inputs: ['x'],
    shape: foldShape,
    forward: foldForward(name),
    vjp: [
      ({ dy, inputs: [x], y, attrs }) => {
        const hits = equal(x, y);
        return mul(hits, div(dy, foldSum([hits], attrs)));
      },
    ],
  });

const foldMax = defineExtreme('max');
const foldMin = defineExtreme('min');

/** One axis, or several; negative ones count from the end. */
export type Axes = number | readonly number[];

/** Options of reductions. */
export interface ReduceOptions {
  /** Keep folded axes with size 1. Default false. */
  readonly keepDims?: boolean;
}

function overAxes(
  name: string,
  op: (inputs: readonly Tensor[], attrs: Fold) => Tensor,
  x: Tensor,
  axes: Axes | undefined,
  { keepDims = false }: ReduceOptions,
): Tensor {
  const list = typeof axes === 'number' ? [axes] : (axes ?? x.shape.map((_, i) => i));
  const chosen = normalizeAxes(name, list, x.shape);
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

/** y = Σ x over `axes` (all by default). @throws RangeError for an axis that x does not have. */
export function sum(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes('sum', foldSum, x, axes, options);
}

/** y = mean of x over `axes` (all by default). */
export function mean(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const y = sum(x, axes, options);
  return affine(y, y.size / x.size, 0);
}

/** y = max x over `axes` (all by default), NaN if one is; the subgradient is shared evenly among equal maxima. */
export function max(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes('max', foldMax, x, axes, options);
}

/** y = min x over `axes` (all by default), NaN if one is; the subgradient is shared evenly among equal minima. */
export function min(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes('min', foldMin, x, axes, options);
}

/** Σ over the axes that `shape` broadcast along: the adjoint of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((n, i) => (i < lead || (shape[i - lead] === 1 && n > 1) ? [i] : []));
  return reshape(sum(x, axes, { keepDims: true }), shape);
}

function normalizeAxes(name: string, axes: readonly number[], shape: Shape): number[] {
  if (!Array.isArray(axes)) {
    throw new TypeError(`${name}: axes is ${String(axes)}, expected an axis or a list of them.`);
  }
  const all = axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
  all.forEach((axis, i) => {
    if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length) {
      throw new RangeError(
        `${name}: axis ${axes[i]} does not exist in shape ${formatShape(shape)}.`,
      );
    }
  });
  return [...new Set(all)].sort((a, b) => a - b);
}
