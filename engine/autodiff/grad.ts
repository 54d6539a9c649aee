// Reverse-mode differentiation over recorded ops. Gradients are made of ops, so they can be differentiated too.

import { binaryKernels } from '../../kernels/elementwise.ts';
import { type Detached, formatShape, sameShape, type TapeNode, Tensor } from '../core/tensor.ts';
import { inputName, type Op, type OpDefinition, type VjpContext, vjpOf } from './op.ts';
import { defineOp, needAlive } from './registry.ts';
import { differentiate, isRecording, type Node, nodeOf, withRecording } from './tape.ts';

/** x as a separate tensor: the entry into a composite, along which gradients may flow. */
const aliasOp = defineOp('alias', {
  inputs: ['x'],
  shape: ([x]) => x.shape,
  forward: 'view',
  vjp: [({ dy }) => dy],
}) as (inputs: readonly Tensor[]) => Tensor;

/** a + b of one shape, for a tensor reached on several paths. The tape has its own sum, because ops are above it. */
const accumulate = defineOp('accumulate', {
  inputs: ['a', 'b'],
  shape: ([a]) => a.shape,
  forward: (gpu, [a, b], _, y) => gpu.run(binaryKernels.add.same, { a, b, y }, { size: y.size }),
  vjp: [({ dy }) => dy, ({ dy }) => dy],
}) as (inputs: readonly Tensor[]) => Tensor;

/** Options of `grad`. */
export interface GradOptions {
  /** ∂(outer)/∂y, in y's shape. Default: ones, which gives the gradient of Σ y. */
  readonly gradOutput?: Tensor;
  /** Record the ops of the gradient, so that it can be differentiated again. Default false. */
  readonly createGraph?: boolean;
  /** What to do for a tensor on which y does not depend. Default `error`. */
  readonly unused?: 'error' | 'zero';
}

/**
 * ∂(Σ gradOutput ⊙ y)/∂x for each x of `wrt`, in its shape. `wrt` may hold parameters and intermediate tensors (such as
 * a feature map, for Grad-CAM).
 *
 * @returns one gradient per entry of `wrt`. Equal ones may be one tensor, or `gradOutput` itself, as those of a sum:
 *   copy a gradient before you dispose of it or write to it while another is in use
 * @throws Error if y does not depend on one of them, unless `unused: 'zero'`; TypeError if `wrt` is not a list of
 *   tensors; RangeError if a value that a gradient needs was disposed
 */
export function grad(y: Tensor, wrt: readonly Tensor[], options: GradOptions = {}): Tensor[] {
  const { gradOutput, createGraph = false, unused = 'error' } = options;
  checkTensors(y, wrt);
  if (gradOutput && !sameShape(gradOutput.shape, y.shape)) {
    throw new RangeError(
      `grad: gradOutput has shape ${formatShape(gradOutput.shape)}, expected ${formatShape(y.shape)}.`,
    );
  }
  const targets = new Set(wrt);
  const nodes = nodesBetween(y, targets);
  const grads = new Map<Tensor, Tensor>();
  withRecording(createGraph ? undefined : 'grad without createGraph', () => {
    grads.set(y, gradOutput ?? y.gpu.tensor(new Float32Array(y.size).fill(1), y.shape));
    for (const node of nodes) propagate(node, nodes, targets, grads);
  });
  return wrt.map((x, i) => {
    const dx = grads.get(x);
    if (dx) return dx;
    if (unused === 'zero') return x.gpu.zeros(x.shape);
    throw new Error(
      `grad: input ${i} of shape ${formatShape(x.shape)} has no gradient path from the output. ` +
        `${whyNot(y, x)} Or pass { unused: 'zero' } to get zeros.`,
    );
  });
}

