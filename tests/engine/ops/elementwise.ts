// Arithmetic of single numbers and of pairs: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import { array64, broadcasting, unary } from '../../support/array64.ts';
import {
  apart,
  distinct,
  list,
  type Maker,
  nonzero,
  normal,
  type OpCase,
  plain,
  positive,
  ramp,
  type Shape,
  withAttrs,
} from '../../support/op-inputs.ts';
import {
  drawFlags,
  drawShape,
  manyRows,
  moving,
  pick,
  product,
  type Sampler,
} from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

const IDENTITY = { a: 1, b: 0 };
const single = (maker: Maker, ...more: OpCase[]): OpCase[] => [
  ...plain([maker], [[1]], [[127]], [[2, 3, 5]]).map((c) => ({ ...c, attrs: IDENTITY })),
  ...more,
];
/** Values of very different size, forward only. */
const extremes = (...values: number[]): OpCase => ({
  label: `extremes ${values.join(' ')}`,
  inputs: [list(...values)],
  attrs: IDENTITY,
  order: 0,
  relative: true,
});

type Pairs = readonly (readonly [Shape, Shape])[];
/** Kernels of all pairs share their index arithmetic, which `add` goes through in full. */
// biome-ignore format: a pair per line
const PAIRS: Pairs = [
  [[1], [1]],
  [[2, 3, 5], [2, 3, 5]],
  [[2, 3, 4, 5], [1, 3, 1, 1]],
  [[7, 1], [1, 11]],
  [[3, 1], [2, 3, 67]],
];
// biome-ignore format: a pair per line
const MORE_PAIRS: Pairs = [
  [[1, 3, 1, 5], [2, 1, 4, 1]],
  [[5], [3, 2, 5]],
  [[2, 3, 2], []],
  [[2, 1, 3, 1, 2, 1], [1, 2, 1, 2, 1, 2]],
  [[3, 1, 1100], [1, 2, 1100]],
  [[2, 49, 1], [2, 1, 50]],
  [[], [2053]],
];
const pairs = (a: Maker, b: Maker, shapes = PAIRS): OpCase[] => plain([a, b], ...shapes);

const condition: Maker = (shape) => ({
  shape,
  values: (random, size) => Float32Array.from({ length: size }, () => random.int(2)),
});

