// Declares ops of one input, and of two with numpy broadcasting.

import { type BinaryKernels, MAX_RANK, ROW_LEAST, rowShare } from '../../kernels/elementwise.ts';
import type { Kernel } from '../../kernels/kernel.ts';
import type { Vjp } from '../autodiff/op.ts';
import { defineOp } from '../autodiff/registry.ts';
import { formatShape, type Shape, sameShape, type Tensor } from '../core/tensor.ts';
import { broadcastShape } from './broadcast.ts';

/** Numbers that a unary op may take. */
export interface UnaryAttrs {
  readonly a: number;
  readonly b: number;
}

const NONE: UnaryAttrs = { a: 1, b: 0 };

/** The gradient of an op of one tensor, or the same maths in ops. */
type UnaryGradient =
  | Vjp<UnaryAttrs>
  | { readonly composite: (x: Tensor, attrs: UnaryAttrs) => Tensor };

/** Declares y = f(x). It takes exactly one argument, so that `tensors.map(exp)` works as expected. */
export function unary(
  name: string,
  kernel: Kernel,
  gradient: UnaryGradient,
): (x: Tensor) => Tensor {
  const op = unaryWith(name, kernel, gradient);
  return (x) => op(x, NONE);
}

/** Declares y = f(x) for numbers a and b. */
export function unaryWith(
  name: string,
  kernel: Kernel,
  gradient: UnaryGradient,
): (x: Tensor, attrs: UnaryAttrs) => Tensor {
  const op = defineOp<UnaryAttrs>(name, {
    inputs: ['x'],
    shape: ([x]) => x.shape,
    forward: (gpu, [x], { a, b }, y) => gpu.run(kernel, { x, y }, { size: y.size, a, b }),
    ...(typeof gradient === 'object'
      ? { composite: ([x]: readonly Tensor[], attrs: UnaryAttrs) => gradient.composite(x, attrs) }
      : { vjp: [gradient] }),
  });
  return (x, attrs) => op([x], attrs);
}

type Binary = (a: Tensor, b: Tensor) => Tensor;

/** Declares y = f(a, b). A fused op states the same maths in plain ops. */
export function binary(
  name: string,
  kernels: BinaryKernels,
  vjp: readonly Vjp<void>[],
  composite?: Binary,
): Binary {
  const op = defineOp(name, {
    inputs: ['a', 'b'],
    shape: ([a, b]) => broadcastShape(name, a.shape, b.shape),
    forward: (gpu, [a, b], _, y) => {
      if (sameShape(a.shape, b.shape)) {
        gpu.run(kernels.same, { a, b, y }, { size: y.size });
      } else {
        const args = broadcastArgs(name, a.shape, b.shape, y.shape);
        const last = MAX_RANK - 1;
        if (args[`d${last}`] < ROW_LEAST) {
          gpu.run(kernels.broadcast, { a, b, y }, args);
        } else {
          const steps = { A_STEP: args[`s${last}`], B_STEP: args[`t${last}`] };
          const share = rowShare(args, gpu.isSoftware);
          gpu.run(kernels.rows, { a, b, y }, { ...args, ...steps, ...share });
        }
      }
    },
    vjp,
    ...(composite && { composite: ([a, b]: readonly Tensor[]) => composite(a, b) }),
  });
  return (a, b) => op([a, b], undefined);
}

/** Kernel arguments of a broadcast. Axes that both inputs step through alike are merged first. */
function broadcastArgs(name: string, a: Shape, b: Shape, y: Shape): Record<string, number> {
  const rank = y.length;
  const pad = (shape: Shape) => [...Array(rank - shape.length).fill(1), ...shape] as number[];
  const [dimsA, dimsB] = [pad(a), pad(b)];
  const merged: { n: number; inA: boolean; inB: boolean }[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const n = y[axis];
    if (n === 1) continue;
    const [inA, inB] = [dimsA[axis] > 1, dimsB[axis] > 1];
    const last = merged.at(-1);
    if (last && last.inA === inA && last.inB === inB) last.n *= n;
    else merged.push({ n, inA, inB });
  }
  if (merged.length > MAX_RANK) {
    throw new RangeError(
      `${name}: broadcasting ${formatShape(a)} with ${formatShape(b)} needs ${merged.length} axes, at most ${MAX_RANK} are supported.`,
    );
  }
  const args: Record<string, number> = { size: 1, RANK: Math.max(1, merged.length) };
  let [strideA, strideB] = [1, 1];
  for (let axis = MAX_RANK - 1, from = merged.length - 1; axis >= 0; axis--, from--) {
    const { n, inA, inB } = merged[from] ?? { n: 1, inA: false, inB: false };
    args[`d${axis}`] = n;
    args[`s${axis}`] = inA ? strideA : 0;
    args[`t${axis}`] = inB ? strideB : 0;
    args.size *= n;
    if (inA) strideA *= n;
    if (inB) strideB *= n;
  }
  return args;
}
