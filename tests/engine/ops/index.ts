// Every op's specification, by the file of engine/ops that declares the op.
import type { Reference } from '../../support/array64.ts';
import type { Samplers } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';
import { specification as activations } from './activations.ts';
import { specification as blur } from './blur.ts';
import { specification as conv } from './conv/index.ts';
import { specification as dropout } from './dropout.ts';
import { specification as elementwise } from './elementwise.ts';
import { specification as indexing } from './indexing.ts';
import { specification as losses } from './losses.ts';
import { specification as matmul } from './matmul.ts';
import { specification as norm } from './norm.ts';
import { specification as pooling } from './pooling.ts';
import { specification as reduce } from './reduce.ts';
import { specification as relevance } from './relevance.ts';
import { specification as resize } from './resize.ts';
import { specification as saliency } from './saliency.ts';
import { specification as shape } from './shape.ts';
import { specification as softmax } from './softmax.ts';

/** Their order decides which configuration a seed draws. */
export const specifications: Readonly<Record<string, Specification>> = {
  activations,
  blur,
  conv,
  dropout,
  elementwise,
  indexing,
  losses,
  matmul,
  norm,
  pooling,
  reduce,
  relevance,
  resize,
  saliency,
  shape,
  softmax,
};

/** All ops and functions, by name. */
export const opSpecifications: Readonly<Record<string, OpSpecification>> = Object.assign(
  {},
  ...Object.values(specifications).map(({ ops }) => ops),
);

/** The float64 reference of every op and function. */
export const references: Readonly<Record<string, Reference>> = Object.fromEntries(
  Object.entries(opSpecifications).map(([name, { reference }]) => [name, reference]),
);

/** All samplers, by name. */
export const samplers: Samplers = Object.assign(
  {},
  ...Object.values(specifications).map((each) => each.samplers),
);
