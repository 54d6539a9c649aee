// Which ops the op cases leave out: no case, or none that is differentiated once and twice.

import type { Op } from '../../engine/autodiff/registry.ts';
import type { OpCase } from './op-inputs.ts';
import type { OpSpecification } from './specification.ts';
import type { Order } from './tolerance.ts';

/** Inputs that an op differentiates. */
export const differentiable = ({ definition: { inputs, dtypes, vjp } }: Op): number[] =>
  inputs.flatMap((_, i) => ((dtypes?.[i] ?? 'f32') === 'f32' && vjp?.[i] !== 'zero' ? [i] : []));

/** How often a case is differentiated. */
export const orderOf = ({ order = 2 }: OpCase): Order => order;

/**
 * A line per op that its cases do not check in full. An op that differentiates nothing needs a case
 * that asserts so; every other one a case of order 1 and one of order 2 (a case of order 2 is both).
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
