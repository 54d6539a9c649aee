// 3×3 convolution by Winograd's F(2×2, 3×3): 16 matrix products of transformed tiles, 2.25 times fewer multiplications.

import { winogradInput, winogradOutput, winogradWeight } from '../../../kernels/winograd.ts';
import type { Tensor, TensorDevice } from '../../core/tensor.ts';
import { contract, vectors } from './contract.ts';
import { type Conv2d, sizes } from './geometry.ts';

const PRODUCTS = 16;

/** A convolution of stride 1 from `depth` channels to `outs`, with the place of its weights. */
interface Plan {
  readonly n: number;
  readonly depth: number;
  readonly outs: number;
  readonly h: number;
  readonly w: number;
  readonly oh: number;
  readonly ow: number;
  readonly padding: number;
  readonly w_out: number;
  readonly w_depth: number;
  /** 8 where windows are read backwards, else 0. */
  readonly turn: number;
}

function forwardPlan(attrs: Conv2d): Plan {
  const { n, c, h, w, o, oh, ow } = sizes(attrs);
  const { padding } = attrs;
  return { n, depth: c, outs: o, h, w, oh, ow, padding, w_out: c * 9, w_depth: 9, turn: 0 };
}

/** dx is the convolution of dy with the windows turned, channels in and out exchanged. */
function inputGradPlan(attrs: Conv2d): Plan {
  const { n, c, h, w, o, oh, ow } = sizes(attrs);
  const padding = 2 - attrs.padding;
  return {
    ...{ n, depth: o, outs: c, h: oh, w: ow, oh: h, ow: w, padding },
    ...{ w_out: 9, w_depth: c * 9, turn: 8 },
  };
}

const tilesOf = ({ n, oh, ow }: Plan) => {
  const [th, tw] = [Math.ceil(oh / 2), Math.ceil(ow / 2)];
  return { th, tw, tiles: vectors(n * th * tw) * 4 };
};

/** Whether windows are 3×3, undilated, of stride 1 and one group, and their transforms fit the device. */
export function fits(gpu: TensorDevice, attrs: Conv2d): boolean {
  const { stride, dilation, groups, padding, w } = attrs;
  if (w[2] !== 3 || w[3] !== 3 || stride !== 1 || dilation !== 1 || groups !== 1) return false;
  if (padding > 2) return false;
  const { depth, outs, ...plan } = forwardPlan(attrs);
  const widest = Math.max(depth, vectors(outs) * 4, vectors(depth) * 4);
  const { tiles } = tilesOf({ depth, outs, ...plan });
  const back = tilesOf(inputGradPlan(attrs)).tiles;
  const bytes = PRODUCTS * widest * Math.max(tiles, back, widest) * 4;
  return bytes <= gpu.device.limits.maxStorageBufferBindingSize;
}

function run(gpu: TensorDevice, x: Tensor, weight: Tensor, plan: Plan, y: Tensor): void {
  const { n, depth, outs, h, w, oh, ow, padding, w_out, w_depth, turn } = plan;
  const { th, tw, tiles } = tilesOf(plan);
  const [o4, t4] = [vectors(outs), tiles / 4];
  const v = gpu.empty([PRODUCTS, depth, tiles]);
  gpu.run(
    winogradInput,
    { x, v },
    { size: depth * tiles, n, tiles, th, tw, c: depth, h, w, padding },
  );
  const u = gpu.empty([PRODUCTS, depth, o4 * 4]);
  const padded = o4 * 4;
  gpu.run(
    winogradWeight,
    { w: weight, u },
    { size: depth * padded, outs, padded, w_out, w_depth, turn },
  );
  const m = gpu.empty([PRODUCTS, outs, tiles]);
  contract(gpu, v, u, m, {
    ...{ pixels: t4, batch: tiles, batch4: t4, ow: 1, h: 1, w_in: 1 },
    ...{ outs, outs4: o4, groups: PRODUCTS, depth, taps: 1, kw: 1 },
    ...{ scale: 1, step: 1, offset: 0, DIVISOR: 1 },
    ...{ x_place: 0, x_depth: t4, x_group: depth * t4, w_tap: 0, w_depth: o4, w_group: depth * o4 },
    ...{ y_batch: 1, y_place: 0, y_out: tiles, y_group: outs * tiles },
  });
  v.dispose();
  u.dispose();
  const size = outs * n * th * tw;
  gpu.run(
    winogradOutput,
    { m, y },
    { size, n, tiles, th, tw, outs, oh, ow, product: outs * tiles },
  );
  m.dispose();
}

export function forward(
  gpu: TensorDevice,
  x: Tensor,
  weight: Tensor,
  attrs: Conv2d,
  y: Tensor,
): void {
  run(gpu, x, weight, forwardPlan(attrs), y);
}

export function inputGrad(
  gpu: TensorDevice,
  dy: Tensor,
  weight: Tensor,
  attrs: Conv2d,
  dx: Tensor,
): void {
  run(gpu, dy, weight, inputGradPlan(attrs), dx);
}
