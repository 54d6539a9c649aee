// The tape: the record of applied ops, as nodes that gradients walk over.

import type { Pause, TapeNode, Tensor } from '../core/tensor.ts';
import type { Op } from './op.ts';

/** One recorded application of an op. Ids grow with time, so descending ids are a reverse topological order. */
export interface Node extends TapeNode {
  readonly op: Op;
  readonly attrs: unknown;
  readonly output: Tensor;
}

/** How a tensor was computed. Only the tape makes nodes, so they are complete. */
export const nodeOf = (x: Tensor): Node | undefined => x.node as Node | undefined;

let pause: Pause | undefined;
let nextId = 0;

/** Whether ops are being recorded. */
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

/** Runs `body` without recording. Its results are constants to every later gradient. */
export const noGrad = <T>(body: () => T): T => withRecording('noGrad', body);

/** An op that was just applied. */
export interface Applied {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** The op whose gradient is being computed; none in a forward pass. */
  readonly gradientOf: Op | undefined;
  /** The reason if the tape did not record it. */
  readonly pause: Pause | undefined;
}

let observer: ((applied: Applied) => void) | undefined;
let gradientOf: Op | undefined;

/** Runs `body`, showing each op to `observe` (a debugging aid). Only the innermost observer sees an op. */
export function observeOps<T>(observe: (applied: Applied) => void, body: () => T): T {
  const before = observer;
  observer = observe;
  try {
    return body();
  } finally {
    observer = before;
  }
}

/** Called by the registry for each applied op. */
export function notify(op: Op, inputs: readonly Tensor[], output: Tensor): void {
  observer?.({ op, inputs, output, gradientOf, pause });
}

/** Links the output of an op with a variable input to its inputs, or notes why that was not done. */
export function record(op: Op, inputs: readonly Tensor[], attrs: unknown, output: Tensor): void {
  if (pause === undefined) {
    const node: Node = { id: nextId++, op, inputs, attrs, output };
    output.node = node;
  } else {
    output.detached = pause;
  }
}

/** The op whose gradient is being computed now. */
export const differentiating = (): Op | undefined => gradientOf;

/** Runs `body`, which computes the gradient of `op`. */
export function differentiate<T>(op: Op, body: () => T): T {
  const outer = gradientOf;
  gradientOf = op;
  try {
    return body();
  } finally {
    gradientOf = outer;
  }
}
