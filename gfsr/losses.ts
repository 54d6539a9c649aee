// Relevance losses that compare a saliency map with a mask: each one plain function in one record.

import {
  affine,
  mean,
  mul,
  normalizeMap,
  relevanceLoss,
  reshape,
  square,
  sub,
  sum,
} from '../engine/ops/index.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { SaliencyOptions } from './saliency.ts';

/** What a relevance loss may use, for a batch of N images. */
export interface RelevanceLossInputs {
  /** S [N, h, w]; for the source `input-gradient` the signed gradient [N, C, H, W]. */
  readonly saliency: Tensor;
  /** M in [0, 1], 1 = relevant: [N, h, w], or [N, 1, H, W] for `input-gradient`. */
  readonly mask: Tensor;
  /** [N, classes]. */
  readonly logits: Tensor;
  /** u32 [N]. */
  readonly labels: Tensor;
  /** [N, C, H, W], normalised. */
  readonly image: Tensor;
}

export interface RelevanceLoss {
  /** Where the formula comes from. */
  readonly source: string;
  /** The saliency it is defined on, where it is not free. */
  readonly saliency?: Partial<SaliencyOptions>;
  /** The loss of each image: [N]. */
  readonly loss: (inputs: RelevanceLossInputs) => Tensor;
}

const perImage = (x: Tensor): Tensor => reshape(x, [x.shape[0], x.size / x.shape[0]]);
const irrelevant = (mask: Tensor): Tensor => affine(mask, -1, 1);

export const relevanceLosses: Readonly<Record<string, RelevanceLoss>> = {
  /** ReLU(R* − R), R = ΣMS/ΣS, R* = ΣM²/ΣM. */
  gfsr: {
    source:
      'ours (docs/design.md), after the mask-guided relevance loss of GFSR-Net, arXiv 2510.01919',
    loss: ({ saliency, mask }) => relevanceLoss(saliency, mask),
  },
  /** 1 − ΣMS⁺/ΣS⁺. */
  energy: {
    source: 'Rao et al., Using Explanations to Guide Models, ICCV 2023',
    loss: ({ saliency, mask }) => relevanceLoss(saliency, mask, { hinge: false }),
  },
  /** Σ ((1 − M) ⊙ ∂ₓ Σ_k log p_k)². */
  rrr: {
    source: 'Ross et al., Right for the Right Reasons, IJCAI 2017',
    saliency: { source: 'input-gradient', target: 'log-probs' },
    loss: ({ saliency, mask }) => sum(perImage(square(mul(irrelevant(mask), saliency))), [1]),
  },
  /** Σ ((1 − M) ⊙ Ŝ)², Ŝ = S / max S. */
  'rrr-g': {
    source: 'Schramowski et al., Nature Machine Intelligence 2020; Friedrich et al. 2023',
    saliency: { source: 'cam' },
    loss: ({ saliency, mask }) =>
      sum(perImage(square(mul(irrelevant(mask), normalizeMap(saliency)))), [1]),
  },
  /** mean (Ŝ − M)². */
  hint: {
    source: 'Selvaraju et al., HINT, ICCV 2019, as simplified by Friedrich et al. 2023',
    saliency: { source: 'cam' },
    loss: ({ saliency, mask }) => mean(perImage(square(sub(normalizeMap(saliency), mask))), [1]),
  },
};
