// Declares differentiable ops, each once: shape rule, forward kernels, gradients, and a composite if fused.

import { binaryKernels } from '../../kernels/elementwise.ts';
import type { Gpu } from '../core/gpu.ts';
import { type DType, formatShape, type Shape, sameShape, Tensor } from '../core/tensor.ts';
import { differentiating, grad, isRecording, notify, record, withRecording } from './tape.ts';

/** What a vector-Jacobian product may use. */
export interface VjpContext<A> {
  /** ∂(loss)/∂y, of y's shape. */
  readonly dy: Tensor;
  readonly inputs: readonly Tensor[];
  readonly y: Tensor;
  readonly attrs: A;
}

/**
 * ∂(loss)/∂input, written in ops. `'zero'`: the derivative is zero almost everywhere, or the input
 * (labels, say) is no variable at all.
 */
export type Vjp<A> = ((context: VjpContext<A>) => Tensor) | 'zero';

/** `make`, called once a gradient: what the vjps of several inputs share. */
export function shared<A>(
  make: (context: VjpContext<A>) => Tensor,
): (context: VjpContext<A>) => Tensor {
  const made = new WeakMap<VjpContext<A>, Tensor>();
  return (context) => {
    const value = made.get(context) ?? make(context);
    made.set(context, value);
    return value;
  };
}

/** An op: its shape rule, its kernels and its gradients. `A` are its attributes, numbers and words that are no tensors. */
export interface OpDefinition<A> {
  /** Names of the inputs, for messages. */
  readonly inputs: readonly string[];
  /** Validates, and gives the output's shape. The one place that throws for bad input. */
  readonly shape: (inputs: readonly Tensor[], attrs: A) => Shape;
  /** Runs kernels that write all of y; or the word `view` where y only reads x's memory in another shape. */
  readonly forward: ((gpu: Gpu, inputs: readonly Tensor[], attrs: A, y: Tensor) => void) | 'view';
  /** One per input. Where a fused op leaves one out, its composite is differentiated. */
  readonly vjp?: readonly (Vjp<A> | undefined)[];
  /** The same maths in plain ops: test oracle of a fused op, and its gradient of any order where no vjp is given. */
  readonly composite?: (inputs: readonly Tensor[], attrs: A) => Tensor;
  /** Element types of the inputs. Default: f32. */
  readonly dtypes?: readonly DType[];
  /** Element type of y. Default: f32. */
  readonly dtype?: DType;
}

export interface Op<A = unknown> {
  readonly name: string;
  readonly definition: OpDefinition<A>;
  /** Computes y, and records how if a gradient may be asked for. */
  apply(inputs: readonly Tensor[], attrs: A): Tensor;
  /** ∂(loss)/∂input for each of the `wanted` inputs; undefined where it is zero. */
  inputGrads(wanted: readonly number[], context: VjpContext<A>): (Tensor | undefined)[];
  /** Adds two gradients of one tensor: the tape itself knows no ops. */
  accumulate(a: Tensor, b: Tensor): Tensor;
}

/** Applies an op to its inputs. */
export type ApplyOp<A = void> = (inputs: readonly Tensor[], attrs: A) => Tensor;

const registry = new Map<string, Op>();

/** Every op that exists, by name: the test suite walks over it. */
export const ops: ReadonlyMap<string, Op> = registry;

/** Declares an op and returns the function that applies it. @throws Error if the name is taken. */
export function defineOp<A = void>(name: string, definition: OpDefinition<A>): ApplyOp<A> {
  if (registry.has(name)) throw new Error(`defineOp: ${name} exists already. Choose another name.`);
  const op: Op<A> = {
    name,
    definition,
    apply: (inputs, attrs) => apply(op, inputs, attrs),
    inputGrads: (wanted, context) => inputGrads(op, wanted, context),
    accumulate: (a, b) => accumulateOp([a, b], undefined),
  };
  registry.set(name, op as Op);
  return op.apply;
}

