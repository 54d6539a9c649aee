// Optimisers that update all parameters in place in one launch, so that a whole training step can be replayed.

import type { Gpu } from '../engine/core/gpu.ts';
import { gathered, layOut, type Run } from '../engine/core/layout.ts';
import { allOrNothing, formatShape, sameShape, type Tensor } from '../engine/core/tensor.ts';
import { adam, sgd } from '../kernels/optimizer.ts';
import { checkGroups, checkParameters, type Parameters, type ParamGroup } from './param-groups.ts';
import { type LoadableState, loadTensors, readState, type StateDict } from './weights.ts';

/** Updates its parameters in place. */
export interface Optimizer {
  /** What it updates, in the order in which `step` takes the gradients. */
  readonly parameters: readonly Tensor[];
  /**
   * Learning rate of the coming steps, finite and ≥ 0. A schedule sets it before each step, or before each run of a
   * recorded one.
   */
  lr: number;
  /** Steps taken so far, including runs of a recorded step. */
  readonly steps: number;
  /**
   * Updates all parameters, and counts the step. Within `gpu.capture` both happen in each run of the program.
   *
   * @param grads one per parameter, in their order and of their shapes
   * @throws RangeError if one is missing, was disposed or has another shape (then no parameter changes), or if `lr` is
   *   not a number ≥ 0
   */
  step(grads: readonly Tensor[]): void;
  /** The moments, by parameter name, for a checkpoint, as they are at this call. */
  state(): Promise<StateDict>;
  /**
   * Overwrites the moments and the step count. @throws RangeError if a moment is missing or has another shape; then
   * nothing changes
   */
  load(state: LoadableState, steps: number): void;
  /** Frees the memory of the moments, but not the parameters. */
  dispose(): void;
}

/** Options of `createAdam`. */
export interface AdamOptions {
  /** Learning rate. Default 1e-3. */
  readonly lr?: number;
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

/**
 * Adam: m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², p ← p − lr·m̂/(√v̂ + eps), with m̂ and v̂ corrected for their
 * start at 0.
 *
 * Source: Kingma & Ba, ICLR 2015; with decoupled weight decay AdamW, Loshchilov & Hutter, ICLR 2019.
 *
 * @param parameters those of a model, or groups of them
 * @throws TypeError if `parameters` is not a map or array of tensors, RangeError if it is empty or contains a tensor
 *   twice
 */
export function createAdam(
  gpu: Gpu,
  parameters: Parameters | readonly ParamGroup[],
  options: AdamOptions = {},
): Optimizer {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0, decoupled = true } = options;
  needShares({ beta1, beta2 });
  const args = {
    beta1,
    beta2,
    rate1: 1 - beta1,
    rate2: 1 - beta2,
    eps,
    weight_decay: weightDecay,
    decoupled: decoupled ? 1 : 0,
  };
  return createOptimizer(gpu, parameters, lr, {
    moments: ['m', 'v'],
    schedule: (rate, t) => [rate, 1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)],
    update: (param, grad, [m, v], schedule) =>
      gpu.run(adam, { param, grad, m, v, schedule }, { size: param.size, ...args }),
  });
}

