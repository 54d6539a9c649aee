// What the tests know of the ops that a file of engine/ops declares.

import type { Reference } from './array64.ts';
import type { OpCase } from './op-inputs.ts';
import type { Samplers } from './sampler.ts';

/** A registered op, or a function that is made of ops. */
export interface OpSpecification {
  /** The op in float64, written from its definition in plain loops. Attributes are those of its cases. */
  readonly reference: Reference;
  readonly cases: readonly OpCase[];
  /** Names of inputs that the op declares constant although its formula varies with them. */
  readonly heldConstant?: readonly string[];
}

/** One per file of engine/ops. */
export interface Specification {
  readonly ops: Readonly<Record<string, OpSpecification>>;
  /** Random configurations, by the name that `npm run verify -- --only` takes. */
  readonly samplers: Samplers;
}
