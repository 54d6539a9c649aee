// Losses on the pixelwise distance between the normalised saliency map and the mask.

import type { Tensor } from '../../../engine/core/tensor.ts';
import {
  abs,
  add,
  clamp,
  div,
  gaussianBlur,
  greater,
  log,
  mean,
  mul,
  neg,
  normalizeMap,
  relu,
  reshape,
  scaleShift,
  square,
  sub,
  sum,
  tanh,
} from '../../../engine/ops/index.ts';
import type { RelevanceLoss } from './definition.ts';
import { LOG_EPS, perImage, positiveShare } from './parts.ts';

/** mean |S⁺/max S⁺ − M|. */
export const l1: RelevanceLoss = {
  name: 'l1',
  source: 'Rao et al., Using Explanations to Guide Models, ICCV 2023',
  loss: ({ saliency, mask }) => mean(abs(sub(positiveShare(saliency), perImage(mask))), [1]),
};

/** −Σ M·ln((S⁺/max S⁺ + ε)/(1 + ε)) / ΣM: cross-entropy with 1 inside the mask. An empty mask has no loss. */
export const ppce: RelevanceLoss = {
  name: 'ppce',
  source: 'Rao et al., Using Explanations to Guide Models, ICCV 2023 (per-pixel cross-entropy)',
  loss: ({ saliency, mask }) => {
    const m = perImage(mask);
    const share = scaleShift(positiveShare(saliency), 1 / (1 + LOG_EPS), LOG_EPS / (1 + LOG_EPS));
    const total = clamp(sum(m, [1]), LOG_EPS, Number.POSITIVE_INFINITY);
    return neg(div(sum(mul(m, log(share)), [1]), total));
  },
};

/** mean (Ŝ − M)². */
export const hint: RelevanceLoss = {
  name: 'hint',
  source: 'Selvaraju et al., HINT, ICCV 2019, as simplified by Friedrich et al. 2023',
  saliency: { source: 'cam' },
  loss: ({ saliency, mask }) => mean(perImage(square(sub(normalizeMap(saliency), mask))), [1]),
};

/**
 * mean |Ŝ − M|. The paper's weights by "reasonability" of the explanation need a second annotation and are left out.
 */
export const gradia: RelevanceLoss = {
  name: 'gradia',
  source: 'Gao et al., Aligning Eyes between Humans and Deep Neural Network (GRADIA), CSCW 2022',
  saliency: { source: 'cam' },
  loss: ({ saliency, mask }) => mean(perImage(abs(sub(normalizeMap(saliency), mask))), [1]),
};

/** Slack of the robust distance. */
const ETA = 0.1;
/** [ours] The saliency value a between attention and its absence. */
const NEUTRAL = 0.5;
/** [ours] M ≥ this is a positive annotation, M ≤ 1 − this a negative one; between them there is none. */
const SURE = 2 / 3;

/**
 * mean |Ŝ − h(F)| + ReLU(Σ |tanh(5(Ŝ − a)) − F|·1[F≠0] / Σ 1[F≠0] − η), with F ∈ {−1, 0, 1} and h(F) the positive
 * annotation, blurred by a Gaussian.
 */
export const res: RelevanceLoss = {
  name: 'res',
  source: 'Gao et al., RES: A Robust Framework for Guiding Visual Explanation, KDD 2022 (RES-G)',
  saliency: { source: 'cam' },
  loss: ({ saliency, mask }) => {
    const share = normalizeMap(saliency);
    const positive = greater(scaleShift(mask, 1, -SURE), scaleShift(mask, 0, 0));
    const negative = greater(scaleShift(mask, -1, 1 - SURE), scaleShift(mask, 0, 0));
    const imputed = perImage(abs(sub(share, spread(positive))));
    const known = perImage(add(positive, negative));
    const miss = perImage(
      abs(sub(tanh(scaleShift(share, 5, -5 * NEUTRAL)), sub(positive, negative))),
    );
    const count = clamp(sum(known, [1]), 1, Number.POSITIVE_INFINITY);
    const robust = relu(scaleShift(div(sum(mul(miss, known), [1]), count), 1, -ETA));
    return add(mean(imputed, [1]), robust);
  },
};

/** [ours] σ is 1/28 of the side, as for the soft masks. */
function spread(annotation: Tensor): Tensor {
  const [n, h, w] = annotation.shape;
  const image = reshape(annotation, [n, 1, h, w]);
  return reshape(gaussianBlur(image, Math.sqrt(h * w) / 28), annotation.shape);
}
