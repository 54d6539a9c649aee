// Value and derivatives of a function on the device, up to an order, as op tests and verify compare them.

import { add, type Gpu, grad, type Tensor } from '../../engine/index.ts';
import type { Direction } from './autodiff64.ts';
import type { Order } from './tolerance.ts';

export interface Request {
  readonly apply: (inputs: Tensor[]) => Tensor;
  readonly inputs: readonly Tensor[];
  /** Indices of the inputs to differentiate; they have `requiresGrad`. */
  readonly wanted: readonly number[];
  readonly order: Order;
  /** ∂(loss)/∂y, of y's size. */
  readonly dy: ArrayLike<number>;
  /** A direction for each wanted input. */
  readonly u: Direction;
}

/** The caller disposes them. */
export interface Derivatives {
  readonly y: Tensor;
  /** ∂⟨dy, y⟩/∂x for each wanted input; empty for order 0. */
  readonly dx: readonly Tensor[];
  /** ∂/∂z of Σ_i ⟨∂⟨dy, y⟩/∂x_i, u_i⟩ for z = each wanted input, then dy; empty below order 2. */
  readonly second: readonly Tensor[];
}

export function derivatives(gpu: Gpu, request: Request): Derivatives {
  const { apply, inputs, wanted, order, dy, u } = request;
  return gpu.scope(() => {
    const y = apply([...inputs]);
    if (order === 0 || wanted.length === 0) return { y, dx: [], second: [] };
    const gradOutput = gpu.parameter(dy, y.shape);
    const wrt = wanted.map((i) => inputs[i]);
    const dx = grad(y, wrt, { gradOutput, createGraph: true });
    if (order === 1) return { y, dx, second: [] };
    const rows = dx.map((g, k) => {
      const direction = gpu.tensor(u[wanted[k]] as Float64Array, g.shape);
      return grad(g, [...wrt, gradOutput], { gradOutput: direction, unused: 'zero' });
    });
    return { y, dx, second: rows.reduce((sum, row) => sum.map((t, j) => add(t, row[j]))) };
  });
}

/** The values of the results, whose memory is released. */
export async function readDerivatives({ y, dx, second }: Derivatives) {
  const tensors = [y, ...dx, ...second];
  const values = await Promise.all(tensors.map((t) => t.data()));
  for (const t of tensors) t.dispose();
  return {
    y: values[0],
    dx: values.slice(1, 1 + dx.length),
    second: values.slice(1 + dx.length),
  };
}
