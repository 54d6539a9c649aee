// Elementwise ops, with numpy broadcasting for two inputs.

import {
  type BinaryKernels,
  binaryKernels,
  MAX_RANK,
  ROW_LEAST,
  unaryKernels,
} from '../../kernels/elementwise.ts';
import type { Kernel } from '../../kernels/kernel.ts';
import { defineOp, type Vjp } from '../registry.ts';
import { setAccumulate } from '../tape.ts';
import { formatShape, type Shape, sameShape, type Tensor } from '../tensor.ts';
import { sumTo } from './reduce.ts';

interface Affine {
  readonly a: number;
  readonly b: number;
}

function unary(
  name: string,
  kernel: Kernel,
  vjp: Vjp<Affine>,
): (x: Tensor, attrs?: Affine) => Tensor {
  const op = defineOp<Affine>(name, {
    inputs: ['x'],
    shape: ([x]) => x.shape,
    forward: (gpu, [x], { a, b }, y) => gpu.run(kernel, { x, y }, { size: y.size, a, b }),
    vjp: [vjp],
  });
  return (x, attrs = { a: 1, b: 0 }) => op([x], attrs);
}

const affineOp = unary('affine', unaryKernels.affine, ({ dy, attrs }) => affine(dy, attrs.a, 0));

/** y = a·x + b, for numbers a and b. */
export const affine = (x: Tensor, a: number, b: number): Tensor => affineOp(x, { a, b });

/** y = −x. */
export const neg = (x: Tensor): Tensor => affine(x, -1, 0);

/** y = e^x. */
export const exp = unary('exp', unaryKernels.exp, ({ dy, y }) => mul(dy, y));

/** y = ln x. */
export const log = unary('log', unaryKernels.log, ({ dy, inputs: [x] }) => div(dy, x));

/** y = √x. */
export const sqrt = unary('sqrt', unaryKernels.sqrt, ({ dy, y }) => affine(div(dy, y), 0.5, 0));

/** y = 1/x. */
export const reciprocal = unary('reciprocal', unaryKernels.reciprocal, ({ dy, y }) =>
  neg(mul(dy, square(y))),
);

/** y = x². */
export const square = unary('square', unaryKernels.square, ({ dy, inputs: [x] }) =>
  affine(mul(dy, x), 2, 0),
);

/** y = |x|; the subgradient at 0 is 0. */
export const abs = unary('abs', unaryKernels.abs, ({ dy, inputs: [x] }) => mul(dy, sign(x)));

/** y = −1, 0 or 1; its gradient is zero. */
export const sign = unary('sign', unaryKernels.sign, 'zero');

/** y = 1 where x > 0, else 0; its gradient is zero. */
export const step = unary('step', unaryKernels.step, 'zero');

/** y = max(x, 0); the subgradient at 0 is 0. */
export const relu = unary('relu', unaryKernels.relu, ({ dy, inputs: [x] }) => reluInputGrad(dy, x));

/** y = 1/(1 + e^−x). */
export const sigmoid = unary('sigmoid', unaryKernels.sigmoid, ({ dy, y }) =>
  mul(dy, sub(y, square(y))),
);

/** y = tanh x. */
export const tanh = unary('tanh', unaryKernels.tanh, ({ dy, y }) =>
  mul(dy, affine(square(y), -1, 1)),
);

/** The shape that two shapes broadcast to (numpy). @throws RangeError if they do not. */
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

type Binary = (a: Tensor, b: Tensor) => Tensor;

function binary(name: string, kernels: BinaryKernels, vjp: readonly Vjp<void>[]): Binary {
  const op = defineOp(name, {
    inputs: ['a', 'b'],
    shape: ([a, b]) => broadcastShape(name, a.shape, b.shape),
    forward: (gpu, [a, b], _, y) => {
      if (sameShape(a.shape, b.shape)) {
        gpu.run(kernels.same, { a, b, y }, { size: y.size });
      } else {
        const args = broadcastArgs(name, a.shape, b.shape, y.shape);
        gpu.run(
          args[`d${MAX_RANK - 1}`] >= ROW_LEAST ? kernels.rows : kernels.broadcast,
          { a, b, y },
          args,
        );
      }
    },
    vjp,
  });
  return (a, b) => op([a, b], undefined);
}

/** y = a + b. */
export const add = binary('add', binaryKernels.add, [
  ({ dy, inputs: [a] }) => sumTo(dy, a.shape),
  ({ dy, inputs: [, b] }) => sumTo(dy, b.shape),
]);

/** y = a − b. */
export const sub = binary('sub', binaryKernels.sub, [
  ({ dy, inputs: [a] }) => sumTo(dy, a.shape),
  ({ dy, inputs: [, b] }) => neg(sumTo(dy, b.shape)),
]);

/** y = a·b. */
export const mul = binary('mul', binaryKernels.mul, [
  ({ dy, inputs: [a, b] }) => sumTo(mul(dy, b), a.shape),
  ({ dy, inputs: [a, b] }) => sumTo(mul(dy, a), b.shape),
]);

/** y = a/b. */
export const div = binary('div', binaryKernels.div, [
  ({ dy, inputs: [a, b] }) => sumTo(div(dy, b), a.shape),
  ({ dy, inputs: [, b], y }) => neg(sumTo(mul(dy, div(y, b)), b.shape)),
]);

/** y = max(a, b); where they are equal the subgradient goes to b. */
export const maximum = binary('maximum', binaryKernels.maximum, [
  ({ dy, inputs: [a, b] }) => sumTo(mul(dy, greater(a, b)), a.shape),
  ({ dy, inputs: [a, b] }) => sumTo(mul(dy, affine(greater(a, b), -1, 1)), b.shape),
]);

/** y = min(a, b); where they are equal the subgradient goes to b. */
export const minimum = binary('minimum', binaryKernels.minimum, [
  ({ dy, inputs: [a, b] }) => sumTo(mul(dy, greater(b, a)), a.shape),
  ({ dy, inputs: [a, b] }) => sumTo(mul(dy, affine(greater(b, a), -1, 1)), b.shape),
]);

/** y = 1 where a > b, else 0; its gradient is zero. */
export const greater = binary('greater', binaryKernels.greater, ['zero', 'zero']);

/** y = 1 where a = b, else 0; its gradient is zero. */
export const equal = binary('equal', binaryKernels.equal, ['zero', 'zero']);

/** dx = dy where x > 0, else 0: the gradient of `relu`, linear in dy. */
export const reluInputGrad = binary('reluInputGrad', binaryKernels.reluInputGrad, [
  ({ dy, inputs: [a, x] }) => sumTo(reluInputGrad(dy, x), a.shape),
  'zero',
]);

setAccumulate(add);

/** Kernel arguments of a broadcast: axes that both inputs step through alike are merged first. */
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
