// Pooling: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import { type Array64, type Attrs, addAt, array64, at } from '../../support/array64.ts';
import {
  distinct,
  type Maker,
  named,
  normal,
  type OpCase,
  plain,
  type Shape,
} from '../../support/op-inputs.ts';
import { type Bound, pick, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';
import { resizeCases, resized, resizing } from './resize.ts';

function poolOutput({ x, kernelSize, stride, padding }: Attrs): number[] {
  const along = (size: number) => Math.floor((size + 2 * padding - kernelSize) / stride) + 1;
  return [x[0], x[1], along(x[2]), along(x[3])];
}

/** Calls `visit` for each output of a pooling with the positions of x in its window. */
function eachWindow(
  { x: shape, kernelSize, stride, padding }: Attrs,
  visit: (output: number[], window: number[][]) => void,
): void {
  const [n, c, oh, ow] = poolOutput({ x: shape, kernelSize, stride, padding });
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < c; channel++)
      for (let i = 0; i < oh; i++)
        for (let j = 0; j < ow; j++) {
          const window: number[][] = [];
          for (let u = 0; u < kernelSize; u++)
            for (let v = 0; v < kernelSize; v++) {
              const [row, column] = [i * stride + u - padding, j * stride + v - padding];
              if (row < 0 || row >= shape[2] || column < 0 || column >= shape[3]) continue;
              window.push([image, channel, row, column]);
            }
          visit([image, channel, i, j], window);
        }
}

/** The first position of the window's greatest value. */
const argmax = (x: Array64, window: number[][]): number[] =>
  window.reduce((best, index) => (at(x, index) > at(x, best) ? index : best));

/** The cells that cell `o` of `count` covers of `size` (PyTorch's adaptive pooling). */
function covered(o: number, count: number, size: number): number[] {
  const cells: number[] = [];
  for (let i = 0; i < size; i++) {
    if (i >= Math.floor((o * size) / count) && i < Math.ceil(((o + 1) * size) / count))
      cells.push(i);
  }
  return cells;
}

type Pair = (from: number[], to: number[], weight: number) => void;

function eachCovered({ x, size }: Attrs, visit: Pair): void {
  for (let n = 0; n < x[0]; n++)
    for (let c = 0; c < x[1]; c++)
      for (let i = 0; i < size[0]; i++)
        for (let j = 0; j < size[1]; j++) {
          const [rows, columns] = [covered(i, size[0], x[2]), covered(j, size[1], x[3])];
          for (const row of rows)
            for (const column of columns)
              visit([n, c, row, column], [n, c, i, j], 1 / (rows.length * columns.length));
        }
}

const POOLINGS: readonly { label: string; x: Shape; options: e.PoolOptions; order?: 0 }[] = [
  { label: 'size 1', x: [1, 1, 1, 1], options: { kernelSize: 1 } },
  { label: 'halves', x: [2, 3, 4, 6], options: { kernelSize: 2 } },
  { label: 'halves, two at a time', x: [2, 3, 6, 8], options: { kernelSize: 2 } },
  { label: 'leaves a rest', x: [1, 2, 5, 7], options: { kernelSize: 2 } },
  { label: 'overlapping', x: [1, 2, 7, 7], options: { kernelSize: 3, stride: 2 } },
  {
    label: 'overlapping, padded',
    x: [2, 2, 6, 5],
    options: { kernelSize: 3, stride: 2, padding: 1 },
  },
  { label: 'stride 1, padded', x: [1, 1, 4, 4], options: { kernelSize: 3, stride: 1, padding: 1 } },
  { label: 'gaps', x: [1, 2, 8, 8], options: { kernelSize: 2, stride: 3 } },
  { label: 'primes', x: [1, 1, 13, 11], options: { kernelSize: 5, stride: 3, padding: 2 } },
  {
    label: 'large',
    x: [3, 5, 31, 29],
    options: { kernelSize: 3, stride: 2, padding: 1 },
    order: 0,
  },
];

/** `shapes` gives the inputs' shapes from those of x and y. */
const poolings = (
  makers: readonly Maker[],
  shapes: (x: Shape, y: Shape) => readonly Shape[],
): OpCase[] =>
  POOLINGS.map(({ label, x, options, order }) => {
    const attrs = { stride: options.kernelSize, padding: 0, ...options, x };
    return {
      label: `${label}: x ${named([x])}`,
      inputs: shapes(x, poolOutput(attrs)).map((shape, i) => makers[i](shape)),
      attrs,
      order,
      terms: options.kernelSize ** 2,
    };
  });