const ops = {
  scaleShift: {
    reference: unary((v, { a, b }) => a * v + b),
    cases: [
      ...withAttrs({ a: -1.5, b: 0.25 }, plain([normal], [[1]], [[127]], [[2, 3, 5]])),
      {
        label: 'four million elements',
        inputs: [ramp([65535 * 64 + 65])],
        attrs: { a: 2, b: 1 },
        order: 0,
      },
    ],
  },
  neg: {
    reference: unary((v) => -v),
    cases: plain([normal], [[2, 3]]).map((c) => ({ ...c, run: ([x]) => e.neg(x) })),
  },
  exp: { reference: unary(Math.exp), cases: single(normal, extremes(-80, -1e-6, 0, 1e-6, 80)) },
  log: {
    reference: unary(Math.log),
    cases: single(positive, extremes(1e-30, 1e-3, 3, 1e30), {
      label: 'near 1, where WGSL promises 2⁻²¹ absolute',
      inputs: [list(0.5, 0.999, 1, 1.001, 2)],
      attrs: IDENTITY,
      order: 0,
    }),
  },
  sqrt: { reference: unary(Math.sqrt), cases: single(positive, extremes(0, 1e-30, 1e30)) },
  reciprocal: {
    reference: unary((v) => 1 / v),
    cases: single(nonzero, extremes(-1e-30, 1e-30, 1e30)),
  },
  square: { reference: unary((v) => v * v), cases: single(normal) },
  abs: { reference: unary(Math.abs), cases: single(nonzero, extremes(-1e30, 0, 1e-30)) },
  sign: { reference: unary(Math.sign), cases: single(nonzero, extremes(-1e-30, 0, 1e-30)) },
  step: {
    reference: unary((v) => (v > 0 ? 1 : 0)),
    cases: single(nonzero, extremes(-1e-30, 0, 1e-30)),
  },
  relu: {
    reference: unary((v) => Math.max(v, 0)),
    cases: single(nonzero, extremes(-1e30, 0, 1e-30, 1e30)),
  },
  sigmoid: {
    reference: unary((v) => 1 / (1 + Math.exp(-v))),
    cases: single(normal, extremes(-60, -1, 0, 1, 100)),
  },
  tanh: {
    reference: unary(Math.tanh),
    cases: single(normal, extremes(-1e30, -100, -3, 0, 3, 100, 1e30)),
  },

  add: {
    reference: broadcasting((u, v) => u + v),
    cases: pairs(normal, normal, [...PAIRS, ...MORE_PAIRS]),
  },
  accumulate: {
    reference: broadcasting((u, v) => u + v),
    cases: pairs(normal, normal, PAIRS.slice(0, 2)),
  },
  addRelu: {
    reference: broadcasting((u, v) => Math.max(u + v, 0)),
    cases: pairs(distinct, apart(0.0125)),
  },
  sub: { reference: broadcasting((u, v) => u - v), cases: pairs(normal, normal) },
  mul: { reference: broadcasting((u, v) => u * v), cases: pairs(normal, normal) },
  div: { reference: broadcasting((u, v) => u / v), cases: pairs(normal, nonzero) },
  maximum: { reference: broadcasting(Math.max), cases: pairs(distinct, apart(0.025)) },
  minimum: { reference: broadcasting(Math.min), cases: pairs(distinct, apart(0.025)) },
  greater: {
    reference: broadcasting((u, v) => (u > v ? 1 : 0)),
    cases: pairs(distinct, apart(0.025)),
  },
  equal: {
    reference: broadcasting((u, v) => (u === v ? 1 : 0)),
    cases: [
      ...pairs(distinct, apart(0.025)),
      { label: 'equal ones', inputs: [list(1, 2, 3, -0), list(1, 3, 3, 0)], order: 0 },
    ],
  },
  reluInputGrad: {
    reference: broadcasting((dy, x) => (x > 0 ? dy : 0)),
    cases: pairs(normal, nonzero),
  },
  where: {
    reference: broadcasting((c, u, v) => (c === 1 ? u : v)),
    cases: plain(
      [condition, normal, normal],
      [[7], [7], [7]],
      [
        [2, 3, 1],
        [3, 5],
        [2, 1, 5],
      ],
      [[5], [], [2, 1]],
    ).map((c) => ({ ...c, constants: [0], run: ([when, a, b]) => e.where(when, a, b) })),
  },
} satisfies Record<string, OpSpecification>;

const UNARY = {
  exp: { run: e.exp, maker: normal },
  log: { run: e.log, maker: positive },
  sqrt: { run: e.sqrt, maker: positive },
  reciprocal: { run: e.reciprocal, maker: positive },
  square: { run: e.square, maker: normal },
  abs: { run: e.abs, maker: nonzero },
  relu: { run: e.relu, maker: nonzero },
  sigmoid: { run: e.sigmoid, maker: normal },
  tanh: { run: e.tanh, maker: normal },
} as const;

type Unary = { readonly op: keyof typeof UNARY; readonly shape: Shape };

const unarySampler: Sampler<Unary> = {
  bound: {
    factor: 4,
    terms: '1',
    why: 'exp and log are 3 + 2|x| units off; slopes of 1/x, √x and ln x at 0.4 reach 2/0.4³ = 31',
  },
  draw: (random) => ({
    op: pick(random, Object.keys(UNARY) as Unary['op'][]),
    shape: drawShape(random),
  }),
  problem: ({ op, shape }) => ({
    inputs: [UNARY[op].maker(shape)],
    run: ([x]) => UNARY[op].run(x),
    reference: (arrays) => ops[op].reference(arrays, {}),
    terms: 1,
  }),
};

