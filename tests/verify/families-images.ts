// Random convolutions, poolings, resizings and blurs: odd strides, dilation, groups, wide padding, oblong images.

import type { Random } from '../../engine/core/random.ts';
import * as e from '../../engine/index.ts';
import { algorithms } from '../../engine/ops/conv/algorithms.ts';
import { distinct, normal, type Shape } from '../support/op-inputs.ts';
import { conv2dOutput, poolOutput, references } from '../support/reference.ts';
import {
  drawnContractions,
  type Families,
  type Family,
  type Problem,
  pick,
  product,
} from './configuration.ts';

type Convolution = Readonly<
  Record<
    | 'n'
    | 'groups'
    | 'inPerGroup'
    | 'outPerGroup'
    | 'h'
    | 'w'
    | 'kh'
    | 'kw'
    | 'stride'
    | 'padding'
    | 'dilation',
    number
  > &
    Record<'algorithm' | 'contraction', string>
>;

/** Multiply-adds of one reference convolution: the cost of a configuration is a few times that. */
const MOST_WORK = 12_000;
const MOST_ELEMENTS = 4_000;

function drawConvolution(random: Random): Convolution {
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

interface ConvolutionOp {
  readonly inputs: (x: Shape, w: Shape, y: Shape) => readonly Shape[];
  readonly run: (
    inputs: e.Tensor[],
    options: e.Conv2dOptions & { inputShape: Shape; weightShape: Shape },
  ) => e.Tensor;
}

const convolution = (op: string, { inputs, run }: ConvolutionOp): Family<Convolution> => ({
  least: { padding: 0 },
  draw: drawConvolution,
  problem: (sizes): Problem | undefined => {
    const { algorithm, contraction, ...geometry } = sizes;
    const { n, groups, inPerGroup, outPerGroup, h, w: width, kh, kw, ...options } = geometry;
    const x = [n, groups * inPerGroup, h, width];
    const w = [groups * outPerGroup, inPerGroup, kh, kw];
    const attrs = { ...options, groups, x, w };
    const y = conv2dOutput(attrs);
    const [oh, ow] = y.slice(2);
    if (oh < 1 || ow < 1 || y[0] * y[1] * oh * ow * inPerGroup * kh * kw > MOST_WORK) return;
    if (product(x) > MOST_ELEMENTS) return;
    return {
      inputs: inputs(x, w, y).map(normal),
      run: (tensors) => run(tensors, { ...options, groups, inputShape: x, weightShape: w }),
      reference: (arrays) => references[op](arrays, attrs),
      terms: Math.max(inPerGroup * kh * kw, outPerGroup * kh * kw, n * oh * ow),
      quadratic: true,
      strategies: [algorithm, contraction],
    };
  },
});

type Transposed = Convolution & { readonly outputPadding: number; readonly bias: number };

const convTranspose2d: Family<Transposed> = {
  least: { padding: 0, outputPadding: 0, bias: 0 },
  draw: (random) => ({
    ...drawConvolution(random),
    outputPadding: pick(random, [0, 0, 1, 2]),
    bias: random.int(2),
  }),
  problem: (sizes) => {
    const { algorithm, contraction, bias, ...geometry } = sizes;
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
      reference: (arrays) => references.convTranspose2d(arrays, { ...options, groups }),
      terms: Math.max(inPerGroup * kh * kw, outPerGroup * kh * kw, n * oh * ow),
      quadratic: true,
      strategies: [algorithm, contraction],
    };
  },
};

type Pooling = Readonly<
  Record<'n' | 'c' | 'h' | 'w' | 'kernelSize' | 'stride' | 'padding', number>
>;

const POOLINGS = { maxPool2d: e.maxPool2d, avgPool2d: e.avgPool2d } as const;

const pooling = (kind: keyof typeof POOLINGS): Family<Pooling> => ({
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
      inputs: [kind === 'maxPool2d' ? distinct(x) : normal(x)],
      run: ([tensor]) => POOLINGS[kind](tensor, options),
      reference: (arrays) => references[kind](arrays, { x, ...options }),
      terms: kernelSize ** 2,
      quadratic: kind === 'avgPool2d',
    };
  },
});

type Resize = Readonly<Record<'n' | 'c' | 'h' | 'w' | 'oh' | 'ow', number>>;

const RESIZES = {
  resizeBilinear: e.resizeBilinear,
  resizeNearest: e.resizeNearest,
  adaptiveAvgPool2d: e.adaptiveAvgPool2d,
} as const;

/** `along` says how many cells of one axis meet one of the other side, either way. */
const resizing = (
  kind: keyof typeof RESIZES,
  along: (size: number, outSize: number) => number,
): Family<Resize> => ({
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
      run: ([tensor]) => RESIZES[kind](tensor, size),
      reference: (arrays) => references[kind](arrays, { x, size }),
      terms: along(h, oh) * along(w, ow),
      quadratic: true,
    };
  },
});

type Blur = Readonly<Record<'n' | 'c' | 'h' | 'w' | 'tenths' | 'radius', number>>;

const gaussianBlur: Family<Blur> = {
  least: { radius: 0 },
  draw: (random) => ({
    n: pick(random, [1, 2]),
    c: pick(random, [1, 2, 3]),
    h: pick(random, [1, 2, 3, 5, 8]),
    w: pick(random, [1, 2, 4, 7]),
    tenths: pick(random, [3, 5, 8, 10, 15, 30]),
    radius: random.int(5),
  }),
  problem: ({ n, c, h, w, tenths, radius }) => ({
    inputs: [normal([n, c, h, w])],
    run: ([x]) => e.gaussianBlur(x, tenths / 10, radius),
    reference: (arrays) => references.gaussianBlur(arrays, { sigma: tenths / 10, radius }),
    terms: (2 * radius + 1) ** 2,
    quadratic: true,
  }),
};

export const imageFamilies: Families = {
  conv2d: convolution('conv2d', {
    inputs: (x, w) => [x, w],
    run: ([x, w], options) => e.conv2d(x, w, options),
  }),
  conv2dInputGrad: convolution('conv2dInputGrad', {
    inputs: (_, w, y) => [y, w],
    run: ([dy, w], options) => e.conv2dInputGrad(dy, w, options),
  }),
  conv2dWeightGrad: convolution('conv2dWeightGrad', {
    inputs: (x, _, y) => [x, y],
    run: ([x, dy], options) => e.conv2dWeightGrad(x, dy, options),
  }),
  convTranspose2d,
  maxPool2d: pooling('maxPool2d'),
  avgPool2d: pooling('avgPool2d'),
  adaptiveAvgPool2d: resizing(
    'adaptiveAvgPool2d',
    (size, outSize) => Math.ceil(Math.max(size / outSize, outSize / size)) + 1,
  ),
  resizeBilinear: resizing(
    'resizeBilinear',
    (size, outSize) => Math.ceil((2 * outSize) / size) + 3,
  ),
  resizeNearest: resizing('resizeNearest', (size, outSize) => Math.ceil(outSize / size)),
  gaussianBlur,
};
