// Optimisers that update all parameters in place in one launch, so that a whole training step can be replayed.

import type { Gpu } from '../engine/core/gpu.ts';
import { layOut, type Run } from '../engine/core/layout.ts';
import type { Tensor } from '../engine/core/tensor.ts';
import { adam, sgd } from '../kernels/optimizer.ts';
import type { StateDict } from './weights.ts';

export interface Optimizer {
  /** Steps taken so far. */
  readonly steps: number;
  /** Sets the learning rate of the coming step and counts it: call it before each step, or each replay of one. */
  advance(lr: number): void;
  /** Runs the update. `grads` in the order of the parameters. */
  step(grads: readonly Tensor[]): void;
  /** The moments, by parameter name, for a checkpoint. */
  state(): Promise<StateDict>;
  load(state: StateDict, steps: number): void;
  dispose(): void;
}

export interface AdamOptions {
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly eps?: number;
  /** Default 0. */
  readonly weightDecay?: number;
  /** Decay the weights directly (AdamW) instead of through the gradient. Default true. */
  readonly decoupled?: boolean;
}

/** Adam (Kingma & Ba 2015), AdamW (Loshchilov & Hutter 2019) with weight decay. */
export function createAdam(
  gpu: Gpu,
  parameters: ReadonlyMap<string, Tensor>,
  options: AdamOptions = {},
): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0, decoupled = true } = options;
  const args = {
    beta1,
    beta2,
    rate1: 1 - beta1,
    rate2: 1 - beta2,
    eps,
    weight_decay: weightDecay,
    decoupled: decoupled ? 1 : 0,
  };
  return createOptimizer(gpu, parameters, {
    moments: ['m', 'v'],
    schedule: (lr, t) => [lr, 1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)],
    update: (param, grad, [m, v], schedule) =>
      gpu.run(adam, { param, grad, m, v, schedule }, { size: param.size, ...args }),
  });
}

export interface SgdOptions {
  /** Default 0.9. */
  readonly momentum?: number;
  /** Default 0. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with momentum, in PyTorch's form. */
export function createSgd(
  gpu: Gpu,
  parameters: ReadonlyMap<string, Tensor>,
  { momentum = 0.9, weightDecay = 0 }: SgdOptions = {},
): Optimizer {
  const args = { momentum, weight_decay: weightDecay };
  return createOptimizer(gpu, parameters, {
    moments: ['v'],
    schedule: (lr) => [lr],
    update: (param, grad, [v], schedule) =>
      gpu.run(sgd, { param, grad, v, schedule }, { size: param.size, ...args }),
  });
}

interface Rule {
  readonly moments: readonly string[];
  /** Numbers that change from step to step; t counts from 1. */
  readonly schedule: (lr: number, t: number) => number[];
  readonly update: (param: Tensor, grad: Tensor, moments: Tensor[], schedule: Tensor) => void;
}

/** Parameters that lie one behind another, with their moments in the same order: one launch updates all. */
interface Group extends Run {
  readonly moments: readonly Tensor[];
}

function createOptimizer(gpu: Gpu, parameters: ReadonlyMap<string, Tensor>, rule: Rule): Optimizer {
  const schedule = gpu.keep(gpu.tensor(rule.schedule(0, 1)));
  const [names, params] = [[...parameters.keys()], [...parameters.values()]];
  const groups: Group[] = layOut(gpu, params).map((run) => ({
    ...run,
    moments: rule.moments.map(() => gpu.keep(gpu.zeros(run.flat.shape))),
  }));
  const slots = groups.flatMap(({ members, moments }) =>
    members.flatMap(({ index, offset }) =>
      moments.map((moment, i) => {
        const part = gpu.keep(gpu.part(moment, offset, params[index].shape));
        return [`${names[index]}.${rule.moments[i]}`, part] as const;
      }),
    ),
  );
  let steps = 0;
  return {
    get steps() {
      return steps;
    },
    advance(lr) {
      schedule.write(rule.schedule(lr, ++steps));
    },
    step(grads) {
      if (grads.length !== params.length) {
        throw new RangeError(
          `optimizer: got ${grads.length} gradients, expected ${params.length}.`,
        );
      }
      gpu.scope(() => {
        for (const { flat, members, moments } of groups) {
          rule.update(flat, flatGradient(gpu, { flat, members }, grads), [...moments], schedule);
        }
      });
    },
    async state() {
      const state: StateDict = new Map();
      for (const [name, moment] of slots) {
        state.set(name, { shape: [...moment.shape], data: await moment.data() });
      }
      return state;
    },
    load(state, count) {
      for (const [name, moment] of slots) {
        const saved = state.get(name);
        if (!saved) throw new RangeError(`optimizer: the checkpoint has no ${name}.`);
        moment.write(saved.data);
      }
      steps = count;
    },
    dispose() {
      for (const [, moment] of slots) moment.dispose();
      for (const { flat, moments } of groups) for (const one of [flat, ...moments]) one.dispose();
      schedule.dispose();
    },
  };
}

/** The gradients of a run in its order. A recorded step computes them there; an eager one copies them. */
function flatGradient(gpu: Gpu, { flat, members }: Run, grads: readonly Tensor[]): Tensor {
  if (members.length === 1) return grads[members[0].index];
  const gradient = gpu.empty(flat.shape);
  for (const { index, offset } of members) {
    gpu.copy(grads[index], gpu.part(gradient, offset, grads[index].shape));
  }
  return gradient;
}
