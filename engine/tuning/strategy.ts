// Ops with several strategies for the same result.

import type { Tensor, TensorDevice } from '../core/tensor.ts';

/** One way of computing something. */
export interface Strategy<A> {
  readonly name: string;
  /** Whether it applies. Default: always. */
  readonly fits?: (gpu: TensorDevice, attrs: A) => boolean;
  readonly run: (gpu: TensorDevice, inputs: readonly Tensor[], attrs: A, y: Tensor) => void;
}

/**
 * All strategies, the plainest first. It always applies, and the results of the others are compared with its result.
 */
export interface Choice<A> {
  readonly name: string;
  readonly strategies: readonly Strategy<A>[];
  /** The strategy that is used without a measurement. */
  readonly usual: (gpu: TensorDevice, attrs: A) => string;
}

/** Computes y with the strategy that the device's tuning selects. */
export function runChosen<A>(
  gpu: TensorDevice,
  choice: Choice<A>,
  inputs: readonly Tensor[],
  attrs: A,
  y: Tensor,
): void {
  const fitting = choice.strategies.filter(({ fits }) => fits?.(gpu, attrs) ?? true);
  const run = (name: string, from: readonly Tensor[], to: Tensor) =>
    fitting.find((strategy) => strategy.name === name)?.run(gpu, from, attrs, to);
  const name = gpu.choose({
    key: `${choice.name}${gpu.operands === 'f16' ? ' f16' : ''} ${JSON.stringify(attrs)}`,
    candidates: fitting.map((strategy) => strategy.name),
    usual: choice.usual(gpu, attrs),
    inputs: inputs.map(({ shape, dtype }) => ({ shape, dtype })),
    output: y.shape,
    run,
  });
  run(name, inputs, y);
}
