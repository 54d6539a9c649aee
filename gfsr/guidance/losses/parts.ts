// Common parts of the formulas of relevance losses.

import type { Tensor } from '../../../engine/core/tensor.ts';
import { normalizeMap, relu, reshape, scaleShift } from '../../../engine/ops/index.ts';

/** [N, …] → [N, D]: one row per image. */
export const perImage = (x: Tensor): Tensor => reshape(x, [x.shape[0], x.size / x.shape[0]]);

/** E = 1 − M. */
export const irrelevant = (mask: Tensor): Tensor => scaleShift(mask, -1, 1);

/** S⁺ / max S⁺ in [0, 1], row by row [N, D]. A map without positive saliency stays 0 and gets no gradient. */
export const positiveShare = (saliency: Tensor): Tensor => perImage(normalizeMap(relu(saliency)));

/**
 * [ours] Added to Ŝ under a logarithm, so that a pixel without saliency costs ln 1001 instead of infinity, and its
 * gradient stays below 1000.
 */
export const LOG_EPS = 1e-3;
