// Saliency maps from a feature map and the gradient at it: Grad-CAM and HiResCAM.

import * as kernels from '../../kernels/saliency.ts';
import type { VjpContext } from '../autodiff/op.ts';
import { type ApplyOp, defineOp, shared } from '../autodiff/registry.ts';
import { formatShape, sameShape, type Tensor } from '../core/tensor.ts';
import { foldChunks, foldForward, reshape, sum } from './broadcast.ts';
import {
  abs,
  mul,
  reciprocal,
  relu,
  reluInputGrad,
  scaleShift,
  sign as signOf,
  step,
} from './elementwise.ts';
import { max, mean } from './reduce.ts';

/** `gradcam`: channel weights are the mean gradient; `hirescam`: the gradient at each position. */
export type SaliencyMethod = 'gradcam' | 'hirescam';
/** How negative evidence is treated: kept, dropped, or counted as evidence. */
export type SaliencySign = 'signed' | 'relu' | 'abs';

const SIGNS: readonly SaliencySign[] = ['signed', 'relu', 'abs'];

interface Weighted {
  readonly sign: SaliencySign;
}

const isPooled = (a: Tensor, weight: Tensor): boolean => !sameShape(a.shape, weight.shape);

/** ∂(loss)/∂(Σ_k α_k A_k): what ReLU keeps, the result shows, but the sign of |x| it does not. */
function signInputGrad({ dy, y, inputs: [a, weight], attrs: { sign } }: VjpContext<Weighted>) {
  if (sign === 'relu') return reluInputGrad(dy, y);
  return sign === 'abs' ? mul(dy, signOf(sum(mul(a, weight), [1]))) : dy;
}

/** The same, [N, 1, h, w]. */
const totalGrad = shared<Weighted>((context) => {
  const [n, h, w] = context.y.shape;
  return reshape(signInputGrad(context), [n, 1, h, w]);
});

const weightedOp: ApplyOp<Weighted> = defineOp('saliency', {
  inputs: ['activations', 'weight'],
  shape: ([a, weight]) => {
    const [n, k, h, w] = a.shape;
    if (a.rank !== 4 || (isPooled(a, weight) && !sameShape(weight.shape, [n, k, 1, 1]))) {
      throw new RangeError(
        `saliency: activations ${formatShape(a.shape)} and weight ${formatShape(weight.shape)}: ` +
          'expected [N, K, H, W] and the same shape or [N, K, 1, 1].',
      );
    }
    return [n, h, w];
  },
  forward: (gpu, [a, w], { sign }, s) =>
    gpu.run(
      kernels.saliency,
      { a, w, s },
      {
        size: s.size,
        channels: a.shape[1],
        area: a.shape[2] * a.shape[3],
        POOLED: isPooled(a, w) ? 1 : 0,
        SIGN: SIGNS.indexOf(sign),
      },
    ),
  vjp: [
    (context) => mul(totalGrad(context), context.inputs[1]),
    (context) => {
      const [a, weight] = context.inputs;
      const both = [totalGrad(context), a] as const;
      return isPooled(a, weight) ? weightGradOp(both) : mul(...both);
    },
  ],
  composite: ([a, weight], { sign }) => {
    const total = sum(mul(a, weight), [1]);
    if (sign === 'relu') return relu(total);
    return sign === 'abs' ? abs(total) : total;
  },
});

/** Σ_p ds[n, 0, p]·A[n, k, p], [N, K, 1, 1]: the gradient of weights that hold for a whole channel. */
const weightGradOp = defineOp('saliencyWeightGrad', {
  inputs: ['ds', 'activations'],
  shape: ([, { shape }]) => [shape[0], shape[1], 1, 1],
  forward: (gpu, [ds, a], _, y) => {
    const [n, channels, h, w] = a.shape;
    const [rows, area] = [n * channels, h * w];
    const chunks = foldChunks(area, rows);
    const parts = chunks === 1 ? y : gpu.empty([rows, chunks]);
    const size = rows * chunks;
    gpu.run(kernels.saliencyWeightGrad, { ds, a, y: parts }, { size, channels, area, chunks });
    if (parts === y) return;
    foldForward('sum')(gpu, [parts], { axis: 1, count: 1 }, y);
    parts.dispose();
  },
  vjp: [
    ({ dy, inputs: [{ shape }, a] }) => reshape(saliencyOf(a, dy, 'signed'), shape),
    ({ dy, inputs: [ds] }) => mul(ds, dy),
  ],
}) as (inputs: readonly Tensor[]) => Tensor;

/** S = sign(Σ_k α_k A_k): activations [N, K, h, w] and weights α, [N, K, 1, 1] or of the same shape → [N, h, w]. */
export const saliencyOf = (activations: Tensor, weight: Tensor, sign: SaliencySign): Tensor =>
  weightedOp([activations, weight], { sign });

/**
 * S = sign(Σ_k α_k A_k) with α the gradient at A, averaged over positions for Grad-CAM (Selvaraju et al. 2017) and
 * unchanged for HiResCAM (Draelos & Carin 2020).
 *
 * @param activations A [N, K, h, w]
 * @param gradient ∂y_c/∂A, same shape; make it with `createGraph` to train through it
 * @returns [N, h, w]
 */
export function saliencyMap(
  activations: Tensor,
  gradient: Tensor,
  options: { readonly method: SaliencyMethod; readonly sign: SaliencySign },
): Tensor {
  const { method, sign } = options;
  const weight = method === 'gradcam' ? mean(gradient, [2, 3], { keepDims: true }) : gradient;
  return saliencyOf(activations, weight, sign);
}

const normalizeMapOp: ApplyOp<{ eps: number }> = defineOp('normalizeMap', {
  inputs: ['x'],
  shape: ([x]) => x.shape,
  forward: (gpu, [x], { eps }, y) =>
    gpu.run(kernels.normalizeMap, { x, y }, { maps: x.shape[0], area: x.size / x.shape[0], eps }),
  composite: ([x], { eps }) => {
    const rows = reshape(x, [x.shape[0], x.size / x.shape[0]]);
    const most = max(abs(rows), [1], { keepDims: true });
    const floor = scaleShift(relu(scaleShift(most, 1, -eps)), 1, eps);
    const scale = mul(reciprocal(floor), step(scaleShift(most, 1, -eps)));
    return reshape(mul(rows, scale), x.shape);
  },
});

/** Ŝ = S / max |S| of each map [N, …]. A map whose maximum is below `eps` becomes 0 and gets no gradient. */
export const normalizeMap = (x: Tensor, eps = 1e-12): Tensor => normalizeMapOp([x], { eps });
