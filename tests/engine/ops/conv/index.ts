// Convolutions: hand-picked cases, float64 references and random configurations.

import type { Random } from '../../../../engine/core/random.ts';
import * as e from '../../../../engine/index.ts';
import { algorithms } from '../../../../engine/ops/conv/algorithms.ts';
import { type Attrs, addAt, array64, at, build, type Reference } from '../../../support/array64.ts';
import { named, normal, type Shape } from '../../../support/op-inputs.ts';
import {
  type Bound,
  drawnContractions,
  pick,
  product,
  type Sampler,
} from '../../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../../support/specification.ts';
import { CONVOLUTIONS, TRANSPOSED } from './cases.ts';

/** Calls `visit` for each pair of an output position and a window tap that lies inside x. */
function eachTap(
  { x, w, stride, padding, dilation, groups }: Attrs,
  visit: (x: number[], w: number[], y: number[]) => void,
): void {
  const [n, c, h, width] = x;
  const [o, , kh, kw] = w;
  const [oh, ow] = conv2dOutput({ x, w, stride, padding, dilation }).slice(2);
  for (let image = 0; image < n; image++)
    for (let out = 0; out < o; out++)
      for (let ci = 0; ci < c / groups; ci++)
        for (let i = 0; i < oh; i++)
          for (let j = 0; j < ow; j++)
            for (let u = 0; u < kh; u++)
              for (let v = 0; v < kw; v++) {
                const row = i * stride + u * dilation - padding;
                const column = j * stride + v * dilation - padding;
                if (row < 0 || row >= h || column < 0 || column >= width) continue;
                const channel = Math.floor(out / (o / groups)) * (c / groups) + ci;
                visit([image, channel, row, column], [out, ci, u, v], [image, out, i, j]);
              }
}

function conv2dOutput({ x, w, stride, padding, dilation }: Attrs): number[] {
  const along = (size: number, taps: number) =>
    Math.floor((size + 2 * padding - (dilation * (taps - 1) + 1)) / stride) + 1;
  return [x[0], w[0], along(x[2], w[2]), along(x[3], w[3])];
}

/** A convolution or one of its gradients. */
interface Kind {
  readonly reference: Reference;
  /** Shapes of its inputs, from those of x, weight and output. */
  readonly shapes: (x: Shape, w: Shape, y: Shape) => readonly Shape[];
  /** Terms of its longest sum. */
  readonly terms: (x: Shape, w: Shape, y: Shape) => number;
  readonly run: (
    inputs: e.Tensor[],
    options: e.Conv2dOptions & { readonly inputShape: Shape; readonly weightShape: Shape },
  ) => e.Tensor;
}

const KINDS = {
  conv2d: {
    reference: ([x, w], attrs) => {
      const y = array64(conv2dOutput(attrs));
      eachTap(attrs, (from, tap, to) => addAt(y, to, at(x, from) * at(w, tap)));
      return y;
    },
    shapes: (x, w) => [x, w],
    terms: (_, w) => w[1] * w[2] * w[3],
    run: ([x, w], options) => e.conv2d(x, w, options),
  },
  conv2dInputGrad: {
    reference: ([dy, w], attrs) => {
      const dx = array64(attrs.x);
      eachTap(attrs, (from, tap, to) => addAt(dx, from, at(dy, to) * at(w, tap)));
      return dx;
    },
    shapes: (_, w, y) => [y, w],
    terms: (_, w) => w[0] * w[2] * w[3],
    run: ([dy, w], options) => e.conv2dInputGrad(dy, w, options),
  },
  conv2dWeightGrad: {
    reference: ([x, dy], attrs) => {
      const dw = array64(attrs.w);
      eachTap(attrs, (from, tap, to) => addAt(dw, tap, at(dy, to) * at(x, from)));
      return dw;
    },
    shapes: (x, _, y) => [x, y],
    terms: (_, __, y) => y[0] * y[2] * y[3],
    run: ([x, dy], options) => e.conv2dWeightGrad(x, dy, options),
  },
} satisfies Record<string, Kind>;

