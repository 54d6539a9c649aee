// The registry: declares each differentiable op once, and applies it.

import { formatShape, Tensor } from '../core/tensor.ts';
import { inputName, type Op, type OpDefinition, type VjpContext, vjpOf } from './op.ts';
import { differentiating, isRecording, notify, record } from './tape.ts';

/** `make`, called once per gradient: for work that the vjps of several inputs share. */
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

/** Applies an op to its inputs. */
export type ApplyOp<A = void> = (inputs: readonly Tensor[], attrs: A) => Tensor;

const registry = new Map<string, Op>();

/** All defined ops, by name, for tests and tools. A bundle has only those of the modules that its bundler kept. */
export const ops: ReadonlyMap<string, Op> = registry;

/** Declares an op and returns the function that applies it. @throws Error if the name is taken */
export function defineOp<A = void>(name: string, definition: OpDefinition<A>): ApplyOp<A> {
  if (registry.has(name)) throw new Error(`defineOp: ${name} exists already. Choose another name.`);
  const op: Op<A> = {
    name,
    definition,
    apply: (inputs, attrs) => apply(op, inputs, attrs),
  };
  registry.set(name, op as Op);
  return op.apply;
}

function apply<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  const { name, definition } = op;
  inputs.forEach((x, i) => {
    if (!(x instanceof Tensor)) {
      const fix =
        typeof x === 'number' ? ' For a number, use scaleShift(x, a, b) or gpu.tensor(it).' : '';
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

/** @throws RangeError for a disposed tensor */
export function needAlive<A>(op: Op<A>, index: number, x: Tensor): void {
  if (!x.disposed) return;
  const of = differentiating();
  const fix = of
    ? `The gradient of ${of.name} needs it, so dispose it after grad.`
    : 'Return it from the scope that made it, or keep it with gpu.keep.';
  throw new RangeError(
    `${op.name}: ${inputName(op, index)} ${formatShape(x.shape)} was disposed. ${fix}`,
  );
}
