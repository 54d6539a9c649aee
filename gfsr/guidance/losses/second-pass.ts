// Losses that run the classifier on a changed image: one more forward pass.

import type { Tensor } from '../../../engine/core/tensor.ts';
import {
  add,
  concat,
  exp,
  gather,
  klDivergence,
  logSoftmax,
  max,
  mean,
  mul,
  normalizeMap,
  reshape,
  resizeBilinear,
  scaleShift,
  sigmoid,
  sign,
  slice,
  softmax,
  square,
  sub,
  topKMask,
} from '../../../engine/ops/index.ts';
import type { RelevanceLoss } from './definition.ts';
import { irrelevant, perImage } from './parts.ts';

/** Slope of the soft steps T. */
const SLOPE = 30;

/** T(x) = σ(30(x − threshold)): a step that has a gradient. */
const step = (x: Tensor, threshold: number): Tensor =>
  sigmoid(scaleShift(x, SLOPE, -SLOPE * threshold));

/** `gain` erases what is at least this salient. */
const SALIENT = 0.6;

/**
 * p_c(I*) + mean (Ŝ − M)², I* = I(1 − T), T = σ(30(Ŝ − 0.6)): after the salient part is erased, the rest must not
 * reveal the class. Pixels are normalised, so erasing with 0 fills in the mean image [ours].
 */
export const gain: RelevanceLoss = {
  name: 'gain',
  source: 'Li et al., Tell Me Where to Look: Guided Attention Inference Network, CVPR 2018',
  saliency: { source: 'cam', target: 'label' },
  loss: ({ saliency, mask, image, labels, forward }) => {
    const share = normalizeMap(saliency);
    const [n, h, w] = share.shape;
    const [, , height, width] = image.shape;
    const upsampled = resizeBilinear(reshape(share, [n, 1, h, w]), [height, width]);
    const logits = forward(mul(image, irrelevant(step(upsampled, SALIENT))));
    const left = exp(gather(logSoftmax(logits), labels));
    return add(left, mean(perImage(square(sub(share, mask))), [1]));
  },
};

/** Share of the pixels that are replaced: those with the smallest gradients. */
const REPLACED = 0.5;

/**
 * KL(f(x) ‖ f(x̃)), x̃ = x with the half of the pixels that has the smallest |∂ₓ z_c| set to the mean image [ours: the
 * paper draws random values]. It uses no mask. Ranking counts comparisons (pixels² per image), so it suits only small
 * images.
 */
export const saliencyGuided: RelevanceLoss = {
  name: 'saliency-guided',
  source:
    'Ismail et al., Improving Deep Learning Interpretability by Saliency Guided Training, NeurIPS 2021',
  saliency: { source: 'input-gradient', sign: 'abs', target: 'label' },
  loss: ({ saliency, image, logits, forward }) => {
    const [n, h, w] = saliency.shape;
    const kept = topKMask(perImage(saliency), Math.ceil((1 - REPLACED) * h * w));
    const changed = forward(mul(image, reshape(kept, [n, 1, h, w])));
    return klDivergence(logSoftmax(changed), softmax(logits));
  },
};

/** `caipi` keeps what is at least this relevant. What may be part of a shortcut goes as well [ours]. */
const RELEVANT = 0.75;

/** The next image of the batch in place of each, the first in place of the last. */
function next(x: Tensor): Tensor {
  const [n, ...one] = x.shape;
  if (n === 1) return x;
  const origin = one.map(() => 0);
  const others = slice(x, [1, ...origin], [n - 1, ...one]);
  return concat([others, slice(x, [0, ...origin], [1, ...one])]);
}

/** M [N, 1, H, W]; 1 everywhere if it is empty: on an image that is not guided, nothing is known to be irrelevant. */
const orWhole = (mask: Tensor): Tensor =>
  add(mask, irrelevant(sign(max(mask, [1, 2, 3], { keepDims: true }))));

/**
 * −log p_c(x̃): a counterexample has the class of x, and what does not matter in it comes from another image. With the
 * next image x′ of the batch and its mask M′, x̃ = K ⊙ x + (1 − K) ⊙ x′, K = T(M) ⊙ T(M′).
 *
 * [ours] What does not matter in x′ comes along (the factor T(M′)): x̃ shows the whole shortcut of x′, and none of
 * x. An empty mask counts as a full one, so an x′ that is not guided shows only where x does not matter. This suits
 * marks on what is irrelevant: where masks are small or nowhere reach 0.75, little of x is left. It uses no saliency.
 */
export const caipi: RelevanceLoss = {
  name: 'caipi',
  source: 'Teso and Kersting, Explanatory Interactive Machine Learning, AIES 2019',
  saliency: { source: 'input-gradient', sign: 'abs' }, // for masks of the size of the image
  loss: ({ mask, image, labels, forward }) => {
    const [n, h, w] = mask.shape;
    const own = step(orWhole(reshape(mask, [n, 1, h, w])), RELEVANT);
    const kept = mul(own, next(own));
    const other = next(image);
    const mixed = add(other, mul(kept, sub(image, other)));
    return scaleShift(gather(logSoftmax(forward(mixed)), labels), -1, 0);
  },
};
