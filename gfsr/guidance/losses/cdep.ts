// CDEP: the contribution of the irrelevant part of the image, by contextual decomposition, must not support any class.

import { mean, mul, reshape, resizeBilinear, sigmoid, sub } from '../../../engine/ops/index.ts';
import type { RelevanceLoss } from './definition.ts';
import { irrelevant } from './parts.ts';

/**
 * mean_c e^β_c/(e^β_c + e^γ_c) = mean_c σ(β_c − γ_c): β are the logits of the irrelevant part (1 − M) ⊙ x in a
 * contextual decomposition of the network, γ those of the rest. Below ½ if the rest dominates.
 *
 * [ours] M may be soft, and is interpolated to the image. In the source it is 0 or 1.
 */
export const cdep: RelevanceLoss = {
  name: 'cdep',
  source:
    'Rieger, Singh, Murdoch & Yu, Interpretations are Useful (CDEP), ICML 2020, arXiv 1909.13584',
  saliency: { source: 'input-gradient', sign: 'abs' },
  loss: ({ mask, image, decompose }) => {
    const [n, , height, width] = image.shape;
    const map = reshape(mask, [n, 1, ...mask.shape.slice(-2)]);
    const forbidden = irrelevant(resizeBilinear(map, [height, width]));
    const { part, rest } = decompose(mul(image, forbidden), mul(image, irrelevant(forbidden)));
    return mean(sigmoid(sub(part, rest)), [1]);
  },
};
