// The fused mask-guided relevance loss (method.md step 8) and its fused gradient.

import { relevanceKernels } from '../../kernels/relevance.ts';
import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import { formatShape, sameShape, type Tensor, type TensorDevice } from '../core/tensor.ts';
import { reshape, sum } from './broadcast.ts';
import {
  add,
  div,
  mul,
  neg,
  relu,
  reluInputGrad,
  scaleShift,
  square,
  step,
  sub,
} from './elementwise.ts';
import { max } from './reduce.ts';

interface Relevance {
  /** ReLU(R* − R), or 1 − R without the hinge. */
  readonly hinge: boolean;
  readonly eps: number;
}

const kernelsOf = ({ isSoftware }: TensorDevice) =>
  relevanceKernels[isSoftware ? 'vector' : 'workgroup'];

const kernelArgs = (s: Tensor, { hinge, eps }: Relevance) => ({
  maps: s.shape[0],
  area: s.size / s.shape[0],
  eps,
  HINGE: hinge ? 1 : 0,
});

/** max(x, eps), with gradient 1 above eps and 0 below. */
const atLeast = (x: Tensor, eps: number): Tensor =>
  scaleShift(relu(scaleShift(x, 1, -eps)), 1, eps);

/** The sums that value and gradient share, as plain ops over rows [N, area]. */
function parts(s: Tensor, mask: Tensor, { hinge, eps }: Relevance) {
  const rows = [s.shape[0], s.size / s.shape[0]];
  const column = { keepDims: true };
  const m = reshape(mask, rows);
  const positive = relu(reshape(s, rows));
  const total = sum(positive, [1], column);
  const safeTotal = atLeast(total, eps);
  const energy = div(sum(mul(m, positive), [1], column), safeTotal);
  const range = add(max(m, [1], column), max(neg(m), [1], column));
  const valid = mul(step(scaleShift(total, 1, -eps)), step(range));
  const target = hinge
    ? div(sum(square(m), [1], column), atLeast(sum(m, [1], column), eps))
    : s.gpu.tensor(new Float32Array(rows[0]).fill(1), [rows[0], 1]);
  return { m, safeTotal, energy, valid, miss: sub(target, energy) };
}

const lossOp: ApplyOp<Relevance> = defineOp('relevanceLoss', {
  inputs: ['saliency', 'mask'],
  shape: ([s, mask]) => {
    if (s.rank < 2 || !sameShape(s.shape, mask.shape)) {
      throw new RangeError(
        `relevanceLoss: saliency ${formatShape(s.shape)} and mask ${formatShape(mask.shape)}: expected the same shape [N, ...].`,
      );
    }
    return [s.shape[0]];
  },
  forward: (gpu, [s, mask], attrs, loss) =>
    gpu.run(kernelsOf(gpu).loss, { s, mask, loss }, kernelArgs(s, attrs)),
  vjp: [({ dy, inputs: [s, mask], attrs }) => lossGradOp([dy, s, mask], attrs), 'zero'],
  composite: ([s, mask], attrs) => {
    const { miss, valid } = parts(s, mask, attrs);
    return reshape(mul(relu(miss), valid), [s.shape[0]]);
  },
});

const lossGradOp: ApplyOp<Relevance> = defineOp('relevanceLossInputGrad', {
  inputs: ['dy', 'saliency', 'mask'],
  shape: ([, s]) => s.shape,
  forward: (gpu, [dy, s, mask], attrs, ds) =>
    gpu.run(kernelsOf(gpu).inputGrad, { dy, s, mask, ds }, kernelArgs(s, attrs)),
  vjp: [undefined, undefined, 'zero'],
  composite: ([dy, s, mask], attrs) => {
    const { m, safeTotal, energy, valid, miss } = parts(s, mask, attrs);
    const scale = mul(neg(div(reshape(dy, [s.shape[0], 1]), safeTotal)), mul(valid, step(miss)));
    const slope = mul(scale, sub(m, energy));
    return reshape(reluInputGrad(slope, reshape(s, slope.shape)), s.shape);
  },
});

/**
 * The mask-guided relevance loss of each image, with R = ΣM·S⁺/ΣS⁺ the share of saliency energy on the mask: ReLU(R* −
 * R), R* = ΣM²/ΣM, or 1 − R without the hinge. An image whose saliency sums to less than `eps`, or whose mask is
 * constant, has loss 0 and no gradient.
 *
 * @param saliency [N, h, w]
 * @param mask M in [0, 1], same shape; a constant: no gradient flows into it
 * @returns [N], in [0, 1]
 */
export const relevanceLoss = (
  saliency: Tensor,
  mask: Tensor,
  { hinge = true, eps = 1e-8 }: Partial<Relevance> = {},
): Tensor => lossOp([saliency, mask], { hinge, eps });
