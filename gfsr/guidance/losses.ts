// Relevance losses: the built-in ones, each from its source's formula, and the seam to add one's own.

import { cdep } from './losses/cdep.ts';
import { crayon } from './losses/crayon.ts';
import { defineRelevanceLoss } from './losses/definition.ts';
import { gradia, hint, l1, ppce, res } from './losses/distance.ts';
import { energy, gfsr, kl } from './losses/energy.ts';
import { r2r, rrr, rrrG } from './losses/right-reasons.ts';
import { gain, saliencyGuided } from './losses/second-pass.ts';

export {
  defineRelevanceLoss,
  isLossFile,
  type RelevanceLoss,
  type RelevanceLossInputs,
  relevanceLosses,
  relevanceLossNamed,
  rememberLossFile,
} from './losses/definition.ts';

const BUILT_IN = [
  ...[gfsr, energy, rrr, rrrG, hint, l1, ppce, gain, gradia, res, crayon, r2r, kl],
  ...[cdep, saliencyGuided],
];
for (const loss of BUILT_IN) defineRelevanceLoss(loss);
