// Every family of random configurations, and here those over arrays of any shape.

import * as e from '../../engine/index.ts';
import {
  apart,
  distinct,
  type Maker,
  nonzero,
  normal,
  positive,
  type Shape,
} from '../support/op-inputs.ts';
import { type Array64, array64, references } from '../support/reference.ts';
import {
  drawFlags,
  drawnContractions,
  drawShape,
  type Families,
  type Family,
  pick,
  product,
} from './configuration.ts';
import { edgeFamilies } from './families-edge.ts';
import { imageFamilies } from './families-images.ts';
import { normFamilies } from './families-norm.ts';
import { numberFamilies } from './families-numbers.ts';
import { rowFamilies } from './families-rows.ts';
import { shapeFamilies } from './families-shape.ts';

type OpName<T extends string> = { readonly op: T };

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
} as const satisfies Record<string, { run: (x: e.Tensor) => e.Tensor; maker: Maker }>;

const unary: Family<OpName<keyof typeof UNARY> & { readonly shape: Shape }> = {
  draw: (random) => ({
    op: pick(random, Object.keys(UNARY) as (keyof typeof UNARY)[]),
    shape: drawShape(random),
  }),
  problem: ({ op, shape }) => ({
    inputs: [UNARY[op].maker(shape)],
    run: ([x]) => UNARY[op].run(x),
    reference: (arrays) => references[op](arrays, {}),
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
} as const satisfies Record<
  string,
  { run: (a: e.Tensor, b: e.Tensor) => e.Tensor; makers: readonly [Maker, Maker] }
>;

type Binary = OpName<keyof typeof BINARY> & {
  readonly shape: Shape;
  /** Which axes each input has; of the others it has 1, or none at the front with `drop`. */
  readonly inA: readonly number[];
  readonly inB: readonly number[];
  readonly dropA: number;
  readonly dropB: number;
};

/** `shape` with 1 where the flag is 0, and without leading ones if `drop`. */
export function thinned(shape: Shape, flags: readonly number[], drop: number): number[] {
  const thin = shape.map((n, axis) => (flags[axis] ? n : 1));
  const first = flags.findIndex((flag) => flag > 0);
  return drop ? thin.slice(first < 0 ? shape.length : first) : thin;
}

const binary: Family<Binary> = {
  least: { inA: 0, inB: 0, dropA: 0, dropB: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    return {
      op: pick(random, Object.keys(BINARY) as (keyof typeof BINARY)[]),
      shape,
      inA: drawFlags(random, shape),
      inB: drawFlags(random, shape),
      dropA: random.int(2),
      dropB: random.int(2),
    };
  },
  problem: ({ op, shape, inA, inB, dropA, dropB }) => {
    const shapes = [thinned(shape, inA, dropA), thinned(shape, inB, dropB)];
    const met = [inA, inB].map((flags) => product(shape.filter((_, axis) => !flags[axis])));
    return {
      inputs: shapes.map((each, i) => BINARY[op].makers[i](each)),
      run: ([a, b]) => BINARY[op].run(a, b),
      reference: (arrays) => references[op](arrays, {}),
      terms: Math.max(...met),
      quadratic: op === 'add' || op === 'sub' || op === 'mul',
    };
  },
};

type Reduction = {
  readonly shape: Shape;
  readonly folded: readonly number[];
  readonly keepDims: number;
};

const REDUCTIONS = { sum: e.sum, mean: e.mean, max: e.max, min: e.min } as const;

const reduction = (op: keyof typeof REDUCTIONS): Family<Reduction> => ({
  least: { folded: 0, keepDims: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    return { shape, folded: drawFlags(random, shape), keepDims: random.int(2) };
  },
  problem: ({ shape, folded, keepDims }) => {
    const axes = shape.flatMap((_, axis) => (folded[axis] ? [axis] : []));
    const terms = product(axes.map((axis) => shape[axis]));
    const extreme = op === 'max' || op === 'min';
    return {
      inputs: [extreme ? distinct(shape) : normal(shape)],
      run: ([x]) => REDUCTIONS[op](x, axes, { keepDims: keepDims === 1 }),
      reference: ([x]) => folds(x, axes, op, keepDims === 1),
      terms,
      quadratic: !extreme,
    };
  },
});

function folds(x: Array64, axes: readonly number[], op: string, keepDims: boolean): Array64 {
  const fold = references[op === 'mean' ? 'sum' : op];
  const y = axes.reduce((each, axis) => fold([each], { axis, count: 1 }), x);
  const count = op === 'mean' ? x.data.length / y.data.length : 1;
  const shape = keepDims ? y.shape : x.shape.filter((_, axis) => !axes.includes(axis));
  return array64(
    shape,
    y.data.map((v) => v / count),
  );
}

type Product = Readonly<
  Record<'m' | 'k' | 'n' | 'transposeA' | 'transposeB', number> & Record<'contraction', string>
>;

const matmul: Family<Product> = {
  least: { transposeA: 0, transposeB: 0 },
  draw: (random) => {
    const [m, k, n] = Array.from({ length: 3 }, () =>
      pick(random, [1, 2, 3, 4, 5, 7, 8, 13, 17, 31]),
    );
    const [transposeA, transposeB] = drawFlags(random, [m, k, n]);
    return { m, k, n, transposeA, transposeB, contraction: pick(random, drawnContractions) };
  },
  problem: ({ m, k, n, contraction, ...flags }) => {
    const options = { transposeA: flags.transposeA === 1, transposeB: flags.transposeB === 1 };
    return {
      inputs: [
        normal(options.transposeA ? [k, m] : [m, k]),
        normal(options.transposeB ? [n, k] : [k, n]),
      ],
      run: ([a, b]) => e.matmul(a, b, options),
      reference: (arrays) => references.matmul(arrays, options),
      terms: Math.max(m, k, n),
      quadratic: true,
      strategies: [contraction],
    };
  },
};

export const families: Families = {
  ...imageFamilies,
  ...normFamilies,
  sum: reduction('sum'),
  mean: reduction('mean'),
  max: reduction('max'),
  min: reduction('min'),
  unary,
  binary,
  ...numberFamilies,
  matmul,
  ...rowFamilies,
  ...shapeFamilies,
  ...edgeFamilies,
};
