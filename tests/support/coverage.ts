// Which ops the op cases leave out, and which ops random configurations run.

import type { Op } from '../../engine/autodiff/op.ts';
import { observeOps } from '../../engine/autodiff/tape.ts';
import { Gpu, Random } from '../../engine/index.ts';
import { sizeOf64 } from './array64.ts';
import { derivatives } from './derivatives.ts';
import type { OpCase } from './op-inputs.ts';
import { drawSizes, type Problem, type Samplers, variables } from './sampler.ts';
import type { OpSpecification } from './specification.ts';
import type { Order } from './tolerance.ts';

/** Inputs that an op differentiates. */
export const differentiable = ({ definition: { inputs, dtypes, vjp } }: Op): number[] =>
  inputs.flatMap((_, i) => ((dtypes?.[i] ?? 'f32') === 'f32' && vjp?.[i] !== 'zero' ? [i] : []));

/** How often a case is differentiated. */
export const orderOf = ({ order = 2 }: OpCase): Order => order;

/**
 * One line per op that its cases do not check in full. An op without gradients needs a case
 * that asserts this. Every other op needs a case of order 1 and one of order 2 (a case of order 2 is both).
 */
export function exclusions(
  ops: ReadonlyMap<string, Op>,
  specifications: Readonly<Record<string, Pick<OpSpecification, 'cases'>>>,
): string[] {
  return [...ops].flatMap(([name, op]) => {
    const orders = (specifications[name]?.cases ?? []).map(orderOf);
    if (orders.length === 0) return [`${name}: no case`];
    if (differentiable(op).length === 0) {
      return orders.some((order) => order > 0) ? [] : [`${name}: no case asserts a zero gradient`];
    }
    return [1, 2].flatMap((order) =>
      orders.some((reached) => reached >= order) ? [] : [`${name}: no case of order ${order}`],
    );
  });
}

/** Launches nothing, because only the names of the applied ops matter. */
class Silent extends Gpu {
  override run(): void {}
}

/** Configurations per sampler: one that draws among twelve functions must have met each of them. */
const DRAWS = 60;

/** Names of the ops that random configurations apply, forward or in a gradient of either order. */
export function reachedOps(device: GPUDevice, samplers: Samplers): Set<string> {
  const gpu = new Silent(device);
  const reached = new Set<string>();
  for (const [name, sampler] of Object.entries(samplers)) {
    if (sampler.forwardOnly) continue;
    for (let draw = 0; draw < DRAWS; draw++) {
      const random = new Random(name, draw);
      const problem = sampler.problem(drawSizes(sampler, random)) as Problem;
      gpu.scope(() => {
        const inputs = problem.inputs.map(({ shape, values, dtype }) =>
          gpu.tensor(values(random, sizeOf64(shape)), shape, dtype),
        );
        const wanted = variables(problem);
        for (const i of wanted) inputs[i].requiresGrad = true;
        const [dy, ...u] = [problem.run(inputs), ...inputs].map(
          ({ size }) => new Float64Array(size),
        );
        const request = { apply: problem.run, inputs, wanted, order: 2, dy, u } as const;
        observeOps(
          ({ op }) => reached.add(op.name),
          () => derivatives(gpu, request),
        );
        return [];
      });
    }
  }
  return reached;
}
