// The built-in relevance losses by name, each after the formula of its source.

import { guidanceSettings, isLossFile, LOSS_NAMES, type LossName } from '../config/guidance.ts';
import { cdep } from './losses/cdep.ts';
import { crayon } from './losses/crayon.ts';
import type { RelevanceLoss } from './losses/definition.ts';
import { gradia, hint, l1, ppce, res } from './losses/distance.ts';
import { energy, gfsr, kl } from './losses/energy.ts';
import { r2r, rrr, rrrG } from './losses/right-reasons.ts';
import { caipi, gain, saliencyGuided } from './losses/second-pass.ts';

export {
  defineRelevanceLoss,
  type RelevanceLoss,
  type RelevanceLossInputs,
} from './losses/definition.ts';

/** The built-in relevance losses by name. Each states its formula and its source. */
export const relevanceLosses: Readonly<Record<LossName, RelevanceLoss>> = {
  ...{ gfsr, energy, rrr, 'rrr-g': rrrG, hint, l1, ppce, gain, gradia, res, crayon, r2r, kl },
  ...{ cdep, 'saliency-guided': saliencyGuided, caipi },
};

/**
 * The built-in loss with that name. @throws RangeError with the existing names; also for a file, which must be loaded
 */
export function relevanceLossNamed(name: string): RelevanceLoss {
  if (Object.hasOwn(relevanceLosses, name)) return relevanceLosses[name as LossName];
  throw new RangeError(
    isLossFile(name)
      ? `loss: ${name} is a file, expected it to be loaded. Pass its default export as \`loss\`.`
      : `loss: unknown relevance loss ${name}, expected ${LOSS_NAMES.join(', ')}, or a file of your own (${guidanceSettings.loss.extensions.join(', ')}).`,
  );
}
