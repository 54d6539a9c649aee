// What guides a run, and why these settings: rows of text for a person.

import type { Config } from '../config/config.ts';
import { withoutFolders } from '../config/portable.ts';
import { NOTHING_FROZEN } from '../config/train.ts';
import { knownDataset } from '../data/catalog.ts';
import type { Dataset } from '../data/dataset.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import { describeSaliency } from '../guidance/saliency.ts';
import { row } from '../text/lines.ts';
import type { Pretrained } from '../train/classifier.ts';
import { lossSaliency } from '../train/step-inputs.ts';

/** The pretrained weights, their normalisation, and what training may change of them; nothing for new weights. */
export function describeStart(
  { model, train }: Pick<Config, 'model' | 'train'>,
  pretrained: Pretrained | undefined,
): string[] {
  const { freeze, backboneLr } = train;
  const normalised = pretrained?.stats ? 'its file says' : 'for new weights: its file says nothing';
  const parts = [
    ...(pretrained ? [`${withoutFolders(model.init)}, pixels normalised as ${normalised}`] : []),
    ...(freeze === NOTHING_FROZEN ? [] : [`frozen up to ${freeze}`]),
    ...(backboneLr === 1 ? [] : [`learning rate × ${backboneLr} before the head`]),
  ];
  return parts.length > 0 ? [row('weights', parts.join('; '))] : [];
}

/** The relevance loss with its weight, the saliency that it guides, when it guides, and where defaults come from. */
export function describeRecipe(
  { guidance, saliency: chosen, train }: Config,
  loss: RelevanceLoss,
  { name }: Pick<Dataset, 'name'>,
): string[] {
  const { lambda, balance, warmupEpochs, rampEpochs } = guidance;
  const options = lossSaliency({ loss, saliency: chosen, images: 0 });
  const weight = `${lambda}${balance === 'none' ? '' : ` × ΣCE/ΣL (${balance})`}`;
  const [from, full] = [warmupEpochs + 1, warmupEpochs + rampEpochs];
  const own = knownDataset(name)?.defaults;
  return [
    row('guidance', `${loss.name}, λ ${weight}, on ${describeSaliency(options)}`),
    row('', `from epoch ${from} of ${train.epochs}, at full weight after epoch ${full}`),
    own
      ? row('defaults', `those of ${name}: ${own.reason}`)
      : row('defaults', 'by the size and number of the images'),
  ];
}
