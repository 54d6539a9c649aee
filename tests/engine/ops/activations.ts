// Activations: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import { unary } from '../../support/array64.ts';
import {
  distinct,
  list,
  type Maker,
  nonzero,
  normal,
  type OpCase,
  plain,
  positive,
  type Shape,
  withAttrs,
} from '../../support/op-inputs.ts';
import { drawShape, pick, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

/** A series of positive terms, so that nothing cancels: 2/√π·e^(−x²)·Σ 2ⁿ·x^(2n+1)/(2n+1)‼. */
function erf64(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, total] = [x, 0];
  for (let n = 1; Math.abs(term) > 1e-20 * Math.abs(total); n++) {
    total += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

export const softplus64 = (v: number): number =>
  Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));

const SHAPES: readonly (readonly Shape[])[] = [[[1]], [[127]], [[2, 3, 5]]];

/** From −6 to 6, at least 0.1 from −3 and 3. */
const acrossKinks: Maker = (shape) => ({
  shape,
  values: (random, size) =>
    Float32Array.from({ length: size }, () => {
      const v = 12 * random.uniform() - 6;
      return Math.abs(Math.abs(v) - 3) < 0.1 ? v / 2 : v;
    }),
});

/** Values that no slope is taken at. */
const forward = (attrs: object, relative: boolean, ...values: number[]): OpCase => ({
  label: `at ${values.join(' ')}`,
  inputs: [list(...values)],
  attrs: { a: 1, b: 0, ...attrs },
  order: 0,
  relative,
});

const numbers = (make: Maker, attrs: object, ...more: OpCase[]): OpCase[] => [
  ...withAttrs({ a: 1, b: 0, ...attrs }, plain([make], ...SHAPES)).map((c) => ({
    ...c,
    label: `${c.label} ${JSON.stringify(attrs)}`,
  })),
  ...more,
];

const ops = {
  erf: {
    reference: unary(erf64),
    cases: numbers(
      normal,
      {},
      forward(
        {},
        true,
        ...[-1e30, -4, -1, -1e-3, -1e-20, 0, 1e-6, 0.3, 0.999, 1.001, 2, 3.9, 4.1, 1e30],
      ),
    ),
  },
  gelu: {
    reference: unary((v) => (v / 2) * (1 + erf64(v / Math.SQRT2))),
    cases: numbers(normal, {}, forward({}, false, -1e30, -10, -3, -1e-20, 0, 1e-6, 3, 10)),
  },
  geluTanh: {
    reference: unary(
      (v) => (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
    ),
    cases: numbers(normal, {}, forward({}, false, -1e6, -10, -3, -1e-20, 0, 1e-6, 3, 10)),
  },
  silu: {
    reference: unary((v) => v / (1 + Math.exp(-v))),
    cases: numbers(normal, {}, forward({}, true, -60, -1, -1e-20, 0, 1e-6, 100, 1e30)),
  },
  softplus: {
    reference: unary(softplus64),
    cases: numbers(normal, {}, forward({}, true, -80, -20, -5, -1e-6, 0, 1e-6, 5, 20, 100, 1e30)),
  },
  leakyRelu: {
    reference: unary((v, { a }) => (v > 0 ? v : a * v)),
    cases: numbers(nonzero, { a: 0.2 }, forward({ a: 0.01 }, true, -1e30, 0, 1e-20, 1e30)),
  },
  clamp: {
    reference: unary((v, { a, b }) => Math.min(Math.max(v, a), b)),
    cases: numbers(
      distinct,
      { a: -0.3, b: 0.4 },
      ...withAttrs({ a: 0.1, b: Number.POSITIVE_INFINITY }, plain([distinct], [[17]])),
      forward({ a: -1, b: 2 }, true, -1e30, -1, 0, 2, 1e30),
    ),
  },
  within: {
    reference: unary((v, { a, b }) => (v >= a && v <= b ? 1 : 0)),
    cases: numbers(
      distinct,
      { a: -0.3, b: 0.4 },
      forward({ a: -1, b: 2 }, true, -1.01, -1, 2, 2.01),
    ),
  },
  hardsigmoid: {
    reference: unary((v) => Math.min(Math.max(v / 6 + 0.5, 0), 1)),
    cases: numbers(acrossKinks, {}, forward({}, false, -1e30, -3.01, -3, 0, 1e-6, 3, 3.01, 1e30)),
  },
  hardswish: {
    reference: unary((v) => v * Math.min(Math.max(v / 6 + 0.5, 0), 1)),
    cases: numbers(acrossKinks, {}, forward({}, false, -1e6, -3.01, -3, 0, 1e-6, 3, 3.01, 1e6)),
  },
  hardswishSlope: {
    reference: unary((v) => (v < -3 ? 0 : v > 3 ? 1 : v / 3 + 0.5)),
    cases: numbers(acrossKinks, {}, forward({}, false, -1e30, -3.01, -3, 0, 3, 3.01, 1e30)),
  },
  pow: {
    reference: unary((v, { a }) => v ** a),
    cases: [
      ...[0, 1, 2, 3, -1, -2].flatMap((a) => numbers(nonzero, { a }).slice(1)),
      ...[0.5, 1.5, -0.7].flatMap((a) => numbers(positive, { a }).slice(1)),
      forward({ a: 0 }, true, -2, 0, 3),
      forward({ a: 7 }, true, -2, 0, 1e-3, 3),
      forward({ a: -3 }, true, -2, 1e-3, 3),
      forward({ a: 2.5 }, true, 0, 1e-3, 3, 100),
    ],
  },
} satisfies Record<string, OpSpecification>;

interface Drawn {
  readonly op: keyof typeof ops;
  readonly maker: Maker;
  readonly run: (x: e.Tensor) => e.Tensor;
  /** Those of the registered op. */
  readonly attrs?: object;
}

const power = (maker: Maker, a: number): Drawn => ({
  op: 'pow',
  maker,
  run: (x) => e.pow(x, a),
  attrs: { a },
});

const DRAWN = {
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
  hardsigmoid: { op: 'hardsigmoid', maker: acrossKinks, run: e.hardsigmoid },
  hardswish: { op: 'hardswish', maker: acrossKinks, run: e.hardswish },
  'x^2': power(normal, 2),
  'x^3': power(nonzero, 3),
  'x^-1': power(positive, -1),
  'x^0.5': power(positive, 0.5),
  'x^2.5': power(positive, 2.5),
} as const satisfies Record<string, Drawn>;

type Name = keyof typeof DRAWN;

const activation: Sampler<{ readonly name: Name; readonly shape: Shape }> = {
  bound: {
    factor: 4,
    terms: '1',
    why: 'as of unary; erf is 2 units off, exp and pow some more, and each order multiplies them',
  },
  draw: (random) => ({
    name: pick(random, Object.keys(DRAWN) as Name[]),
    shape: drawShape(random),
  }),
  problem: ({ name, shape }) => {
    const { op, maker, run, attrs = {} }: Drawn = DRAWN[name];
    return {
      inputs: [maker(shape)],
      run: ([x]) => run(x),
      reference: (arrays) => ops[op].reference(arrays, attrs),
      terms: 1,
    };
  },
};

export const specification: Specification = { ops, samplers: { activation } };
