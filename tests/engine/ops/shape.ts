// Ops that move values and change none: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import { addAt, array64, at, build, ravel, unravel } from '../../support/array64.ts';
import {
  named,
  normal,
  type OpCase,
  plain,
  type Shape,
  withAttrs,
} from '../../support/op-inputs.ts';
import {
  drawFlags,
  drawShape,
  MOST_WORKGROUPS,
  moving,
  pick,
  product,
  type Sampler,
} from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

const sliced = (attrs: object, shape: Shape): OpCase[] =>
  withAttrs(attrs, plain([normal], [shape])).map((c) => ({
    ...c,
    label: `${c.label} ${JSON.stringify(attrs)}`,
  }));

// biome-ignore format: a case per line
const JOINED: readonly (readonly [axis: number, parts: readonly Shape[]])[] = [
  [0, [[2, 3]]],
  [1, [[2, 3], [2, 1], [2, 4]]],
  [0, [[1, 3, 2], [2, 3, 2]]],
];

const ops = {
  alias: { reference: ([x]) => array64(x.shape, x.data), cases: plain([normal], [[2, 3]]) },
  reshape: {
    reference: ([x], { shape }) => array64(shape, x.data),
    cases: withAttrs({ shape: [5, 6] }, plain([normal], [[2, 3, 5]])),
  },
  flatten: {
    reference: ([x]) => array64([x.shape[0], x.data.length / x.shape[0]], x.data),
    cases: plain([normal], [[2, 3, 5]], [[4]]).map((c) => ({ ...c, run: ([x]) => e.flatten(x) })),
  },
  broadcastTo: {
    reference: ([x], { shape }) => build(shape, (index) => x.data[ravel(index, x.shape)]),
    cases: [
      ...withAttrs({ shape: [2, 3, 4] }, plain([normal], [[1, 3, 1]], [[4]], [[]], [[2, 1, 4]])),
      ...withAttrs({ shape: [2, 3, 2, 1, 2, 3] }, plain([normal], [[3, 1, 1, 2, 1]])),
      ...withAttrs({ shape: [2, 3, 1100] }, plain([normal], [[3, 1]], [[1100]])),
    ],
  },
  permute: {
    reference: ([x], { order }) =>
      build(
        order.map((axis: number) => x.shape[axis]),
        (index) =>
          at(
            x,
            x.shape.map((_, axis) => index[order.indexOf(axis)]),
          ),
      ),
    cases: [
      ...withAttrs({ order: [2, 0, 1] }, plain([normal], [[2, 3, 5]])),
      ...withAttrs({ order: [0, 2, 3, 1] }, plain([normal], [[2, 3, 4, 5]])),
      ...withAttrs({ order: [5, 3, 1, 0, 2, 4] }, plain([normal], [[2, 1, 3, 2, 2, 3]])),
      ...withAttrs({ order: [0] }, plain([normal], [[7]])),
      ...withAttrs({ order: [1, 0] }, plain([normal], [[53, 67]])),
      ...withAttrs({ order: [1, 0, 2] }, plain([normal], [[2, 3, 1031]])),
    ],
  },
  slice: {
    reference: ([x], { start, size, step }) =>
      build(size, (index) =>
        at(
          x,
          index.map((i, axis) => start[axis] + i * step[axis]),
        ),
      ),
    cases: [
      ...sliced({ start: [1, 0, 2], size: [1, 3, 2], step: [1, 1, 1] }, [2, 3, 5]),
      ...sliced({ start: [0], size: [1], step: [1] }, [7]),
      ...sliced({ start: [1, 5], size: [2, 1030], step: [1, 1] }, [3, 1040]),
      ...sliced({ start: [0, 0], size: [3, 4], step: [1, 1] }, [3, 4]),
      ...sliced({ start: [1], size: [3], step: [2] }, [6]),
      ...sliced({ start: [0, 1, 2], size: [2, 3, 2], step: [3, 1, 2] }, [4, 5, 7]),
      ...sliced({ start: [0, 0, 1, 0], size: [2, 1, 2, 3], step: [1, 5, 4, 3] }, [2, 3, 6, 9]),
      ...sliced({ start: [0, 1], size: [2, 515], step: [2, 2] }, [3, 1033]),
    ],
  },
  pad: {
    reference: ([x], { before, after }) => {
      const y = array64(x.shape.map((n, axis) => before[axis] + n + after[axis]));
      for (let i = 0; i < x.data.length; i++) {
        const index = unravel(i, x.shape).map((k, axis) => k + before[axis]);
        addAt(y, index, x.data[i]);
      }
      return y;
    },
    cases: [
      ...withAttrs({ before: [0, 2, 1], after: [1, 0, 3] }, plain([normal], [[2, 3, 2]])),
      ...withAttrs({ before: [0], after: [0] }, plain([normal], [[7]])),
      ...withAttrs({ before: [3], after: [2] }, plain([normal], [[1]])),
      ...withAttrs({ before: [1, 3], after: [0, 2] }, plain([normal], [[2, 1030]])),
    ],
  },
  concat: {
    reference: (parts, { axis }) => {
      const total = parts.reduce((n, { shape }) => n + shape[axis], 0);
      const y = array64(parts[0].shape.with(axis, total));
      let start = 0;
      for (const part of parts) {
        part.data.forEach((v, i) => {
          const index = unravel(i, part.shape);
          addAt(y, index.with(axis, index[axis] + start), v);
        });
        start += part.shape[axis];
      }
      return y;
    },
    cases: JOINED.map(([axis, shapes]) => ({
      label: `${named(shapes)} along ${axis}`,
      inputs: shapes.map(normal),
      attrs: { axis },
      run: (parts) => e.concat(parts, axis),
    })),
  },
} satisfies Record<string, OpSpecification>;

