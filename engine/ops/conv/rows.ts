// Convolution of few channels, especially grouped ones: straight from the images, without packing or padding.

import { convRows, MOST_OUTS } from '../../../kernels/conv-rows.ts';
import { convRowsGrey, MOST_TAPS } from '../../../kernels/conv-rows-grey.ts';
import { convRowsShared, valuesOf, windowOf } from '../../../kernels/conv-rows-shared.ts';
import type { Tensor, TensorDevice } from '../../core/tensor.ts';
import { packed, sumOfChunks, vectors } from './contract.ts';
import { type Conv2d, sizes } from './geometry.ts';

/** The smallest power of two that holds them, so that few pipelines serve every number. */
const outsOf = (outs: number): number => Math.min(MOST_OUTS, 2 ** Math.ceil(Math.log2(outs)));

const quadsOf = (width: number) => (width % 4 === 0 ? 'aligned' : 'ragged');

/** How threads get their weights: each its own, by subgroups, or the same for a whole workgroup. */
export type Weights = 'own' | 'subgroup' | 'shared';

export const forward =
  (weights: Weights) =>
  (gpu: TensorDevice, x: Tensor, w: Tensor, attrs: Conv2d, y: Tensor): void => {
    const { groups, stride, padding, dilation } = attrs;
    const { n, c, h, w: w_in, o, kh, kw, oh, ow } = sizes(attrs);
    const taps = kh * kw;
    const shape = { n, depth: c, outs: o, groups, oh, ow, h, w_in, kh, kw };
    const window = { scale: stride, step: dilation, offset: -padding };
    const strides = { w_group: o * c * taps, w_out: c * taps, w_depth: taps };
    slide(gpu, weights, { x, w, y }, { ...shape, ...window, ...strides }, stride);
  };

export const inputGrad =
  (weights: Weights) =>
  (gpu: TensorDevice, dy: Tensor, w: Tensor, attrs: Conv2d, dx: Tensor): void => {
    const { groups, stride, padding, dilation } = attrs;
    const { n, c, h, w: width, o, kh, kw, oh, ow } = sizes(attrs);
    const taps = kh * kw;
    const shape = { n, depth: o, outs: c, groups, oh: h, ow: width, h: oh, w_in: ow, kh, kw };
    const window = { scale: 1, step: -dilation, offset: padding };
    const strides = { w_group: o * c * taps, w_out: taps, w_depth: c * taps };
    slide(gpu, weights, { x: dy, w, y: dx }, { ...shape, ...window, ...strides }, stride);
  };

/** Parameters of the kernels, except those that are compiled in. */
type Slide = Readonly<
  Record<
    | ('n' | 'depth' | 'outs' | 'groups' | 'oh' | 'ow' | 'h' | 'w_in' | 'kh' | 'kw')
    | ('scale' | 'step' | 'offset' | 'w_group' | 'w_out' | 'w_depth'),
    number
  >
>;

/** The window slid over x or, with `step` below 0, back over its gradient; `stride` is the convolution's. */
function slide(
  gpu: TensorDevice,
  weights: Weights,
  tensors: { x: Tensor; w: Tensor; y: Tensor },
  params: Slide,
  stride: number,
): void {
  const { depth, outs, kh, kw, ow, scale, step } = params;
  if (outs === 1 && stride === 1 && Math.abs(step) === 1) {
    const constants = { KH: kh, KW: kw, STEP: step, X_ROWS: kh + 3, VALUES: kw + 7 };
    const { band } = weights === 'shared' ? convRowsShared : convRows;
    gpu.run(band[quadsOf(ow)], tensors, { ...params, ...constants });
    return;
  }
  const DIVISOR = step < 0 ? stride : 1;
  if (weights === 'shared') {
    const SLIDE = scale === 1 && Math.abs(step) === 1 && DIVISOR === 1 ? step : 0;
    slideShared(gpu, tensors, { ...params, KW: kw, DIVISOR, SLIDE });
    return;
  }
  const SLIDE = Math.abs(step) === scale ? step / scale : 0;
  if (weights === 'subgroup' && depth === 1 && kh * kw <= MOST_TAPS) {
    const constants = { KH: kh, KW: kw, DIVISOR, SLIDE };
    gpu.run(convRowsGrey[quadsOf(ow)], tensors, { ...params, ...constants });
    return;
  }
  const OUTS = outsOf(outs);
  gpu.run(convRows[weights][quadsOf(ow)], tensors, { ...params, OUTS, KW: kw, DIVISOR, SLIDE });
}

