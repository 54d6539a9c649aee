// What a differentiable op is: shape rule, forward kernels, gradients, and a composite if it is fused.

import type { DType, Shape, Tensor, TensorDevice } from '../core/tensor.ts';

/** What a vector-Jacobian product may use. */
export interface VjpContext<A> {
  /** ∂(loss)/∂y, in y's shape. */
  readonly dy: Tensor;
  readonly inputs: readonly Tensor[];
  readonly y: Tensor;
  readonly attrs: A;
}

/**
 * ∂(loss)/∂input, written in ops. `'zero'`: the derivative is zero almost everywhere, or the input (such as labels) is
 * not a variable.
 */
export type Vjp<A> = ((context: VjpContext<A>) => Tensor) | 'zero';

/** An op: its shape rule, kernels and gradients. `A` are its attributes: numbers and words that are not tensors. */
export interface OpDefinition<A> {
  /** Names of the inputs, for messages. */
  readonly inputs: readonly string[];
  /** Validates the inputs and returns the shape of the output. The only place that throws for bad input. */
  readonly shape: (inputs: readonly Tensor[], attrs: A) => Shape;
  /** Runs kernels that write all of y; or the word `view` if y only reads x's memory in another shape. */
  readonly forward:
    | ((gpu: TensorDevice, inputs: readonly Tensor[], attrs: A, y: Tensor) => void)
    | 'view';
  /** One per input. If a fused op omits one, its composite is differentiated instead. */
  readonly vjp?: readonly (Vjp<A> | undefined)[];
  /** The same maths in plain ops: test oracle of a fused op, and its gradient of any order if no vjp is given. */
  readonly composite?: (inputs: readonly Tensor[], attrs: A) => Tensor;
  /** Element types of the inputs. Default: f32. */
  readonly dtypes?: readonly DType[];
  /** Element type of y. Default: f32. */
  readonly dtype?: DType;
}

/** A declared op. */
export interface Op<A = unknown> {
  readonly name: string;
  readonly definition: OpDefinition<A>;
  /** Computes y, and records how if a gradient may be requested. */
  apply(inputs: readonly Tensor[], attrs: A): Tensor;
}

/** The name of an input in messages. */
export const inputName = <A>({ definition: { inputs } }: Op<A>, index: number): string =>
  inputs[index] ?? `input ${index}`;

/** The gradient of one input. @throws Error if the op has neither a vjp for it nor a composite */
export function vjpOf<A>(op: Op<A>, index: number): Vjp<A> | undefined {
  const { vjp, composite } = op.definition;
  const found = vjp?.[index];
  if (!found && !composite) {
    throw new Error(`${op.name}: no vjp for input ${inputName(op, index)}, and no composite.`);
  }
  return found;
}
