// Ops with several ways to the same result, and which way is taken.

import type { Gpu } from '../core/gpu.ts';
import type { Shape, Tensor } from '../core/tensor.ts';

/** One way of computing something. */
export interface Strategy<A> {
  readonly name: string;
  /** Whether it can: default always. */
  readonly fits?: (gpu: Gpu, attrs: A) => boolean;
  readonly run: (gpu: Gpu, inputs: readonly Tensor[], attrs: A, y: Tensor) => void;
}

/** All the ways, the plainest first: its result is what the others' are judged by, and it always fits. */
export interface Choice<A> {
  readonly name: string;
  readonly strategies: readonly Strategy<A>[];
  /** The strategy where nothing was measured. */
  readonly usual: (gpu: Gpu, attrs: A) => string;
}

/** A choice to be made: what `attrs` say, in one line, and the names that fit. */
export interface Problem {
  readonly key: string;
  readonly candidates: readonly string[];
  readonly usual: string;
  readonly inputs: readonly Shape[];
  readonly output: Shape;
  readonly run: (name: string, inputs: readonly Tensor[], y: Tensor) => void;
}

/** Makes the choices of a `Gpu`. */
export type Tuning = (problem: Problem) => string;

/** The strategies that were found, by key. */
export type Picks = Readonly<Record<string, string>>;

/** Takes what `picks` say, where that is among the candidates, and the usual way elsewhere. */
export const tuningOf =
  (picks: Picks): Tuning =>
  ({ key, candidates, usual }) =>
    candidates.includes(picks[key]) ? picks[key] : usual;

/** Takes the first of `names` that fits, the usual way where none does: for tests of each. */
export const preferring =
  (...names: readonly string[]): Tuning =>
  ({ candidates, usual }) =>
    names.find((name) => candidates.includes(name)) ?? usual;

/** Computes y the way that the device's tuning picks. */
export function runChosen<A>(
  gpu: Gpu,
  choice: Choice<A>,
  inputs: readonly Tensor[],
  attrs: A,
  y: Tensor,
): void {
  const fitting = choice.strategies.filter(({ fits }) => fits?.(gpu, attrs) ?? true);
  const run = (name: string, from: readonly Tensor[], to: Tensor) =>
    fitting.find((strategy) => strategy.name === name)?.run(gpu, from, attrs, to);
  const name = gpu.tuning({
    key: `${choice.name}${gpu.operands === 'f16' ? ' f16' : ''} ${JSON.stringify(attrs)}`,
    candidates: fitting.map((strategy) => strategy.name),
    usual: choice.usual(gpu, attrs),
    inputs: inputs.map(({ shape }) => shape),
    output: y.shape,
    run,
  });
  run(name, inputs, y);
}
