// Reductions: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import {
  type Array64,
  addAt,
  array64,
  fold,
  type Reference,
  ravel,
  sizeOf64,
  unravel,
} from '../../support/array64.ts';
import {
  distinct,
  type Maker,
  named,
  normal,
  type OpCase,
  type Shape,
  signed,
} from '../../support/op-inputs.ts';
import { type Bound, drawFlags, drawShape, product, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

function folds(maker: Maker, termsMatter: boolean): OpCase[] {
  const over = (shape: Shape, axis: number, count: number, order: 0 | 1 | 2): OpCase => ({
    label: `${named([shape])} axis ${axis}${count > 1 ? `–${axis + count - 1}` : ''}`,
    inputs: [maker(shape)],
    attrs: { axis, count },
    order,
    terms: termsMatter ? sizeOf64(shape.slice(axis, axis + count)) : 1,
  });
  return [
    over([1], 0, 1, 2),
    over([3, 4, 5], 0, 1, 2),
    over([3, 4, 5], 1, 1, 2),
    over([3, 4, 5], 2, 1, 2),
    over([2, 3, 2, 5], 1, 2, 2),
    over([2, 3, 5], 0, 3, 2),
    over([2, 37, 3], 1, 1, 2), // a workgroup per result
    over([211], 0, 1, 1),
    over([3, 61, 701], 1, 1, 0), // a thread per result, 4-way unrolled with a rest
    over([2, 8192], 1, 1, 0),
    over([8193], 0, 1, 0), // two steps
    over([2, 16411, 3], 1, 1, 0),
    over([100003], 0, 1, 0),
  ];
}

const small: Shape = [2, 3, 5];

const rooted = ({ shape, data }: Array64): Array64 => array64(shape, data.map(Math.sqrt));
const squares = fold(0, (total, v) => total + v * v);

/** Σ (x − mean)²/(n − c) over axes, which keep size 1. */
const variance64: Reference = ([x], { axes, correction }) => {
  const shape = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const [mean, y] = [array64(shape), array64(shape)];
  const n = x.data.length / y.data.length;
  const at = Array.from(x.data, (_, i) => ravel(unravel(i, x.shape), shape));
  x.data.forEach((v, i) => {
    mean.data[at[i]] += v / n;
  });
  x.data.forEach((v, i) => {
    y.data[at[i]] += (v - mean.data[at[i]]) ** 2 / (n - correction);
  });
  return y;
};

const spreads = (apply: typeof e.variance): OpCase[] =>
  ([[0], [1, 2], [0, 2], [0, 1, 2]] as const).flatMap((axes) =>
    [0, 1].map((correction) => ({
      label: `${named([small])} over ${axes}, correction ${correction}`,
      inputs: [distinct(small)],
      attrs: { axes, correction },
      terms: 30,
      run: ([x]: e.Tensor[]) => apply(x, axes, { correction, keepDims: true }),
    })),
  );

const ops = {
  sum: { reference: fold(0, (total, v) => total + v), cases: folds(normal, true) },
  max: { reference: fold(-Infinity, Math.max), cases: folds(distinct, false) },
  min: { reference: fold(Infinity, Math.min), cases: folds(distinct, false) },
  mean: {
    reference: ([x], { axes }) => {
      const y = array64(x.shape.filter((_, axis) => !axes.includes(axis)));
      for (let i = 0; i < x.data.length; i++) {
        const index = unravel(i, x.shape).filter((_, axis) => !axes.includes(axis));
        addAt(y, index, (x.data[i] * y.data.length) / x.data.length);
      }
      return y;
    },
    cases: ([[0], [1, 2], [0, 2], [0, 1, 2]] as const).map((axes) => ({
      label: `${named([small])} over ${axes}`,
      inputs: [normal(small)],
      attrs: { axes },
      terms: 30,
      run: ([x]) => e.mean(x, axes),
    })),
  },
  norm: {
    reference: ([x], attrs) => rooted(squares([x], attrs)),
    cases: folds(signed, true),
  },
  variance: { reference: variance64, cases: spreads(e.variance) },
  std: {
    reference: ([x], attrs) => rooted(variance64([x], attrs)),
    cases: spreads(e.std),
  },
  sumTo: {
    reference: ([x], { to }) => {
      const y = array64(to);
      for (let i = 0; i < x.data.length; i++) addAt(y, unravel(i, x.shape), x.data[i]);
      return y;
    },
    cases: ([[2, 3, 5], [3, 5], [2, 1, 5], [1], []] as const).map((to) => ({
      label: `${named([small])} to ${named([to])}`,
      inputs: [normal(small)],
      attrs: { to },
      terms: 30,
      run: ([x]) => e.sumTo(x, to),
    })),
  },
} satisfies Record<string, OpSpecification>;

const bound: Bound = {
  factor: 1,
  terms: 'elements folded into one',
  why: 'one sum; a maximum is exact, and so is its gradient without ties; slopes of x/‖x‖ at 0.4 reach 2.5',
};

type Reduction = {
  readonly shape: Shape;
  readonly folded: readonly number[];
  readonly keepDims: number;
};

const FUNCTIONS = { sum: e.sum, mean: e.mean, max: e.max, min: e.min, norm: e.norm } as const;

const reduction = (op: keyof typeof FUNCTIONS): Sampler<Reduction> => ({
  bound,
  least: { folded: 0, keepDims: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    return { shape, folded: drawFlags(random, shape), keepDims: random.int(2) };
  },
  problem: ({ shape, folded, keepDims }) => {
    const axes = shape.flatMap((_, axis) => (folded[axis] ? [axis] : []));
    const extreme = op === 'max' || op === 'min';
    return {
      inputs: [extreme ? distinct(shape) : op === 'norm' ? signed(shape) : normal(shape)],
      run: ([x]) => FUNCTIONS[op](x, axes, { keepDims: keepDims === 1 }),
      reference: ([x]) => overAxes(op, x, axes, keepDims === 1),
      terms: product(axes.map((axis) => shape[axis])),
      quadratic: !extreme && op !== 'norm',
    };
  },
});

const SPREADS = { variance: e.variance, std: e.std } as const;

/** Spreads over any axes: at least two values each, which lie 0.05 apart. */
const spread = (
  op: keyof typeof SPREADS,
  why: string,
): Sampler<Reduction & { readonly correction: number }> => ({
  bound: { factor: 4, terms: 'values of a spread', why },
  least: { folded: 0, keepDims: 0, correction: 0 },
  draw: (random) => ({ ...reduction('sum').draw(random), correction: random.int(2) }),
  problem: ({ shape, folded, keepDims, correction }) => {
    const axes = shape.flatMap((_, axis) => (folded[axis] ? [axis] : []));
    const n = product(axes.map((axis) => shape[axis]));
    if (n < 2) return undefined;
    return {
      inputs: [distinct(shape)],
      run: ([x]) => SPREADS[op](x, axes, { correction, keepDims: keepDims === 1 }),
      reference: ([x]) => {
        const { data } = ops[op].reference([x], { axes, correction });
        return array64(keptShape(shape, axes, keepDims === 1), data);
      },
      terms: n,
      quadratic: op === 'variance',
    };
  },
});

/** The shape that a reduction leaves. */
export const keptShape = (shape: Shape, axes: readonly number[], keepDims: boolean): number[] =>
  shape.flatMap((n, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [n]));

/** Any axes at once, as the public functions have it. */
export function overAxes(
  op: keyof typeof FUNCTIONS,
  x: Array64,
  axes: readonly number[],
  keepDims: boolean,
): Array64 {
  const y =
    op === 'mean'
      ? ops.mean.reference([x], { axes })
      : axes.reduce((each, axis) => ops[op].reference([each], { axis, count: 1 }), x);
  return array64(keptShape(x.shape, axes, keepDims), y.data);
}

export const specification: Specification = {
  ops,
  samplers: {
    sum: reduction('sum'),
    mean: reduction('mean'),
    max: reduction('max'),
    min: reduction('min'),
    norm: reduction('norm'),
    variance: spread('variance', 'two sums, one of them within the other'),
    std: spread('std', 'two sums and a root; two values 0.05 apart have slopes of 1/0.035'),
  },
};
