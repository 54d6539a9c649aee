// Reverse-mode differentiation over recorded ops; gradients are made of ops, so they differentiate too.

import { formatShape, sameShape, Tensor } from '../core/tensor.ts';
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

/** Why a tensor has no history: it was computed while recording was off, or left the scope that it was made in. */
export type Detached = Pause | 'scope';

let pause: Pause | undefined;
let nextId = 0;

/** Whether ops are recorded now. */
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

/** Links an output to its inputs, or notes why that was not done. Called by the registry for each op with a variable input. */
export function record(op: Op, inputs: readonly Tensor[], attrs: unknown, output: Tensor): void {
  if (pause === undefined) output.node = { id: nextId++, op, inputs, attrs, output };
  else output.detached = pause;
}

/** The op whose gradient is being computed now. */
export const differentiating = (): Op | undefined => gradientOf;

/** Options of `grad`. */
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
 * @returns one gradient per entry of `wrt`
 * @throws Error if y does not depend on one of them, unless `unused: 'zero'`; TypeError if `wrt` is no list of tensors;
 *   RangeError if a value that a gradient needs was disposed
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
      'grad: wrt is not a list of tensors. Of a Map, write grad(y, [...parameters.values()]).',
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
    'is, or is made of, a gradient that was not recorded. Pass { createGraph: true } to the grad that computed it.',
  scope: 'came out of a scope, which forgets how it was computed. Call grad inside the scope.',
};

/** The likeliest reason that no gradient flows from `y` to `x`, and what to do. */
function whyNot(y: Tensor, x: Tensor): string {
  if (!x.tracked) {
    return x.detached
      ? `The input ${REMEDIES[x.detached]}`
      : 'It does not ask for a gradient. Make it with gpu.parameter, or set requiresGrad before it is used.';
  }
  if (y.detached) return `The output ${REMEDIES[y.detached]}`;
  if (!y.tracked) return 'Nothing that the output is computed from asks for a gradient.';
  for (const { op, inputs } of historyOf(y)) {
    const cut = inputs.find(({ detached }) => detached);
    if (cut?.detached) {
      return `An input of ${op.name}, ${formatShape(cut.shape)}, ${REMEDIES[cut.detached]}`;
    }
  }
  return 'Is it used, and by ops that have a derivative?';
}

/** Whether gradients of `y` reach `x`. */
export const dependsOn = (y: Tensor, x: Tensor): boolean =>
  x === y || nodesBetween(y, new Set([x])).size > 0;

/** Every node that `y` was computed by. */
function historyOf(y: Tensor): Set<Node> {
  const seen = new Set<Node>();
  const stack = y.node ? [y.node] : [];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const { node: next } of node.inputs) if (next && !seen.has(next)) stack.push(next);
  }
  return seen;
}

/** The nodes on a path from `y` down to a target, latest first. */
function nodesBetween(y: Tensor, targets: ReadonlySet<Tensor>): Set<Node> {
  const needed = new Set<Node>();
  for (const node of [...historyOf(y)].sort((a, b) => a.id - b.id)) {
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
      grads.set(x, sum ? op.accumulate(sum, dx) : dx);
    });
  } finally {
    gradientOf = outer;
  }
}
