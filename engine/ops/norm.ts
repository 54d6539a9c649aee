// Batch, group, instance and layer normalisation from two fused ops: the moments of a channel, and their application.

import * as kernels from '../../kernels/norm.ts';
import { type ApplyOp, defineOp, shared } from '../autodiff/registry.ts';
import { formatShape, sameShape, sizeOf, type Tensor } from '../core/tensor.ts';
import { reshape } from './broadcast.ts';
import { add, div, mul, neg, reciprocal, scaleShift, sqrt, square, sub } from './elementwise.ts';
import { mean } from './reduce.ts';
import { concat, slice } from './shape.ts';

const channelsOf = (x: Tensor) => x.shape[1];
const areaOf = (x: Tensor) => sizeOf(x.shape.slice(2));

function needChannels(name: string, x: Tensor): void {
  if (x.rank < 2) {
    throw new RangeError(`${name}: x has shape ${formatShape(x.shape)}, expected [N, C, ...].`);
  }
}

/** [C] in the shape that broadcasts over [N, C, …]. */
const perChannel = (v: Tensor, x: Tensor): Tensor =>
  reshape(v, [1, channelsOf(x), ...x.shape.slice(2).map(() => 1)]);

/** Row `i` of the moments [2, C], in the shape that broadcasts over x. */
const moment = (moments: Tensor, i: number, x: Tensor): Tensor =>
  perChannel(slice(moments, [i, 0], [1, channelsOf(x)]), x);

const allButChannel = (x: Tensor): number[] => x.shape.map((_, i) => i).filter((i) => i !== 1);

const momentsOp: ApplyOp = defineOp('channelMoments', {
  inputs: ['x'],
  shape: ([x]) => {
    needChannels('channelMoments', x);
    return [2, channelsOf(x)];
  },
  forward: (gpu, [x], _, y) =>
    gpu.run(kernels.channelMoments, { x, y }, { n: x.shape[0], c: channelsOf(x), area: areaOf(x) }),
  vjp: [
    ({ dy, inputs: [x], y }) => {
      const count = x.size / channelsOf(x);
      const [dMean, dVariance] = [
        scaleShift(row(dy, 0), 1 / count, 0),
        scaleShift(row(dy, 1), 2 / count, 0),
      ];
      return channelAffine(x, row(y, 0), dVariance, dMean);
    },
  ],
  composite: ([x]) => {
    const axes = allButChannel(x);
    const mu = mean(x, axes, { keepDims: true });
    const variance = mean(square(sub(x, mu)), axes, { keepDims: true });
    const row = [1, channelsOf(x)];
    return concat([reshape(mu, row), reshape(variance, row)], 0);
  },
});

/** Row `i` of a [2, C] as [C]. */
const row = (rows: Tensor, i: number): Tensor => vector(slice(rows, [i, 0], [1, rows.shape[1]]));
const vector = (v: Tensor): Tensor => reshape(v, [v.size]);
const asRow = (v: Tensor): Tensor => reshape(v, [1, v.size]);

function needVectors(name: string, x: Tensor, vectors: Readonly<Record<string, Tensor>>): void {
  needChannels(name, x);
  for (const [key, v] of Object.entries(vectors)) {
    if (sameShape(v.shape, [channelsOf(x)])) continue;
    throw new RangeError(
      `${name}: ${key} has shape ${formatShape(v.shape)}, expected [${channelsOf(x)}] for x ${formatShape(x.shape)}.`,
    );
  }
}

const scaleShiftOp: ApplyOp = defineOp('channelAffine', {
  inputs: ['x', 'centre', 'scale', 'shift'],
  shape: ([x, centre, scale, shift]) => {
    needVectors('channelAffine', x, { centre, scale, shift });
    return x.shape;
  },
  forward: (gpu, [x, centre, scale, shift], _, y) =>
    gpu.run(
      kernels.channelAffine,
      { x, centre, scale, shift, y },
      { size: y.size, c: channelsOf(x), area: areaOf(x) },
    ),
  vjp: [
    ({ dy, inputs: [, , scale] }) => mul(dy, perChannel(scale, dy)),
    (context) => neg(mul(context.inputs[2], row(affineSums(context), 0))),
    (context) => row(affineSums(context), 1),
    (context) => row(affineSums(context), 0),
  ],
});