const ops = {
  maxPool2d: {
    reference: ([x], attrs) => {
      const y = array64(poolOutput(attrs));
      eachWindow(attrs, (o, window) => addAt(y, o, at(x, argmax(x, window))));
      return y;
    },
    cases: poolings([distinct], (x) => [x]),
  },
  maxPool2dInputGrad: {
    reference: ([dy, x], attrs) => {
      const dx = array64(attrs.x);
      eachWindow(attrs, (o, window) => addAt(dx, argmax(x, window), at(dy, o)));
      return dx;
    },
    cases: poolings([normal, distinct], (x, y) => [y, x]),
  },
  maxPool2dGather: {
    reference: ([v, x], attrs) => {
      const y = array64(poolOutput(attrs));
      eachWindow(attrs, (o, window) => addAt(y, o, at(v, argmax(x, window))));
      return y;
    },
    cases: poolings([normal, distinct], (x) => [x, x]),
  },
  avgPool2d: {
    reference: ([x], attrs) => {
      const y = array64(poolOutput(attrs));
      eachWindow(attrs, (o, window) => {
        for (const index of window) addAt(y, o, at(x, index) / attrs.kernelSize ** 2);
      });
      return y;
    },
    cases: poolings([normal], (x) => [x]),
  },
  avgPool2dInputGrad: {
    reference: ([dy], attrs) => {
      const dx = array64(attrs.x);
      eachWindow(attrs, (o, window) => {
        for (const index of window) addAt(dx, index, at(dy, o) / attrs.kernelSize ** 2);
      });
      return dx;
    },
    cases: poolings([normal], (_, y) => [y]),
  },
  adaptiveAvgPool2d: {
    reference: ([x], attrs) => {
      const y = array64(resized(attrs.x, attrs.size));
      eachCovered(attrs, (from, to, weight) => addAt(y, to, weight * at(x, from)));
      return y;
    },
    cases: resizeCases((x) => x),
  },
  adaptiveAvgPool2dInputGrad: {
    reference: ([dy], attrs) => {
      const dx = array64(attrs.x);
      eachCovered(attrs, (from, to, weight) => addAt(dx, from, weight * at(dy, to)));
      return dx;
    },
    cases: resizeCases(resized),
  },
  globalAvgPool: {
    reference: ([x]) => {
      const y = array64(x.shape.slice(0, 2));
      const area = x.data.length / y.data.length;
      x.data.forEach((v, i) => {
        y.data[Math.floor(i / area)] += v / area;
      });
      return y;
    },
    cases: plain([normal], [[1, 1, 1, 1]], [[2, 3, 4, 5]]).map((c) => ({
      ...c,
      terms: 20,
      run: ([x]) => e.globalAvgPool(x),
    })),
  },
} satisfies Record<string, OpSpecification>;

type Pooling = Readonly<
  Record<'n' | 'c' | 'h' | 'w' | 'kernelSize' | 'stride' | 'padding', number>
>;

const bound: Bound = {
  factor: 1,
  terms: 'kernelSize²',
  why: 'a window is summed, and so are the windows that hold a place; a maximum is exact',
};

const FUNCTIONS = { maxPool2d: e.maxPool2d, avgPool2d: e.avgPool2d } as const;

const pooling = (op: keyof typeof FUNCTIONS): Sampler<Pooling> => ({
  bound,
  least: { padding: 0 },
  draw: (random) => {
    const kernelSize = pick(random, [1, 2, 2, 3, 3, 4, 5]);
    return {
      n: pick(random, [1, 2, 3]),
      c: pick(random, [1, 2, 5]),
      h: pick(random, [1, 2, 3, 4, 5, 7, 8, 11]),
      w: pick(random, [1, 2, 3, 5, 6, 9, 13]),
      kernelSize,
      stride: pick(random, [1, 2, 3, 5, kernelSize]),
      padding: random.int(Math.floor(kernelSize / 2) + 1),
    };
  },
  problem: ({ n, c, h, w, ...options }) => {
    const { kernelSize, padding } = options;
    if (padding * 2 > kernelSize || Math.min(h, w) + 2 * padding < kernelSize) return;
    const x = [n, c, h, w];
    if (poolOutput({ x, ...options }).some((size) => size < 1)) return;
    return {
      inputs: [op === 'maxPool2d' ? distinct(x) : normal(x)],
      run: ([tensor]) => FUNCTIONS[op](tensor, options),
      reference: (arrays) => ops[op].reference(arrays, { x, ...options }),
      terms: kernelSize ** 2,
      quadratic: op === 'avgPool2d',
    };
  },
});

export const specification: Specification = {
  ops,
  samplers: {
    maxPool2d: pooling('maxPool2d'),
    avgPool2d: pooling('avgPool2d'),
    adaptiveAvgPool2d: resizing(
      ops.adaptiveAvgPool2d,
      e.adaptiveAvgPool2d,
      (size, outSize) => Math.ceil(Math.max(size / outSize, outSize / size)) + 1,
      {
        factor: 1,
        terms: 'cells of a window, or windows that hold a cell',
        why: 'a mean, as of a pooling',
      },
    ),
  },
};
