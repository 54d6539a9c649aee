// Losses that forbid saliency on irrelevant pixels, and demand none elsewhere.

import {
  abs,
  broadcastTo,
  cosineSimilarity,
  mul,
  normalizeMap,
  square,
  sum,
} from '../../../engine/ops/index.ts';
import type { RelevanceLoss } from './definition.ts';
import { irrelevant, perImage } from './parts.ts';

/** Σ ((1 − M) ⊙ ∂ₓ Σ_k log p_k)². */
export const rrr: RelevanceLoss = {
  name: 'rrr',
  source: 'Ross et al., Right for the Right Reasons, IJCAI 2017',
  saliency: { source: 'input-gradient', sign: 'signed', target: 'log-probs' },
  loss: ({ saliency, mask }) => sum(perImage(square(mul(irrelevant(mask), saliency))), [1]),
};

/** Σ ((1 − M) ⊙ Ŝ)², Ŝ = S / max S. */
export const rrrG: RelevanceLoss = {
  name: 'rrr-g',
  source: 'Schramowski et al., Nature Machine Intelligence 2020; Friedrich et al. 2023',
  saliency: { source: 'cam' },
  loss: ({ saliency, mask }) =>
    sum(perImage(square(mul(irrelevant(mask), normalizeMap(saliency)))), [1]),
};

/** cos(|∂ₓ max_k z_k|, 1 − M). */
export const r2r: RelevanceLoss = {
  name: 'r2r',
  source: 'Pahde et al., Reveal to Revise, MICCAI 2023 (its loss on the gradient)',
  saliency: { source: 'input-gradient', sign: 'signed', target: 'max-logit' },
  loss: ({ saliency, mask }) =>
    cosineSimilarity(
      perImage(abs(saliency)),
      perImage(broadcastTo(irrelevant(mask), saliency.shape)),
    ),
};
