// Elementwise arithmetic and comparisons, with numpy broadcasting for two inputs.

import { binaryKernels, unaryKernels } from '../../kernels/elementwise.ts';
import { shared } from '../autodiff/registry.ts';
import type { Tensor } from '../core/tensor.ts';
import { sumTo } from './broadcast.ts';
import { binary, unary, unaryWith } from './elementwise-op.ts';

const scaleShiftOp = unaryWith('scaleShift', unaryKernels.scaleShift, ({ dy, attrs }) =>
  scaleShift(dy, attrs.a, 0),
);

/** y = a·x + b, for numbers a and b. */
export const scaleShift = (x: Tensor, a: number, b: number): Tensor => scaleShiftOp(x, { a, b });

/** y = −x. */
export const neg = (x: Tensor): Tensor => scaleShift(x, -1, 0);

/** y = e^x. */
export const exp = unary('exp', unaryKernels.exp, ({ dy, y }) => mul(dy, y));

/** y = ln x. */
export const log = unary('log', unaryKernels.log, ({ dy, inputs: [x] }) => div(dy, x));

/** y = √x. */
export const sqrt = unary('sqrt', unaryKernels.sqrt, ({ dy, y }) => scaleShift(div(dy, y), 0.5, 0));

/** y = 1/x. */
export const reciprocal = unary('reciprocal', unaryKernels.reciprocal, ({ dy, y }) =>
  neg(mul(dy, square(y))),
);

/** y = x². */
export const square = unary('square', unaryKernels.square, ({ dy, inputs: [x] }) =>
  scaleShift(mul(dy, x), 2, 0),
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
  mul(dy, scaleShift(square(y), -1, 1)),
);

/** y = a + b. */
export const add = binary('add', binaryKernels.add, [
  ({ dy, inputs: [a] }) => sumTo(dy, a.shape),
  ({ dy, inputs: [, b] }) => sumTo(dy, b.shape),
]);

const sumsThatCount = shared<void>(({ dy, y }) => reluInputGrad(dy, y));

/** y = max(a + b, 0) in one pass: a bias and its ReLU. The subgradient at 0 is 0. */
export const addRelu = binary(
  'addRelu',
  binaryKernels.addRelu,
  [
    (context) => sumTo(sumsThatCount(context), context.inputs[0].shape),
    (context) => sumTo(sumsThatCount(context), context.inputs[1].shape),
  ],
  (a, b) => relu(add(a, b)),
);

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

/** y = max(a, b), NaN if either is. If they are equal, the subgradient goes to b. */
export const maximum = binary('maximum', binaryKernels.maximum, [
  ({ dy, inputs: [a, b] }) => sumTo(mul(dy, greater(a, b)), a.shape),
  ({ dy, inputs: [a, b] }) => sumTo(mul(dy, scaleShift(greater(a, b), -1, 1)), b.shape),
]);

/** y = min(a, b), NaN if either is. If they are equal, the subgradient goes to b. */
export const minimum = binary('minimum', binaryKernels.minimum, [
  ({ dy, inputs: [a, b] }) => sumTo(mul(dy, greater(b, a)), a.shape),
  ({ dy, inputs: [a, b] }) => sumTo(mul(dy, scaleShift(greater(b, a), -1, 1)), b.shape),
]);

/** y = 1 where a > b, else 0; its gradient is zero. */
export const greater = binary('greater', binaryKernels.greater, ['zero', 'zero']);

/** y = 1 where a = b, else 0; its gradient is zero. */
export const equal = binary('equal', binaryKernels.equal, ['zero', 'zero']);

/** dx = dy where x > 0, else 0: the gradient of `relu`, linear in dy. */
export const reluInputGrad: (dy: Tensor, x: Tensor) => Tensor = binary(
  'reluInputGrad',
  binaryKernels.reluInputGrad,
  [({ dy, inputs: [a, x] }) => sumTo(reluInputGrad(dy, x), a.shape), 'zero'],
);

/**
 * y = a where condition is 1, b where it is 0, with broadcasting. The value that is not chosen has no effect, not even
 * a NaN. The condition has no gradient.
 */
export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor =>
  add(reluInputGrad(a, condition), reluInputGrad(b, scaleShift(condition, -1, 1)));