const BINARY = {
  add: { run: e.add, makers: [normal, normal] },
  addRelu: { run: e.addRelu, makers: [distinct, apart(0.0125)] },
  sub: { run: e.sub, makers: [normal, normal] },
  mul: { run: e.mul, makers: [normal, normal] },
  div: { run: e.div, makers: [normal, positive] },
  maximum: { run: e.maximum, makers: [distinct, apart(0.025)] },
  minimum: { run: e.minimum, makers: [distinct, apart(0.025)] },
} as const;

type Binary = {
  readonly op: keyof typeof BINARY;
  readonly shape: Shape;
  /** Which axes each input has; of the others it has 1, or none at the front with `drop`. */
  readonly inA: readonly number[];
  readonly inB: readonly number[];
  readonly dropA: number;
  readonly dropB: number;
};

/** `shape` with 1 where the flag is 0, and without leading ones if `drop`. */
function thinned(shape: Shape, flags: readonly number[], drop = 0): number[] {
  const thin = shape.map((n, axis) => (flags[axis] ? n : 1));
  const first = flags.findIndex((flag) => flag > 0);
  return drop ? thin.slice(first < 0 ? shape.length : first) : thin;
}

/** The most elements that one element of a thinned input meets. */
const met = (shape: Shape, ...inputs: (readonly number[])[]): number =>
  Math.max(...inputs.map((flags) => product(shape.filter((_, axis) => !flags[axis]))));

const binarySampler: Sampler<Binary> = {
  bound: {
    factor: 2,
    terms: 'elements that one broadcast value meets',
    why: 'a gradient sums over broadcast axes; slopes of a/b at b = 0.4 reach 2/0.4³ = 31',
  },
  least: { inA: 0, inB: 0, dropA: 0, dropB: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    const op = pick(random, Object.keys(BINARY) as Binary['op'][]);
    const [inA, inB] = [drawFlags(random, shape), drawFlags(random, shape)];
    return { op, shape, inA, inB, dropA: random.int(2), dropB: random.int(2) };
  },
  problem: ({ op, shape, inA, inB, dropA, dropB }) => {
    const shapes = [thinned(shape, inA, dropA), thinned(shape, inB, dropB)];
    return {
      inputs: shapes.map((each, i) => BINARY[op].makers[i](each)),
      run: ([a, b]) => BINARY[op].run(a, b),
      reference: (arrays) => ops[op].reference(arrays, {}),
      terms: met(shape, inA, inB),
      quadratic: op === 'add' || op === 'sub' || op === 'mul',
    };
  },
};

type Choice = { readonly shape: Shape } & Readonly<
  // Which axes the condition and the two choices have; of the others they have 1.
  Record<'inCondition' | 'inA' | 'inB', readonly number[]>
>;

const where: Sampler<Choice> = {
  bound: moving,
  least: { inCondition: 0, inA: 0, inB: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    const [inCondition, inA, inB] = Array.from({ length: 3 }, () => drawFlags(random, shape));
    return { shape, inCondition, inA, inB };
  },
  problem: ({ shape, inCondition, inA, inB }) => {
    const [c, a, b] = [inCondition, inA, inB].map((flags) => thinned(shape, flags));
    return {
      inputs: [condition(c), normal(a), normal(b)],
      run: ([when, first, second]) => e.where(when, first, second),
      reference: (arrays) => ops.where.reference(arrays, {}),
      terms: met(shape, inA, inB),
      quadratic: true,
      constants: [0],
    };
  },
};

/** Rows of at least 48, which broadcasting gives a workgroup each. */
const addRows = manyRows([48, 49], ({ rows, length }) => ({
  inputs: [normal([rows, length]), normal([length])],
  run: ([a, b]) => e.add(a, b),
  reference: ([a, b]) =>
    array64(
      a.shape,
      a.data.map((v, i) => v + b.data[i % length]),
    ),
  terms: 1,
}));

export const specification: Specification = {
  ops,
  samplers: { unary: unarySampler, binary: binarySampler, where, 'edge:add': addRows },
};