/** Options of `createSgd`. */
export interface SgdOptions {
  /** Learning rate. Default 1e-3. */
  readonly lr?: number;
  /** Default 0.9. */
  readonly momentum?: number;
  /** Default 0. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent in PyTorch's form: v ← momentum·v + g + weightDecay·p, p ← p − lr·v.
 *
 * @param parameters those of a model, or groups of them
 * @throws TypeError if `parameters` is not a map or array of tensors, RangeError if it is empty or contains a tensor
 *   twice
 */
export function createSgd(
  gpu: Gpu,
  parameters: Parameters | readonly ParamGroup[],
  { lr, momentum = 0.9, weightDecay = 0 }: SgdOptions = {},
): Optimizer {
  needShares({ momentum });
  const args = { momentum, weight_decay: weightDecay };
  return createOptimizer(gpu, parameters, lr, {
    moments: ['v'],
    schedule: (rate) => [rate],
    update: (param, grad, [v], schedule) =>
      gpu.run(sgd, { param, grad, v, schedule }, { size: param.size, ...args }),
  });
}

/** @throws RangeError for a decay outside [0, 1), since new values would not count */
function needShares(shares: Readonly<Record<string, number>>): void {
  for (const [name, share] of Object.entries(shares)) {
    if (!(share >= 0 && share < 1)) {
      throw new RangeError(`optimizer: ${name} is ${share}, expected a number in [0, 1).`);
    }
  }
}

interface Rule {
  readonly moments: readonly string[];
  /** Numbers that change from step to step; t counts from 1. */
  readonly schedule: (lr: number, t: number) => number[];
  readonly update: (param: Tensor, grad: Tensor, moments: Tensor[], schedule: Tensor) => void;
}

/** Parameters of a group placed one after another, with their moments in the same order: one launch updates them. */
interface Section extends Run {
  readonly moments: readonly Tensor[];
  readonly schedule: Tensor;
}

function createOptimizer(
  gpu: Gpu,
  parameters: Parameters | readonly ParamGroup[],
  lr: number | undefined,
  rule: Rule,
): Optimizer {
  const groups = checkGroups(parameters);
  const names = groups.flatMap((group) => group.names);
  const params = groups.flatMap((group) => group.params);
  checkParameters(names, params);
  const { schedules, sections, slots } = allOrNothing(() => {
    const schedules = groups.map(({ lrScale }) => ({
      lrScale,
      schedule: gpu.keep(gpu.tensor(rule.schedule(0, 1))),
    }));
    let first = 0;
    const sections = groups.flatMap((group, g): Section[] => {
      const start = first;
      first += group.params.length;
      return layOut(gpu, group.params).map(({ flat, members }) => ({
        flat,
        members: members.map(({ index, offset }) => ({ index: start + index, offset })),
        moments: rule.moments.map(() => gpu.keep(gpu.zeros(flat.shape))),
        schedule: schedules[g].schedule,
      }));
    });
    const slots = new Map(
      sections.flatMap(({ members, moments }) =>
        members.flatMap(({ index, offset }) =>
          moments.map((moment, i) => {
            const part = gpu.keep(gpu.part(moment, offset, params[index].shape));
            return [`${names[index]}.${rule.moments[i]}`, part] as const;
          }),
        ),
      ),
    );
    return { schedules, sections, slots };
  });
  let steps = 0;
  const optimizer: Optimizer = {
    parameters: params,
    lr: lr ?? 1e-3,
    get steps() {
      return steps;
    },
    step(grads) {
      checkGradients(names, params, grads);
      gpu.beforeEachRun(() => {
        if (!(optimizer.lr >= 0 && optimizer.lr < Number.POSITIVE_INFINITY)) {
          throw new RangeError(`optimizer: lr is ${optimizer.lr}, expected a number ≥ 0.`);
        }
        steps++;
        for (const { schedule, lrScale } of schedules) {
          schedule.write(rule.schedule(optimizer.lr * lrScale, steps));
        }
      }, optimizer);
      gpu.scope(() => {
        for (const { flat, members, moments, schedule } of sections) {
          rule.update(flat, gathered(gpu, { flat, members }, grads), [...moments], schedule);
        }
      });
    },
    state: () => readState(gpu, slots),
    load(state, count) {
      loadTensors('optimizer', slots, state);
      steps = count;
    },
    dispose() {
      for (const moment of slots.values()) moment.dispose();
      for (const { flat, moments } of sections) for (const one of [flat, ...moments]) one.dispose();
      for (const { schedule } of schedules) schedule.dispose();
    },
  };
  return optimizer;
}

/** Before any parameter is changed. */
function checkGradients(
  names: readonly string[],
  params: readonly Tensor[],
  grads: readonly Tensor[],
): void {
  if (grads.length !== params.length) {
    throw new RangeError(`optimizer: got ${grads.length} gradients, expected ${params.length}.`);
  }
  params.forEach(({ shape }, i) => {
    const gradient: Tensor | undefined = grads[i];
    const wrong = !gradient
      ? 'is missing'
      : gradient.disposed
        ? 'was disposed'
        : sameShape(gradient.shape, shape)
          ? undefined
          : `has shape ${formatShape(gradient.shape)}`;
    if (wrong) {
      throw new RangeError(
        `optimizer: the gradient of ${names[i]} ${wrong}, expected ${formatShape(shape)}. Give grads in the order of the parameters.`,
      );
    }
  });
}
