// Cases of the ops on single numbers beyond arithmetic, and of those that pick or drop numbers by their place.

import {
  distinct,
  given,
  type Input,
  labels,
  list,
  nonzero,
  normal,
  type OpCase,
  plain,
  positive,
  type Shape,
  withAttrs,
} from './op-inputs.ts';

type Cases = Readonly<Record<string, readonly OpCase[]>>;

const SHAPES: readonly (readonly Shape[])[] = [[[1]], [[127]], [[2, 3, 5]]];

/** Values that no slope is taken at. */
const forward = (attrs: object, relative: boolean, ...values: number[]): OpCase => ({
  label: `at ${values.join(' ')}`,
  inputs: [list(...values)],
  attrs: { a: 1, b: 0, ...attrs },
  order: 0,
  relative,
});

const numbers = (make: (shape: Shape) => Input, attrs: object, ...more: OpCase[]): OpCase[] => [
  ...withAttrs({ a: 1, b: 0, ...attrs }, plain([make], ...SHAPES)).map((c) => ({
    ...c,
    label: `${c.label} ${JSON.stringify(attrs)}`,
  })),
  ...more,
];

export const activationCases: Cases = {
  erf: numbers(
    normal,
    {},
    forward({}, true, -1e30, -4, -1, -1e-3, -1e-20, 0, 1e-6, 0.3, 0.999, 1.001, 2, 3.9, 4.1, 1e30),
  ),
  gelu: numbers(normal, {}, forward({}, false, -1e30, -10, -3, -1e-20, 0, 1e-6, 3, 10)),
  geluTanh: numbers(normal, {}, forward({}, false, -1e6, -10, -3, -1e-20, 0, 1e-6, 3, 10)),
  silu: numbers(normal, {}, forward({}, true, -60, -1, -1e-20, 0, 1e-6, 100, 1e30)),
  softplus: numbers(normal, {}, forward({}, true, -80, -20, -5, -1e-6, 0, 1e-6, 5, 20, 100, 1e30)),
  leakyRelu: numbers(nonzero, { a: 0.2 }, forward({ a: 0.01 }, true, -1e30, 0, 1e-20, 1e30)),
  clamp: numbers(
    distinct,
    { a: -0.3, b: 0.4 },
    ...withAttrs({ a: 0.1, b: Number.POSITIVE_INFINITY }, plain([distinct], [[17]])),
    forward({ a: -1, b: 2 }, true, -1e30, -1, 0, 2, 1e30),
  ),
  within: numbers(
    distinct,
    { a: -0.3, b: 0.4 },
    forward({ a: -1, b: 2 }, true, -1.01, -1, 2, 2.01),
  ),
  pow: [
    ...[0, 1, 2, 3, -1, -2].flatMap((a) => numbers(nonzero, { a }).slice(1)),
    ...[0.5, 1.5, -0.7].flatMap((a) => numbers(positive, { a }).slice(1)),
    forward({ a: 0 }, true, -2, 0, 3),
    forward({ a: 7 }, true, -2, 0, 1e-3, 3),
    forward({ a: -3 }, true, -2, 1e-3, 3),
    forward({ a: 2.5 }, true, 0, 1e-3, 3, 100),
  ],
};

export const indexingCases: Cases = {
  gather: [
    { label: '[5, 7]', inputs: [normal([5, 7]), labels(5, 7)] },
    { label: '[67, 3]', inputs: [normal([67, 3]), labels(67, 3)] },
    { label: '[1, 1]', inputs: [normal([1, 1]), labels(1, 1)] },
  ],
  scatter: [
    { label: '[5] to 7', inputs: [normal([5]), labels(5, 7)], attrs: { classes: 7 } },
    { label: '[67] to 3', inputs: [normal([67]), labels(67, 3)], attrs: { classes: 3 } },
    { label: '[1] to 1', inputs: [normal([1]), labels(1, 1)], attrs: { classes: 1 } },
  ],
  topKMask: [
    ...withAttrs({ k: 1 }, plain([distinct], [[1, 1]], [[5, 7]])),
    ...withAttrs({ k: 3 }, plain([distinct], [[5, 7]], [[2, 67]])),
    ...withAttrs({ k: 7 }, plain([distinct], [[2, 7]])),
    { label: 'ties', inputs: [given([2, 4], 1, 1, 1, 0, -0, 0, -1, 0)], attrs: { k: 2 }, order: 0 },
  ],
};

const state = (...words: number[]): Input => ({ shape: [4], dtype: 'u32', values: () => words });

export const dropoutCases: Cases = {
  dropout: (
    [
      [[1], 0.5],
      [[3, 67], 0.3],
      [[2, 3, 5], 0],
      [[1030], 0.9],
    ] as const
  ).map(([shape, rate], site) => ({
    label: `[${shape.join(', ')}] rate ${rate}`,
    inputs: [normal(shape), state(7, 1, 12, 3)],
    attrs: { rate, site },
  })),
};
