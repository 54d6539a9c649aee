// Convolution with a window of one pixel: a matrix product, without rearranging the image.

import type { Tensor, TensorDevice } from '../../core/tensor.ts';
import { contract, packed, vectors } from './contract.ts';
import { type Conv2d, sizes } from './geometry.ts';

export const isPointwise = ({ w: [, , kh, kw], stride, padding }: Conv2d): boolean =>
  kh * kw === 1 && stride === 1 && padding === 0;

/** Planes of `places` numbers as an operand, padded to whole vectors; x itself if it already has that form. */
function planes(gpu: TensorDevice, x: Tensor, channels: number, places: number): Tensor {
  if (places % 4 === 0 && gpu.operands === x.dtype) return x;
  return packed(gpu, x, [x.shape[0] * channels, places, 1], [places, 1, 0]);
}

/** y [n, o, p] = Σ_k w [o, k] x [n, k, p] for each group: vectors run along the places, the images are the places. */
function product(
  gpu: TensorDevice,
  x: Tensor,
  { channels, depth }: { readonly channels: number; readonly depth: number },
  weight: Tensor,
  { outs, groups }: { readonly outs: number; readonly groups: number },
  y: Tensor,
): void {
  const [n, , h, w] = x.shape;
  const places = h * w;
  const [p4, o4] = [vectors(places), vectors(outs)];
  const xs = planes(gpu, x, channels, places);
  contract(gpu, xs, weight, y, {
    ...{ pixels: n * p4, batch: places, batch4: p4, ow: 1, h: n, w_in: 1 },
    ...{ outs, outs4: o4, groups, depth, taps: 1, kw: 1 },
    ...{ scale: 1, step: 1, offset: 0, DIVISOR: 1 },
    ...{ x_place: channels * p4, x_depth: p4, x_group: depth * p4 },
    ...{ w_tap: 0, w_depth: o4, w_group: depth * o4 },
    ...{ y_batch: 1, y_place: outs * groups * places, y_out: places, y_group: outs * places },
  });
  if (xs !== x) xs.dispose();
}

export function forward(
  gpu: TensorDevice,
  x: Tensor,
  weight: Tensor,
  attrs: Conv2d,
  y: Tensor,
): void {
  const { channels, c, o } = sizes(attrs);
  const { groups } = attrs;
  const ws = packed(gpu, weight, [groups, o, c], [o * c, c, 1]);
  product(gpu, x, { channels, depth: c }, ws, { outs: o, groups }, y);
  ws.dispose();
}

export function inputGrad(
  gpu: TensorDevice,
  dy: Tensor,
  weight: Tensor,
  attrs: Conv2d,
  dx: Tensor,
): void {
  const { outChannels, c, o } = sizes(attrs);
  const { groups } = attrs;
  const ws = packed(gpu, weight, [groups, c, o], [o * c, 1, c]);
  product(gpu, dy, { channels: outChannels, depth: o }, ws, { outs: c, groups }, dx);
  ws.dispose();
}
