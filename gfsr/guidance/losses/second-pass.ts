// Losses that run the classifier on a changed image: one more forward pass.

import {
  add,
  exp,
  gather,
  klDivergence,
  logSoftmax,
  mean,
  mul,
  normalizeMap,
  reshape,
  resizeBilinear,
  scaleShift,
  sigmoid,
  softmax,
  square,
  sub,
  topKMask,
} from '../../../engine/ops/index.ts';
import type { RelevanceLoss } from './definition.ts';
import { irrelevant, perImage } from './parts.ts';

/** Slope and threshold of the soft mask T that erases the salient part. */
const SLOPE = 30;
const THRESHOLD = 0.6;

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
    const erased = sigmoid(scaleShift(upsampled, SLOPE, -SLOPE * THRESHOLD));
    const logits = forward(mul(image, irrelevant(erased)));
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
