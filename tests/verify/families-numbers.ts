// Random arrays of single numbers: activations, a choice between two by a third, dropout.

import * as e from '../../engine/index.ts';
import {
  distinct,
  type Input,
  type Maker,
  nonzero,
  normal,
  positive,
  type Shape,
} from '../support/op-inputs.ts';
import { references } from '../support/reference.ts';
import {
  drawFlags,
  drawShape,
  type Families,
  type Family,
  pick,
  product,
} from './configuration.ts';

interface Activation {
  readonly op: string;
  readonly maker: Maker;
  readonly run: (x: e.Tensor) => e.Tensor;
  /** Those of the registered op. */
  readonly attrs?: object;
}

const power = (maker: Maker, a: number): Activation => ({
  op: 'pow',
  maker,
  run: (x) => e.pow(x, a),
  attrs: { a },
});

const ACTIVATIONS = {
  erf: { op: 'erf', maker: normal, run: e.erf },
  gelu: { op: 'gelu', maker: normal, run: (x) => e.gelu(x) },
  'gelu by tanh': { op: 'geluTanh', maker: normal, run: (x) => e.gelu(x, { approximate: 'tanh' }) },
  silu: { op: 'silu', maker: normal, run: e.silu },
  softplus: { op: 'softplus', maker: normal, run: e.softplus },
  leakyRelu: {
    op: 'leakyRelu',
    maker: nonzero,
    run: (x) => e.leakyRelu(x, 0.2),
    attrs: { a: 0.2 },
  },
  clamp: {
    op: 'clamp',
    maker: distinct,
    run: (x) => e.clamp(x, -0.3, 0.4),
    attrs: { a: -0.3, b: 0.4 },
  },
  'x^2': power(normal, 2),
  'x^3': power(nonzero, 3),
  'x^-1': power(positive, -1),
  'x^0.5': power(positive, 0.5),
  'x^2.5': power(positive, 2.5),
} as const satisfies Record<string, Activation>;

type Name = keyof typeof ACTIVATIONS;

const activation: Family<{ readonly name: Name; readonly shape: Shape }> = {
  draw: (random) => ({
    name: pick(random, Object.keys(ACTIVATIONS) as Name[]),
    shape: drawShape(random),
  }),
  problem: ({ name, shape }) => {
    const { op, maker, run, attrs = {} }: Activation = ACTIVATIONS[name];
    return {
      inputs: [maker(shape)],
      run: ([x]) => run(x),
      reference: (arrays) => references[op](arrays, attrs),
      terms: 1,
    };
  },
};

type Choice = {
  readonly shape: Shape;
  /** Which axes the condition and the two choices have; of the others they have 1. */
  readonly inCondition: readonly number[];
  readonly inA: readonly number[];
  readonly inB: readonly number[];
};

const condition: Maker = (shape) => ({
  shape,
  values: (random, size) => Float32Array.from({ length: size }, () => random.int(2)),
});

const where: Family<Choice> = {
  least: { inCondition: 0, inA: 0, inB: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    const [inCondition, inA, inB] = Array.from({ length: 3 }, () => drawFlags(random, shape));
    return { shape, inCondition, inA, inB };
  },
  problem: ({ shape, inCondition, inA, inB }) => {
    const thin = (flags: readonly number[]) => shape.map((n, axis) => (flags[axis] ? n : 1));
    const met = [inA, inB].map((flags) => product(shape.filter((_, axis) => !flags[axis])));
    return {
      inputs: [condition(thin(inCondition)), normal(thin(inA)), normal(thin(inB))],
      run: ([when, a, b]) => e.where(when, a, b),
      reference: (arrays) => references.where(arrays, {}),
      terms: Math.max(...met),
      quadratic: true,
      constants: [0],
    };
  },
};

type Dropout = { readonly shape: Shape; readonly percent: number; readonly site: number };

/** Any words: the reference draws the same mask on the host. */
const words: Input = {
  shape: [4],
  dtype: 'u32',
  values: (random) => Uint32Array.from({ length: 4 }, () => random.uint32()),
};

const dropout: Family<Dropout> = {
  least: { percent: 0, site: 0 },
  draw: (random) => ({
    shape: drawShape(random),
    percent: pick(random, [0, 1, 10, 30, 50, 90]),
    site: pick(random, [0, 1, 7, 2 ** 32 - 1]),
  }),
  problem: ({ shape, percent, site }) => ({
    inputs: [normal(shape), words],
    run: ([x, state]) => e.dropout(x, percent / 100, { state, site }),
    reference: (arrays) => references.dropout(arrays, { rate: percent / 100, site }),
    terms: 1,
    quadratic: true,
  }),
};

export const numberFamilies: Families = { activation, where, dropout };