/** y = (x − centre)·scale + shift, channel by channel: [N, C, …] and three [C] → [N, C, …]. */
export const channelAffine = (x: Tensor, centre: Tensor, scale: Tensor, shift: Tensor): Tensor =>
  scaleShiftOp([x, centre, scale, shift], undefined);

const sumsOp: ApplyOp = defineOp('channelSums', {
  inputs: ['dy', 'x', 'centre'],
  shape: ([dy, x, centre]) => {
    needVectors('channelSums', x, { centre });
    if (!sameShape(dy.shape, x.shape)) {
      throw new RangeError(
        `channelSums: dy has shape ${formatShape(dy.shape)}, expected ${formatShape(x.shape)}.`,
      );
    }
    return [2, channelsOf(x)];
  },
  forward: (gpu, [dy, x, centre], _, y) =>
    gpu.run(
      kernels.channelSums,
      { dy, x, centre, y },
      { n: x.shape[0], c: channelsOf(x), area: areaOf(x) },
    ),
  vjp: [
    ({ dy: g, inputs: [, x, centre] }) => channelAffine(x, centre, row(g, 1), row(g, 0)),
    ({ dy: g, inputs: [dy] }) => mul(dy, perChannel(row(g, 1), dy)),
    ({ dy: g, y }) => neg(mul(row(g, 1), row(y, 0))),
  ],
});

/** [Σ dy, Σ dy·(x − centre)] of each channel, from which gradients of `channelAffine` are made: → [2, C]. */
export const channelSums = (dy: Tensor, x: Tensor, centre: Tensor): Tensor =>
  sumsOp([dy, x, centre], undefined);

const affineSums = shared<void>(({ dy, inputs: [x, centre] }) => channelSums(dy, x, centre));

interface Normalize {
  readonly eps: number;
}

/** 1/√(variance + eps) of the moments [2, C]: [C]. */
const inverseDeviation = (moments: Tensor, eps: number): Tensor =>
  reciprocal(sqrt(scaleShift(row(moments, 1), 1, eps)));

const normalizeSums = shared<Normalize>(({ dy, inputs: [x, moments] }) =>
  channelSums(dy, x, row(moments, 0)),
);

const normalizeOp: ApplyOp<Normalize> = defineOp('channelNormalize', {
  inputs: ['x', 'moments', 'gamma', 'beta'],
  shape: ([x, moments, gamma, beta]) => {
    needChannels('channelNormalize', x);
    const c = channelsOf(x);
    if (!sameShape(moments.shape, [2, c]) || gamma.size !== c || beta.size !== c) {
      throw new RangeError(
        `channelNormalize: moments ${formatShape(moments.shape)}, gamma ${formatShape(gamma.shape)} and ` +
          `beta ${formatShape(beta.shape)} do not fit x ${formatShape(x.shape)}.`,
      );
    }
    return x.shape;
  },
  forward: (gpu, [x, moments, gamma, beta], { eps }, y) =>
    gpu.run(
      kernels.channelNormalize,
      { x, moments, gamma, beta, y },
      { size: y.size, c: channelsOf(x), area: areaOf(x), eps },
    ),
  vjp: [
    ({ dy, inputs: [x, moments, gamma], attrs: { eps } }) =>
      mul(dy, perChannel(mul(inverseDeviation(moments, eps), vector(gamma)), x)),
    (context) => {
      const { inputs, attrs } = context;
      const [, moments, gamma] = inputs;
      const sums = normalizeSums(context);
      const r = inverseDeviation(moments, attrs.eps);
      const scale = mul(r, vector(gamma));
      const dMean = neg(mul(scale, row(sums, 0)));
      const dVariance = scaleShift(mul(mul(scale, square(r)), row(sums, 1)), -0.5, 0);
      return concat([asRow(dMean), asRow(dVariance)], 0);
    },
    (context) => {
      const [, moments, gamma] = context.inputs;
      const r = inverseDeviation(moments, context.attrs.eps);
      return reshape(mul(r, row(normalizeSums(context), 1)), gamma.shape);
    },
    (context) => reshape(row(normalizeSums(context), 0), context.inputs[3].shape),
  ],
  composite: ([x, moments, gamma, beta], { eps }) => {
    const deviation = sqrt(scaleShift(moment(moments, 1, x), 1, eps));
    const scale = div(perChannel(gamma, x), deviation);
    return add(mul(sub(x, moment(moments, 0, x)), scale), perChannel(beta, x));
  },
});