const convolution = ({ reference, shapes, terms, run }: Kind): OpSpecification => ({
  reference,
  cases: CONVOLUTIONS.map(({ label, x, w, options = {}, order }) => {
    const attrs = { stride: 1, padding: 0, dilation: 1, groups: 1, ...options, x, w };
    const y = conv2dOutput(attrs);
    return {
      label: `${label}: x ${named([x])} w ${named([w])}`,
      inputs: shapes(x, w, y).map(normal),
      attrs,
      order,
      terms: terms(x, w, y),
      run: (inputs) => run(inputs, { ...options, inputShape: x, weightShape: w }),
    };
  }),
});

const convTranspose2d: OpSpecification = {
  // The definition itself: each element of x puts a scaled window into y.
  reference: ([x, w, bias], { stride, padding, dilation, groups, outputPadding }) => {
    const [n, channels, h, width] = x.shape;
    const [, outs, kh, kw] = w.shape;
    const along = (size: number, k: number) =>
      (size - 1) * stride - 2 * padding + dilation * (k - 1) + outputPadding + 1;
    const y = build([n, outs * groups, along(h, kh), along(width, kw)], ([, o]) =>
      bias ? bias.data[o] : 0,
    );
    for (let image = 0; image < n; image++)
      for (let c = 0; c < channels; c++)
        for (let o = 0; o < outs; o++)
          for (let i = 0; i < h; i++)
            for (let j = 0; j < width; j++)
              for (let u = 0; u < kh; u++)
                for (let v = 0; v < kw; v++) {
                  const row = i * stride + u * dilation - padding;
                  const column = j * stride + v * dilation - padding;
                  if (row < 0 || row >= y.shape[2] || column < 0 || column >= y.shape[3]) continue;
                  const out = Math.floor(c / (channels / groups)) * outs + o;
                  const value = at(x, [image, c, i, j]) * at(w, [c, o, u, v]);
                  addAt(y, [image, out, row, column], value);
                }
    return y;
  },
  cases: TRANSPOSED.map(({ label, x, w, options = {}, bias }) => ({
    label: `${label}: x ${named([x])} w ${named([w])}`,
    inputs: [x, w, ...(bias ? [bias] : [])].map(normal),
    attrs: { stride: 1, padding: 0, dilation: 1, groups: 1, outputPadding: 0, ...options },
    terms: w[0] * w[2] * w[3],
    run: ([image, weight, b]) => e.convTranspose2d(image, weight, options, b),
  })),
};

type Geometry = Readonly<
  Record<'n' | 'groups' | 'inPerGroup' | 'outPerGroup' | 'h' | 'w' | 'kh' | 'kw', number> &
    Record<'stride' | 'padding' | 'dilation', number> &
    Record<'algorithm' | 'contraction', string>
>;

const bound: Bound = {
  factor: 1,
  terms: 'the most of in/groups·kh·kw, out/groups·kh·kw and n·oh·ow',
  why: 'one sum of products per value; each order of derivative is a convolution again',
};

/** Multiply-adds of one reference convolution: the cost of a configuration is a few times that. */
const MOST_WORK = 12_000;
const MOST_ELEMENTS = 4_000;

function drawGeometry(random: Random): Geometry {
  const depthwise = random.int(4) === 0;
  return {
    n: pick(random, [1, 1, 2, 3, 5]),
    groups: depthwise ? pick(random, [2, 3, 5, 7]) : pick(random, [1, 1, 1, 2, 3]),
    // 131 channels are a sum that the device cuts into chunks of 66 and 65.
    inPerGroup: depthwise ? 1 : pick(random, [1, 2, 3, 5, 9, 131]),
    outPerGroup: depthwise ? pick(random, [1, 1, 2]) : pick(random, [1, 2, 4, 5, 11]),
    h: pick(random, [1, 2, 3, 5, 7, 8, 11, 13]),
    w: pick(random, [1, 2, 3, 5, 6, 7, 11, 17]),
    kh: pick(random, [1, 2, 3, 3, 5]),
    kw: pick(random, [1, 2, 3, 3, 4, 7]),
    stride: pick(random, [1, 1, 1, 2, 3, 5]),
    padding: pick(random, [0, 0, 1, 1, 2, 3, 6]),
    dilation: pick(random, [1, 1, 1, 2, 3]),
    algorithm: pick(random, algorithms),
    contraction: pick(random, drawnContractions),
  };
}