function checkTensors(y: Tensor, wrt: readonly Tensor[]): void {
  if (!(y instanceof Tensor)) throw new TypeError(`grad: y is ${typeof y}, expected a Tensor.`);
  if (wrt instanceof Tensor) {
    throw new TypeError('grad: wrt is a Tensor, expected a list. Write grad(y, [x]).');
  }
  if (!Array.isArray(wrt)) {
    throw new TypeError(
      'grad: wrt is not a list of tensors. For a Map, write grad(y, [...parameters.values()]).',
    );
  }
  wrt.forEach((x, i) => {
    if (!(x instanceof Tensor)) {
      throw new TypeError(`grad: input ${i} of wrt is ${typeof x}, expected a Tensor.`);
    }
  });
}

const REMEDIES: Readonly<Record<Detached, string>> = {
  noGrad: 'was computed under noGrad. Compute it outside.',
  'grad without createGraph':
    'is, or depends on, a gradient that was not recorded. Pass { createGraph: true } to the grad that computed it.',
  scope: 'came out of a scope, which forgets how it was computed. Call grad inside the scope.',
};

/** The likeliest reason why no gradient flows from `y` to `x`, and the fix. */
function whyNot(y: Tensor, x: Tensor): string {
  if (!x.tracked) {
    return x.detached
      ? `The input ${REMEDIES[x.detached]}`
      : 'It does not require a gradient. Make it with gpu.parameter, or set requiresGrad before it is used.';
  }
  if (y.detached) return `The output ${REMEDIES[y.detached]}`;
  if (!y.tracked) return 'Nothing that the output is computed from requires a gradient.';
  for (const { op, inputs } of historyOf(y)) {
    const cut = inputs.find(({ detached }) => detached);
    if (cut?.detached) {
      return `An input of ${op.name}, ${formatShape(cut.shape)}, ${REMEDIES[cut.detached]}`;
    }
  }
  return 'Is it used, and only by ops that have a derivative?';
}

/** Whether gradients of `y` reach `x`. */
export const dependsOn = (y: Tensor, x: Tensor): boolean =>
  x === y || nodesBetween(y, new Set([x])).size > 0;

/** Every node from which `y` was computed. */
function historyOf(y: Tensor): Set<Node> {
  const seen = new Set<Node>();
  const stack = [nodeOf(y)];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const next of node.inputs.map(nodeOf)) if (next && !seen.has(next)) stack.push(next);
  }
  return seen;
}

/** The nodes on a path from `y` down to a target, latest first. */
function nodesBetween(y: Tensor, targets: ReadonlySet<Tensor>): Set<Node> {
  const needed = new Set<TapeNode>();
  const nodes = [...historyOf(y)].sort((a, b) => a.id - b.id);
  for (const node of nodes) {
    if (node.inputs.some((x) => targets.has(x) || (x.node && needed.has(x.node)))) needed.add(node);
  }
  return new Set(nodes.filter((node) => needed.has(node)).reverse());
}

function propagate(
  node: Node,
  nodes: ReadonlySet<TapeNode>,
  targets: ReadonlySet<Tensor>,
  grads: Map<Tensor, Tensor>,
): void {
  const { op, inputs, attrs, output: y } = node;
  const dy = grads.get(y);
  if (!dy) return;
  if (!targets.has(y)) grads.delete(y);
  const wanted = inputs.flatMap((x, i) =>
    targets.has(x) || (x.node && nodes.has(x.node)) ? [i] : [],
  );
  differentiate(op, () => {
    inputGrads(op, wanted, { dy, inputs, y, attrs }).forEach((dx, k) => {
      if (!dx) return;
      const x = inputs[wanted[k]];
      const sum = grads.get(x);
      grads.set(x, sum ? accumulate([sum, dx]) : dx);
    });
  });
}

/** ∂(loss)/∂input for each of the `wanted` inputs; undefined where it is zero. */
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

/**
 * Differentiates the composite over aliases of the inputs, so that an input computed from another one stays separate.
 */
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

/** The same values as a separate tensor, linked to `x` if the link may be differentiated later. */
function alias(x: Tensor, linked: boolean): Tensor {
  if (linked && x.tracked) return aliasOp([x]);
  const leaf = x.gpu.view(x, x.shape);
  leaf.requiresGrad = true;
  return leaf;
}
