// Resizing: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import { type Attrs, addAt, array64, at, build } from '../../support/array64.ts';
import { named, normal, type OpCase, type Shape } from '../../support/op-inputs.ts';
import { type Bound, pick, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

type Size = readonly [number, number];

// biome-ignore format: a pair per line
const CASES: readonly (readonly [x: Shape, size: Size])[] = [
  [[1, 1, 1, 1], [1, 1]],
  [[1, 1, 1, 1], [3, 4]],
  [[2, 3, 3, 4], [6, 8]],
  [[1, 2, 4, 4], [4, 4]],
  [[1, 2, 7, 5], [3, 2]],
  [[1, 1, 5, 3], [11, 13]],
  [[1, 1, 13, 11], [1, 1]],
  [[1, 1, 2, 9], [7, 4]],
];

/** Cases of an op that takes images to another size: `input` gives its input's shape from x and that size. */
export const resizeCases = (input: (x: Shape, size: Shape) => Shape): OpCase[] =>
  CASES.map(([x, size]) => ({
    label: `${named([x])} → ${named([size])}`,
    inputs: [normal(input(x, size))],
    attrs: { x, size },
    terms: 16,
  }));

export const resized = (x: Shape, size: Shape): Shape => [x[0], x[1], ...size];

/** Each source cell of output cell `o` along one axis with its weight: half-pixel centres, clamped below 0. */
function sources(o: number, size: number, outSize: number): [number, number][] {
  const centre = Math.max(((o + 0.5) * size) / outSize - 0.5, 0);
  const low = Math.min(Math.floor(centre), size - 1);
  const weight = Math.min(centre - low, 1);
  return [
    [low, 1 - weight],
    [Math.min(low + 1, size - 1), weight],
  ];
}

function eachSource(
  { x, size }: Attrs,
  visit: (from: number[], to: number[], weight: number) => void,
): void {
  for (let n = 0; n < x[0]; n++)
    for (let c = 0; c < x[1]; c++)
      for (let i = 0; i < size[0]; i++)
        for (let j = 0; j < size[1]; j++)
          for (const [row, down] of sources(i, x[2], size[0]))
            for (const [column, across] of sources(j, x[3], size[1]))
              visit([n, c, row, column], [n, c, i, j], down * across);
}

const nearest = (o: number, count: number, size: number): number => Math.floor((o * size) / count);

const ops = {
  resizeBilinear: {
    reference: ([x], attrs) => {
      const y = array64(resized(attrs.x, attrs.size));
      eachSource(attrs, (from, to, weight) => addAt(y, to, weight * at(x, from)));
      return y;
    },
    cases: resizeCases((x) => x),
  },
  resizeBilinearInputGrad: {
    reference: ([dy], attrs) => {
      const dx = array64(attrs.x);
      eachSource(attrs, (from, to, weight) => addAt(dx, from, weight * at(dy, to)));
      return dx;
    },
    cases: resizeCases(resized),
  },
  resizeNearest: {
    reference: ([x], { size }) =>
      build(resized(x.shape, size), ([n, c, i, j]) =>
        at(x, [n, c, nearest(i, size[0], x.shape[2]), nearest(j, size[1], x.shape[3])]),
      ),
    cases: resizeCases((x) => x),
  },
  resizeNearestInputGrad: {
    reference: ([dy], attrs) => {
      const dx = array64(attrs.x);
      build(dy.shape, ([n, c, i, j]) => {
        const [, , h, w] = attrs.x;
        const from = [n, c, nearest(i, attrs.size[0], h), nearest(j, attrs.size[1], w)];
        addAt(dx, from, at(dy, [n, c, i, j]));
        return 0;
      });
      return dx;
    },
    cases: resizeCases(resized),
  },
} satisfies Record<string, OpSpecification>;

type Resize = Readonly<Record<'n' | 'c' | 'h' | 'w' | 'oh' | 'ow', number>>;

/** `along` says how many cells of one axis meet one of the other side, either way. */
export const resizing = (
  { reference }: OpSpecification,
  run: (x: e.Tensor, size: Size) => e.Tensor,
  along: (size: number, outSize: number) => number,
  bound: Bound,
): Sampler<Resize> => ({
  bound,
  draw: (random) => {
    const [h, w, oh, ow] = Array.from({ length: 4 }, () =>
      pick(random, [1, 2, 3, 4, 5, 7, 8, 11, 14, 17]),
    );
    return { n: pick(random, [1, 2]), c: pick(random, [1, 2, 3]), h, w, oh, ow };
  },
  problem: ({ n, c, h, w, oh, ow }) => {
    const x = [n, c, h, w];
    const size = [oh, ow] as const;
    return {
      inputs: [normal(x)],
      run: ([tensor]) => run(tensor, size),
      reference: (arrays) => reference(arrays, { x, size }),
      terms: along(h, oh) * along(w, ow),
      quadratic: true,
    };
  },
});

export const specification: Specification = {
  ops,
  samplers: {
    resizeBilinear: resizing(
      ops.resizeBilinear,
      e.resizeBilinear,
      (size, outSize) => Math.ceil((2 * outSize) / size) + 3,
      {
        factor: 4,
        terms: 'outputs that read one cell, and four',
        why: 'a weight is the fraction of a position up to 17 cells from the edge, 17 roundings off',
      },
    ),
    resizeNearest: resizing(
      ops.resizeNearest,
      e.resizeNearest,
      (size, outSize) => Math.ceil(outSize / size),
      {
        factor: 1,
        terms: 'copies of one cell',
        why: 'values are copied, exactly; a gradient sums over the copies',
      },
    ),
  },
};