/** Mean (row 0) and biased variance (row 1) of each channel: [N, C, …] → [2, C]. */
export const channelMoments = (x: Tensor): Tensor => momentsOp([x], undefined);

/**
 * y = (x − mean)/√(variance + eps)·gamma + beta with the given moments [2, C] (of the batch in
 * training, running ones in evaluation): batch normalisation (Ioffe & Szegedy 2015).
 */
export const batchNorm = (
  x: Tensor,
  moments: Tensor,
  gamma: Tensor,
  beta: Tensor,
  eps = 1e-5,
): Tensor => normalizeOp([x, moments, gamma, beta], { eps });

/**
 * Group normalisation (Wu & He 2018): moments over each image's channel groups, then gamma and beta [C].
 *
 * @throws RangeError if `groups` does not divide the channels
 */
export function groupNorm(
  x: Tensor,
  groups: number,
  gamma: Tensor,
  beta: Tensor,
  eps = 1e-5,
): Tensor {
  const [n, c] = x.shape;
  if (c % groups !== 0) {
    throw new RangeError(`groupNorm: ${groups} groups do not divide the ${c} channels of x.`);
  }
  return add(mul(standardize(x, n * groups, eps), perChannel(gamma, x)), perChannel(beta, x));
}

/** Instance normalisation (Ulyanov et al. 2016): group normalisation with one channel per group; gamma and beta [C]. */
export const instanceNorm = (x: Tensor, gamma: Tensor, beta: Tensor, eps = 1e-5): Tensor =>
  groupNorm(x, x.shape[1], gamma, beta, eps);

/**
 * Layer normalisation (Ba et al. 2016): y = (x − mean)/√(variance + eps)·gamma + beta, with moments over the trailing
 * axes that gamma has.
 *
 * @param x [..., D…]
 * @param gamma [D…]
 * @param beta [D…]
 * @returns x's shape
 * @throws RangeError unless gamma and beta have the same shape, equal to the trailing axes of x
 */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, eps = 1e-5): Tensor {
  const trailing = x.shape.slice(x.rank - gamma.rank);
  if (
    gamma.rank === 0 ||
    !sameShape(trailing, gamma.shape) ||
    !sameShape(gamma.shape, beta.shape)
  ) {
    throw new RangeError(
      `layerNorm: gamma ${formatShape(gamma.shape)} and beta ${formatShape(beta.shape)} are not the trailing axes of x ${formatShape(x.shape)}.`,
    );
  }
  return add(mul(standardize(x, x.size / gamma.size, eps), gamma), beta);
}

/** (x − mean)/√(variance + eps) with the moments of each of `rows` equal runs of x. */
function standardize(x: Tensor, rows: number, eps: number): Tensor {
  const runs = reshape(x, [1, rows, x.size / rows]);
  const moments = channelMoments(runs);
  const deviation = sqrt(scaleShift(moment(moments, 1, runs), 1, eps));
  return reshape(div(sub(runs, moment(moments, 0, runs)), deviation), x.shape);
}