/** The same, with weights packed so that vectors run over the outputs. */
function slideShared(
  gpu: TensorDevice,
  { x, w, y }: { x: Tensor; w: Tensor; y: Tensor },
  params: Slide & Readonly<Record<'KW' | 'DIVISOR' | 'SLIDE', number>>,
): void {
  const { groups, depth, outs, kh, kw, ow, w_group, w_out, w_depth, KW, SLIDE } = params;
  const outs4 = vectors(outs);
  const taps = kh * kw;
  // One of the strides that are not the taps' own is that of a whole group: then groups and depth are one axis.
  const ws =
    w_group === depth * w_depth
      ? packed(gpu, w, [groups * depth, outs, taps], [w_depth, w_out, 1], { operands: 'f32' })
      : packed(gpu, w, [groups, outs, depth * taps], [w_group, w_out, 1], { operands: 'f32' });
  const OUTS = outs4 > 2 ? 4 : outs4;
  // One vector of outputs makes too little of what a thread reads of a row.
  const QUADS = outs4 === 1 && SLIDE !== 0 && ow > 4 ? 2 : 1;
  const sizes = { outs4, OUTS, QUADS, VALUES: valuesOf(KW, SLIDE, QUADS) };
  gpu.run(convRowsShared.forward[quadsOf(ow)], { x, w: ws, y }, { ...params, ...sizes });
  ws.dispose();
}

/** Most sums of a thread of the weight gradient: vectors of four, or, where they stay in registers, single ones. */
const MOST_SUMS = { own: 12, shared: 64 } as const;
/** The same if a thread takes all rows of taps, where it loads less but is slower to compile. */
const MOST_SUMS_OF_WINDOW = 36;
/** Threads that fill a device. */
const ENOUGH_THREADS = 1024;

export const weightGrad =
  (by: keyof typeof MOST_SUMS) =>
  (gpu: TensorDevice, x: Tensor, dy: Tensor, attrs: Conv2d, dw: Tensor): void => {
    const { groups, stride, padding, dilation } = attrs;
    const { n, c, h, w: w_in, o, kh, kw, oh, ow } = sizes(attrs);
    const OUTS = Math.min(outsOf(o), Math.max(1, Math.floor(MOST_SUMS[by] / kw)));
    const threads = groups * c * kh * Math.ceil(o / OUTS);
    const chunks = Math.min(n * oh, Math.ceil(ENOUGH_THREADS / threads));
    const KH = OUTS * kh * kw <= MOST_SUMS_OF_WINDOW ? kh : 1;
    const SLIDE = stride === dilation && (by === 'own' || stride === 1) ? 1 : 0;
    const kernels = by === 'own' ? convRows.weightGrad : convRowsShared.weightGrad;
    sumOfChunks(gpu, dw, chunks, (y) =>
      gpu.run(
        kernels[quadsOf(ow)],
        { x, dy, y },
        {
          ...{ n, depth: c, outs: o, groups, oh, ow, h, w_in, kh, kw, chunks },
          ...{ scale: stride, step: dilation, offset: -padding },
          ...{ OUTS, KH, KW: kw, DIVISOR: 1, SLIDE, ...windowOf(kw, SLIDE) },
        },
      ),
    );
  };
