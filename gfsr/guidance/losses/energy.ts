// Losses on how saliency is divided between the masked area and the rest.

import {
  clamp,
  div,
  klDivergence,
  log,
  relevanceLoss,
  scaleShift,
  sub,
  sum,
} from '../../../engine/ops/index.ts';
import type { RelevanceLoss } from './definition.ts';
import { LOG_EPS, perImage, positiveShare } from './parts.ts';

/** ReLU(R* − R), R = ΣMS/ΣS, R* = ΣM²/ΣM. */
export const gfsr: RelevanceLoss = {
  name: 'gfsr',
  source:
    'ours (docs/method.md), after the mask-guided relevance loss of GFSR-Net, arXiv 2510.01919',
  loss: ({ saliency, mask }) => relevanceLoss(saliency, mask),
};

/** 1 − ΣMS⁺/ΣS⁺. */
export const energy: RelevanceLoss = {
  name: 'energy',
  source: 'Rao et al., Using Explanations to Guide Models, ICCV 2023',
  loss: ({ saliency, mask }) => relevanceLoss(saliency, mask, { hinge: false }),
};

/** KL(M/ΣM ‖ P), P = (Ŝ + ε)/Σ(Ŝ + ε). An empty mask has no loss. */
export const kl: RelevanceLoss = {
  name: 'kl',
  source:
    'KL divergence of saliency benchmarks: Bylinskii et al., What do different evaluation metrics tell us about saliency models?, TPAMI 2019',
  loss: ({ saliency, mask }) => {
    const s = scaleShift(positiveShare(saliency), 1, LOG_EPS);
    const m = perImage(mask);
    const total = clamp(sum(m, [1], { keepDims: true }), LOG_EPS, Number.POSITIVE_INFINITY);
    return klDivergence(sub(log(s), log(sum(s, [1], { keepDims: true }))), div(m, total));
  },
};