type List = readonly number[];

const permute: Sampler<{ readonly shape: Shape; readonly keys: List }> = {
  bound: moving,
  least: { keys: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    return { shape, keys: [...random.permutation(shape.length)] };
  },
  problem: ({ shape, keys }) => {
    const order = shape.map((_, axis) => axis).sort((a, b) => keys[a] - keys[b] || a - b);
    return {
      inputs: [normal(shape)],
      run: ([x]) => e.permute(x, order),
      reference: (arrays) => ops.permute.reference(arrays, { order }),
      terms: 1,
      quadratic: true,
    };
  },
};

/** `rest`: elements behind the last one that is taken. */
const slice: Sampler<{ readonly size: Shape } & Readonly<Record<'start' | 'step' | 'rest', List>>> =
  {
    bound: moving,
    least: { start: 0, rest: 0 },
    draw: (random) => {
      const size = drawShape(random, 4, 100);
      return {
        size,
        start: size.map(() => random.int(3)),
        step: size.map(() => pick(random, [1, 1, 2, 3])),
        rest: size.map(() => random.int(4)),
      };
    },
    problem: ({ size, start, step, rest }) => ({
      inputs: [normal(size.map((n, axis) => start[axis] + (n - 1) * step[axis] + 1 + rest[axis]))],
      run: ([x]) => e.slice(x, start, size, step),
      reference: (arrays) => ops.slice.reference(arrays, { start, size, step }),
      terms: 1,
      quadratic: true,
    }),
  };

const pad: Sampler<{ readonly shape: Shape; readonly before: List; readonly after: List }> = {
  bound: moving,
  least: { before: 0, after: 0 },
  draw: (random) => {
    const shape = drawShape(random, 4, 100);
    return { shape, before: shape.map(() => random.int(3)), after: shape.map(() => random.int(4)) };
  },
  problem: ({ shape, before, after }) => ({
    inputs: [normal(shape)],
    run: ([x]) => e.pad(x, before, after),
    reference: (arrays) => ops.pad.reference(arrays, { before, after }),
    terms: 1,
    quadratic: true,
  }),
};

const broadcastTo: Sampler<{ readonly shape: Shape; readonly kept: List }> = {
  bound: moving,
  least: { kept: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    return { shape, kept: drawFlags(random, shape) };
  },
  problem: ({ shape, kept }) => ({
    inputs: [normal(shape.map((n, axis) => (kept[axis] ? n : 1)))],
    run: ([x]) => e.broadcastTo(x, shape),
    reference: (arrays) => ops.broadcastTo.reference(arrays, { shape }),
    terms: product(shape.filter((_, axis) => !kept[axis])),
    quadratic: true,
  }),
};

/** `first` to `third`: lengths of the parts along the axis; 0 for no such part. */
const concat: Sampler<
  { readonly shape: Shape } & Readonly<Record<'axis' | 'first' | 'second' | 'third', number>>
> = {
  bound: moving,
  least: { axis: 0, second: 0, third: 0 },
  draw: (random) => {
    const shape = drawShape(random, 4, 60);
    const [first, second, third] = Array.from({ length: 3 }, () => pick(random, [1, 2, 3, 5]));
    return { shape, axis: random.int(shape.length), first, second, third: third - 1 };
  },
  problem: ({ shape, axis, first, second, third }) => {
    if (axis >= shape.length) return;
    const parts = [first, second, third].filter((n) => n > 0);
    return {
      inputs: parts.map((n) => normal(shape.with(axis, n))),
      run: (tensors) => e.concat(tensors, axis),
      reference: (arrays) => ops.concat.reference(arrays, { axis }),
      terms: 1,
      quadratic: true,
    };
  },
};

/** Elements per workgroup of a kernel over independent items: 64 threads of 8. */
const ITEMS = 512;

/** 2²⁵ float32 are the largest binding that WebGPU promises, and 511 more than a row of workgroups takes. */
const manyItems: Sampler<Readonly<Record<'past', number>>> = {
  bound: moving,
  forwardOnly: true,
  least: { past: 0 },
  draw: (random) => ({ past: pick(random, [1, 2, 255, 511]) }),
  problem: ({ past }) => {
    const size = MOST_WORKGROUPS * ITEMS + past;
    const columns = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].find((n) => size % n === 0);
    if (!columns) return;
    return {
      inputs: [normal([columns])],
      run: ([x]) => e.broadcastTo(x, [size / columns, columns]),
      reference: ([x]) => {
        const y = array64([size / columns, columns]);
        for (let i = 0; i < size; i++) y.data[i] = x.data[i % columns];
        return y;
      },
      terms: 1,
    };
  },
};

export const specification: Specification = {
  ops,
  samplers: { permute, slice, pad, broadcastTo, concat, 'edge:broadcastTo': manyItems },
};
