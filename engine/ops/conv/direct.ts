// Convolution as one contraction over taps and channels, straight from the images: no copy per tap.

import type { Tensor, TensorDevice } from '../../core/tensor.ts';
import { contract, packed, vectors } from './contract.ts';
import { type Conv2d, sizes } from './geometry.ts';

/** Vectors of x run over the images, those of w over the outputs. */
export function forward(
  gpu: TensorDevice,
  x: Tensor,
  weight: Tensor,
  attrs: Conv2d,
  y: Tensor,
): void {
  const { groups, stride, padding, dilation } = attrs;
  const { n, channels, c, h, w, outChannels, o, kh, kw, oh, ow } = sizes(attrs);
  const taps = kh * kw;
  const [n4, o4] = [vectors(n), vectors(o)];
  const xs = packed(gpu, x, [1, n, channels * h * w], [0, channels * h * w, 1]);
  const ws = packed(gpu, weight, [groups, o, c * taps], [o * c * taps, c * taps, 1]);
  contract(gpu, xs, ws, y, {
    ...{ pixels: oh * ow * n4, batch: n, batch4: n4, ow, h, w_in: w },
    ...{ outs: o, outs4: o4, groups, depth: c, taps, kw },
    ...{ scale: stride, step: dilation, offset: -padding, DIVISOR: 1 },
    ...{ x_place: n4, x_depth: h * w * n4, x_group: c * h * w * n4 },
    ...{ w_tap: o4, w_depth: taps * o4, w_group: c * taps * o4 },
    ...{ y_batch: outChannels * oh * ow, y_place: 1, y_out: oh * ow, y_group: o * oh * ow },
  });
  xs.dispose();
  ws.dispose();
}

/** The same sum with c and o exchanged: dy at (i + padding − tap·dilation) / stride, where whole, feeds dx at i. */
export function inputGrad(
  gpu: TensorDevice,
  dy: Tensor,
  weight: Tensor,
  attrs: Conv2d,
  dx: Tensor,
): void {
  const { groups, stride, padding, dilation } = attrs;
  const { n, channels, c, h, w, outChannels, o, kh, kw, oh, ow } = sizes(attrs);
  const taps = kh * kw;
  const [n4, c4] = [vectors(n), vectors(c)];
  const ys = packed(gpu, dy, [1, n, outChannels * oh * ow], [0, outChannels * oh * ow, 1]);
  const ws = packed(gpu, weight, [outChannels, c, taps], [c * taps, taps, 1]);
  contract(gpu, ys, ws, dx, {
    ...{ pixels: h * w * n4, batch: n, batch4: n4, ow: w, h: oh, w_in: ow },
    ...{ outs: c, outs4: c4, groups, depth: o, taps, kw },
    ...{ scale: 1, step: -dilation, offset: padding, DIVISOR: stride },
    ...{ x_place: n4, x_depth: oh * ow * n4, x_group: o * oh * ow * n4 },
    ...{ w_tap: c4, w_depth: taps * c4, w_group: o * taps * c4 },
    ...{ y_batch: channels * h * w, y_place: 1, y_out: h * w, y_group: c * h * w },
  });
  ys.dispose();
  ws.dispose();
}

/**
 * dw as a convolution too: input channels are its images, images its depth, dy its window, and stride and
 * dilation change places. Vectors run over the channels. Images of one place lie side by side: the sum runs over them
 * first, and whole images apart they would miss every cache.
 */
export function weightGrad(
  gpu: TensorDevice,
  x: Tensor,
  dy: Tensor,
  attrs: Conv2d,
  dw: Tensor,
): void {
  const { groups, stride, padding, dilation } = attrs;
  const { n, c, h, w, o, kh, kw, oh, ow } = sizes(attrs);
  const taps = kh * kw;
  const [c4, o4] = [vectors(c), vectors(o)];
  const images = n * groups;
  const across = { across: true };
  const xs = packed(gpu, x, [images, c, h * w], [c * h * w, h * w, 1], across);
  const ys = packed(gpu, dy, [images, o, oh * ow], [o * oh * ow, oh * ow, 1], across);
  contract(gpu, xs, ys, dw, {
    ...{ pixels: taps * c4, batch: c, batch4: c4, ow: kw, h, w_in: w },
    ...{ outs: o, outs4: o4, groups, depth: n, taps: oh * ow, kw: ow },
    ...{ scale: dilation, step: stride, offset: -padding, DIVISOR: 1 },
    ...{ x_place: images * c4, x_depth: groups * c4, x_group: c4 },
    ...{ w_tap: images * o4, w_depth: groups * o4, w_group: o4 },
    ...{ y_batch: taps, y_place: 1, y_out: c * taps, y_group: o * c * taps },
  });
  xs.dispose();
  ys.dispose();
}
