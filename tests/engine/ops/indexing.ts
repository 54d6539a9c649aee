// Values picked by label or by rank: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import { at, build, rowOf } from '../../support/array64.ts';
import {
  distinct,
  given,
  labels,
  normal,
  plain,
  type Shape,
  withAttrs,
} from '../../support/op-inputs.ts';
import {
  drawRows,
  drawShape,
  moving,
  type Problem,
  type Rows,
  type Sampler,
} from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

/** 1 at the k largest, the leftmost first among equals: by sorting, where the kernel counts. */
function topK(row: number[], k: number): number[] {
  const best = row.map((_, i) => i).sort((i, j) => row[j] - row[i] || i - j);
  return row.map((_, i) => (best.indexOf(i) < k ? 1 : 0));
}

const gather: OpSpecification = {
  reference: ([x, which]) => build(which.shape, ([n]) => at(x, [n, which.data[n]])),
  cases: [
    { label: '[5, 7]', inputs: [normal([5, 7]), labels(5, 7)] },
    { label: '[67, 3]', inputs: [normal([67, 3]), labels(67, 3)] },
    { label: '[1, 1]', inputs: [normal([1, 1]), labels(1, 1)] },
  ],
};

const scatter: OpSpecification = {
  reference: ([v, which], { classes }) =>
    build([v.data.length, classes], ([n, k]) => (which.data[n] === k ? v.data[n] : 0)),
  cases: [
    { label: '[5] to 7', inputs: [normal([5]), labels(5, 7)], attrs: { classes: 7 } },
    { label: '[67] to 3', inputs: [normal([67]), labels(67, 3)], attrs: { classes: 3 } },
    { label: '[1] to 1', inputs: [normal([1]), labels(1, 1)], attrs: { classes: 1 } },
  ],
};

const topKMask: OpSpecification = {
  reference: ([x], { k }) => build(x.shape, ([n, j]) => topK(rowOf(x, n), k)[j]),
  cases: [
    ...withAttrs({ k: 1 }, plain([distinct], [[1, 1]], [[5, 7]])),
    ...withAttrs({ k: 3 }, plain([distinct], [[5, 7]], [[2, 67]])),
    ...withAttrs({ k: 7 }, plain([distinct], [[2, 7]])),
    { label: 'ties', inputs: [given([2, 4], 1, 1, 1, 0, -0, 0, -1, 0)], attrs: { k: 2 }, order: 0 },
  ],
};

const topKThreshold: OpSpecification = {
  reference: ([x], { k }) => build(x.shape, ([n, j]) => topK(rowOf(x, n), k)[j] * at(x, [n, j])),
  cases: withAttrs({ k: 3 }, plain([distinct], [[5, 7]], [[2, 67]])).map((c) => ({
    ...c,
    run: ([x]) => e.topKThreshold(x, 3),
  })),
};

const argmax: OpSpecification = {
  reference: ([x], { axis, keepDims }) => {
    const kept = x.shape.flatMap((n, i) => (i !== axis ? [n] : keepDims ? [1] : []));
    return build(kept, (index) => {
      const line = Array.from({ length: x.shape[axis] }, (_, k) =>
        at(x, [...index.slice(0, axis), k, ...index.slice(keepDims ? axis + 1 : axis)]),
      );
      return line.indexOf(Math.max(...line));
    });
  },
  cases: [
    ...withAttrs({ axis: 0, keepDims: false }, plain([distinct], [[1]], [[127]], [[5, 7]])),
    ...withAttrs({ axis: 1, keepDims: false }, plain([distinct], [[5, 7]], [[2, 37, 3]])),
    ...withAttrs({ axis: 2, keepDims: true }, plain([distinct], [[2, 3, 5]], [[600, 2, 3]])),
    {
      label: 'ties and zeros',
      inputs: [given([3, 3], -0, 0, 0, -2, -1, -1, 1, 5, 5)],
      attrs: { axis: 1, keepDims: false },
      order: 0,
    },
  ],
};

/** An op that reads or writes one value per row. */
const byLabel = (problem: (rows: Rows) => Pick<Problem, 'inputs' | 'run' | 'reference'>) => ({
  bound: moving,
  draw: drawRows,
  problem: (rows: Rows): Problem => ({ ...problem(rows), terms: 1, quadratic: true }),
});

const thresholds: Sampler<Rows & { readonly k: number }> = {
  bound: moving,
  draw: (random) => {
    const rows = drawRows(random);
    return { ...rows, k: 1 + random.int(rows.classes) };
  },
  problem: ({ n, classes, k }) => {
    if (k > classes) return;
    return {
      inputs: [distinct([n, classes])],
      run: ([x]) => e.topKThreshold(x, k),
      reference: (arrays) => topKThreshold.reference(arrays, { k }),
      terms: 1,
    };
  },
};

const places: Sampler<{ readonly shape: Shape } & Readonly<Record<'axis' | 'keepDims', number>>> = {
  bound: { factor: 1, terms: '1', why: 'a place is a whole number' },
  least: { axis: 0, keepDims: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    return { shape, axis: random.int(shape.length), keepDims: random.int(2) };
  },
  problem: ({ shape, axis, keepDims }) => {
    if (axis >= shape.length) return;
    const options = { keepDims: keepDims === 1 };
    return {
      inputs: [distinct(shape)],
      run: ([x]) => e.argmax(x, axis, options),
      reference: (arrays) => argmax.reference(arrays, { axis, ...options }),
      terms: 1,
      constants: [0],
    };
  },
};

export const specification: Specification = {
  ops: { gather, scatter, topKMask, topKThreshold, argmax },
  samplers: {
    gather: byLabel(({ n, classes }) => ({
      inputs: [normal([n, classes]), labels(n, classes)],
      run: ([x, which]) => e.gather(x, which),
      reference: (arrays) => gather.reference(arrays, {}),
    })),
    scatter: byLabel(({ n, classes }) => ({
      inputs: [normal([n]), labels(n, classes)],
      run: ([v, which]) => e.scatter(v, which, classes),
      reference: (arrays) => scatter.reference(arrays, { classes }),
    })),
    topKThreshold: thresholds,
    argmax: places,
  },
};