const drawn = ({ reference, shapes, run }: Kind): Sampler<Geometry> => ({
  bound,
  least: { padding: 0 },
  draw: drawGeometry,
  problem: ({ algorithm, contraction, ...geometry }) => {
    const { n, groups, inPerGroup, outPerGroup, h, w: width, kh, kw, ...options } = geometry;
    const x = [n, groups * inPerGroup, h, width];
    const w = [groups * outPerGroup, inPerGroup, kh, kw];
    const attrs = { ...options, groups, x, w };
    const y = conv2dOutput(attrs);
    const [oh, ow] = y.slice(2);
    if (oh < 1 || ow < 1 || product(y) * inPerGroup * kh * kw > MOST_WORK) return;
    if (product(x) > MOST_ELEMENTS) return;
    return {
      inputs: shapes(x, w, y).map(normal),
      run: (inputs) => run(inputs, { ...options, groups, inputShape: x, weightShape: w }),
      reference: (arrays) => reference(arrays, attrs),
      terms: Math.max(inPerGroup * kh * kw, outPerGroup * kh * kw, n * oh * ow),
      quadratic: true,
      strategies: [algorithm, contraction],
    };
  },
});

const drawnTransposed: Sampler<Geometry & Readonly<Record<'outputPadding' | 'bias', number>>> = {
  bound,
  least: { padding: 0, outputPadding: 0, bias: 0 },
  draw: (random) => ({
    ...drawGeometry(random),
    outputPadding: pick(random, [0, 0, 1, 2]),
    bias: random.int(2),
  }),
  problem: ({ algorithm, contraction, bias, ...geometry }) => {
    const { n, groups, inPerGroup, outPerGroup, h, w: width, kh, kw, ...options } = geometry;
    const { stride, padding, dilation, outputPadding } = options;
    if (outputPadding >= Math.max(stride, dilation)) return;
    const along = (size: number, taps: number) =>
      (size - 1) * stride - 2 * padding + dilation * (taps - 1) + outputPadding + 1;
    const [oh, ow] = [along(h, kh), along(width, kw)];
    const x = [n, groups * inPerGroup, h, width];
    if (oh < 1 || ow < 1 || product(x) * outPerGroup * kh * kw > MOST_WORK) return;
    if (n * groups * outPerGroup * oh * ow > MOST_ELEMENTS) return;
    const w = [groups * inPerGroup, outPerGroup, kh, kw];
    return {
      inputs: [x, w, ...(bias ? [[groups * outPerGroup]] : [])].map(normal),
      run: ([image, weight, b]) => e.convTranspose2d(image, weight, { ...options, groups }, b),
      reference: (arrays) => convTranspose2d.reference(arrays, { ...options, groups }),
      terms: Math.max(inPerGroup * kh * kw, outPerGroup * kh * kw, n * oh * ow),
      quadratic: true,
      strategies: [algorithm, contraction],
    };
  },
};

export const specification: Specification = {
  ops: {
    conv2d: convolution(KINDS.conv2d),
    conv2dInputGrad: convolution(KINDS.conv2dInputGrad),
    conv2dWeightGrad: convolution(KINDS.conv2dWeightGrad),
    convTranspose2d,
  },
  samplers: {
    conv2d: drawn(KINDS.conv2d),
    conv2dInputGrad: drawn(KINDS.conv2dInputGrad),
    conv2dWeightGrad: drawn(KINDS.conv2dWeightGrad),
    convTranspose2d: drawnTransposed,
  },
};
