// Reverse-mode differentiation over recorded ops; gradients are made of ops, so they differentiate too.

import { formatShape, sameShape, type Tensor } from '../core/tensor.ts';
import type { Op } from './registry.ts';

/** One recorded application of an op. Ids grow with time, so descending ids are a reverse topological order. */
export interface Node {
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attrs: unknown;
  readonly output: Tensor;
}

/** What switched recording off. */
export type Pause = 'noGrad' | 'grad without createGraph';

let pause: Pause | undefined;
let nextId = 0;

export const isRecording = (): boolean => pause === undefined;

/** Runs `body` with recording on, or off for the given reason. */
export function withRecording<T>(next: Pause | undefined, body: () => T): T {
  const before = pause;
  pause = next;
  try {
    return body();
  } finally {
    pause = before;
  }
}

/** Runs `body` without recording: its results are constants to every later gradient. */
export const noGrad = <T>(body: () => T): T => withRecording('noGrad', body);

/** An op as it was just applied. */
export interface Applied {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** The op whose gradient is being computed; none in a forward pass. */
  readonly gradientOf: Op | undefined;
  /** Why the tape did not record it, where it did not. */
  readonly pause: Pause | undefined;
}

let observer: ((applied: Applied) => void) | undefined;
let gradientOf: Op | undefined;

/** Runs `body`, showing each op to `observe` (a debugging aid). The innermost observer alone sees an op. */
export function observeOps<T>(observe: (applied: Applied) => void, body: () => T): T {
  const before = observer;
  observer = observe;
  try {
    return body();
  } finally {
    observer = before;
  }
}

/** Called by the registry for each op applied. */
export function notify(op: Op, inputs: readonly Tensor[], output: Tensor): void {
  observer?.({ op, inputs, output, gradientOf, pause });
}

export function record(op: Op, inputs: readonly Tensor[], attrs: unknown, output: Tensor): void {
  output.node = { id: nextId++, op, inputs, attrs, output };
}

export interface GradOptions {
  /** ∂(outer)/∂y, of y's shape. Default: ones, that is the gradient of Σ y. */
  readonly gradOutput?: Tensor;
  /** Record the gradient's own ops, so that it can be differentiated again. Default false. */
  readonly createGraph?: boolean;
  /** What to do for a tensor that y does not depend on. Default `error`. */
  readonly unused?: 'error' | 'zero';
}

/**
 * ∂(Σ gradOutput ⊙ y)/∂x for each x of `wrt`, in its shape. `wrt` may hold parameters and intermediate
 * tensors alike (a feature map, for Grad-CAM).
 *
 * @throws Error if y does not depend on one of them, unless `unused: 'zero'`.
 */
export function grad(y: Tensor, wrt: readonly Tensor[], options: GradOptions = {}): Tensor[] {
  const { gradOutput, createGraph = false, unused = 'error' } = options;
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
        "Is it detached, made under noGrad, or not used? Pass { unused: 'zero' } to get zeros.",
    );
  });
}

/** Whether gradients of `y` reach `x`. */
export const dependsOn = (y: Tensor, x: Tensor): boolean =>
  x === y || nodesBetween(y, new Set([x])).size > 0;

/** The nodes on a path from `y` down to a target, latest first. */
function nodesBetween(y: Tensor, targets: ReadonlySet<Tensor>): Set<Node> {
  const seen = new Set<Node>();
  const stack = y.node ? [y.node] : [];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const { node: next } of node.inputs) if (next && !seen.has(next)) stack.push(next);
  }
  const needed = new Set<Node>();
  for (const node of [...seen].sort((a, b) => a.id - b.id)) {
    if (node.inputs.some((x) => targets.has(x) || (x.node && needed.has(x.node)))) needed.add(node);
  }
  return new Set([...needed].reverse());
}

function propagate(
  node: Node,
  nodes: ReadonlySet<Node>,
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
  const outer = gradientOf;
  gradientOf = op;
  try {
    op.inputGrads(wanted, { dy, inputs, y, attrs }).forEach((dx, k) => {
      if (!dx) return;
      const x = inputs[wanted[k]];
      const sum = grads.get(x);
      grads.set(x, sum ? accumulate(sum, dx) : dx);
    });
  } finally {
    gradientOf = outer;
  }
}

/** Set by the op that adds two tensors, so that the tape itself stays free of ops. */
let accumulate: (a: Tensor, b: Tensor) => Tensor = () => {
  throw new Error('tape: engine/ops was not loaded.');
};

export function setAccumulate(add: (a: Tensor, b: Tensor) => Tensor): void {
  accumulate = add;
}