function apply<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  const { name, definition } = op;
  inputs.forEach((x, i) => {
    if (!(x instanceof Tensor)) {
      const fix =
        typeof x === 'number' ? ' Of a number, take affine(x, a, b), or gpu.tensor(it).' : '';
      throw new TypeError(`${name}: ${inputName(op, i)} is ${typeof x}, expected a Tensor.${fix}`);
    }
    needAlive(op, i, x);
    if (x.gpu !== inputs[0].gpu) {
      throw new TypeError(
        `${name}: ${inputName(op, i)} is on another device than ${inputName(op, 0)}.`,
      );
    }
    const dtype = definition.dtypes?.[i] ?? 'f32';
    if (x.dtype !== dtype) {
      const fix = dtype === 'u32' ? " Make it with gpu.tensor(values, shape, 'u32')." : '';
      throw new TypeError(`${name}: ${inputName(op, i)} is ${x.dtype}, expected ${dtype}.${fix}`);
    }
  });
  const shape = definition.shape(inputs, attrs);
  const { gpu } = inputs[0];
  let y: Tensor;
  if (definition.forward === 'view') {
    y = gpu.view(inputs[0], shape);
  } else {
    y = gpu.empty(shape, definition.dtype);
    definition.forward(gpu, inputs, attrs, y);
  }
  if (inputs.some((x, i) => x.tracked && !(isRecording() && vjpOf(op, i) === 'zero'))) {
    record(op as Op, inputs, attrs, y);
  } else {
    y.detached = inputs.find(({ detached }) => detached)?.detached;
  }
  notify(op as Op, inputs, y);
  return y;
}

/** @throws RangeError for a tensor whose memory is gone */
function needAlive<A>(op: Op<A>, index: number, x: Tensor): void {
  if (!x.disposed) return;
  const of = differentiating();
  const fix = of
    ? `The gradient of ${of.name} needs it: dispose it after grad.`
    : 'Return it from the scope that made it, or keep it with gpu.keep.';
  throw new RangeError(
    `${op.name}: ${inputName(op, index)} ${formatShape(x.shape)} was disposed. ${fix}`,
  );
}

function inputGrads<A>(
  op: Op<A>,
  wanted: readonly number[],
  context: VjpContext<A>,
): (Tensor | undefined)[] {
  const fused = wanted.filter((i) => vjpOf(op, i) === undefined);
  const fromComposite = fused.length > 0 ? compositeGrads(op, fused, context) : [];
  return wanted.map((i) => {
    const vjp = vjpOf(op, i);
    if (vjp === 'zero') return undefined;
    const dx = vjp ? vjp(context) : fromComposite[fused.indexOf(i)];
    const { shape } = context.inputs[i];
    if (!sameShape(dx.shape, shape)) {
      throw new Error(
        `${op.name}: the gradient of ${inputName(op, i)} has shape ${formatShape(dx.shape)}, expected ${formatShape(shape)}.`,
      );
    }
    return dx;
  });
}

function vjpOf<A>(op: Op<A>, index: number): Vjp<A> | undefined {
  const { vjp, composite } = op.definition;
  const found = vjp?.[index];
  if (!found && !composite) {
    throw new Error(`${op.name}: no vjp for input ${inputName(op, index)}, and no composite.`);
  }
  return found;
}

/** Differentiates the composite over aliases of the inputs, so that one input made from another stays apart. */
function compositeGrads<A>(
  op: Op<A>,
  wanted: readonly number[],
  { dy, inputs, attrs }: VjpContext<A>,
): Tensor[] {
  const { definition } = op;
  inputs.forEach((x, i) => {
    needAlive(op, i, x);
  });
  const createGraph = isRecording();
  return withRecording(undefined, () => {
    const aliases = inputs.map((x) => (x.dtype === 'f32' ? alias(x, createGraph) : x));
    const y = (definition.composite as NonNullable<OpDefinition<A>['composite']>)(aliases, attrs);
    const wrt = wanted.map((i) => aliases[i]);
    return grad(y, wrt, { gradOutput: dy, createGraph, unused: 'zero' });
  });
}

/** The same values as a tensor of its own; linked to `x` if the link may be differentiated later. */
function alias(x: Tensor, linked: boolean): Tensor {
  if (linked && x.tracked) return aliasOp([x]);
  const leaf = x.gpu.view(x, x.shape);
  leaf.requiresGrad = true;
  return leaf;
}

const aliasOp = defineOp('alias', {
  inputs: ['x'],
  shape: ([x]) => x.shape,
  forward: 'view',
  vjp: [({ dy }) => dy],
}) as (inputs: readonly Tensor[]) => Tensor;

/** Here, and not `add` of engine/ops, so that a gradient needs no op but those that it goes through. */
const accumulateOp: ApplyOp = defineOp('accumulate', {
  inputs: ['a', 'b'],
  shape: ([a]) => a.shape,
  forward: (gpu, [a, b], _, y) => gpu.run(binaryKernels.add.same, { a, b, y }, { size: y.size }),
  vjp: [({ dy }) => dy, ({ dy }) => dy],
});

function inputName<A>({ definition: { inputs } }: Op<A>, index: number): string {
  return inputs[index] ?? `input ${index}`;
}
