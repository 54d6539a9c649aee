// CRAYON: a person answers yes or no to where the classifier looked before guidance, and the map is kept or avoided.

import type { Tensor } from '../../../engine/core/tensor.ts';
import {
  add,
  clamp,
  div,
  mul,
  normalizeMap,
  scaleShift,
  sum,
  within,
} from '../../../engine/ops/index.ts';
import type { RelevanceLoss } from './definition.ts';
import { irrelevant, perImage } from './parts.ts';

const EPS = 1e-3;

/** Σ Ŝ·w / Σ w, row by row. */
const weightedShare = (share: Tensor, weight: Tensor): Tensor =>
  div(sum(mul(share, weight), [1]), clamp(sum(weight, [1]), EPS, Number.POSITIVE_INFINITY));

/**
 * No: Σ Ŝ·Ŝ₀ / Σ Ŝ₀, away from where it looked. Yes: Σ Ŝ(1 − Ŝ₀) / Σ(1 − Ŝ₀), nowhere else. Ŝ₀ is the map before
 * guidance.
 *
 * [ours] The answer follows from the mask, so that all losses use the same annotations: yes if at least half of Ŝ₀ lies
 * on it. Both answers have equal weight.
 */
export const crayon: RelevanceLoss = {
  name: 'crayon',
  source:
    'Lee, Payani & Chau, Effective Guidance for Model Attention with Simple Yes-no Annotations (CRAYON-Attention), 2024, arXiv 2410.22312',
  saliency: { source: 'cam', target: 'label' },
  initialSaliency: true,
  loss: ({ saliency, mask, initialSaliency }) => {
    if (!initialSaliency) {
      throw new TypeError('crayon: needs `initialSaliency`, the saliency before guidance.');
    }
    const share = perImage(normalizeMap(saliency));
    const before = perImage(normalizeMap(initialSaliency));
    const yes = within(weightedShare(perImage(mask), before), 0.5, Number.POSITIVE_INFINITY);
    return add(
      mul(yes, weightedShare(share, irrelevant(before))),
      mul(scaleShift(yes, -1, 1), weightedShare(share, before)),
    );
  },
};
