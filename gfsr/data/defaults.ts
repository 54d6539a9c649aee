// The default settings for a data set.

import { type Config, defaultConfig, withChanges } from '../config/config.ts';
import { knownDataset } from './catalog.ts';

/** The facts that the defaults depend on; a `Dataset` has them. */
export interface DescribedData {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly train: { readonly count: number };
}

/** Defaults that fit a data set: those of its catalog entry, or else defaults for few, small images. */
export function dataDefaults(data: DescribedData): Config {
  const own = knownDataset(data.name)?.defaults;
  if (!own) return startFor(data);
  const { annotation, ...others } = own;
  // A planted shortcut can be struck out, even if the data itself has nothing to mark.
  const planted = data.name.includes('+');
  return withChanges(defaultConfig, others, annotation && !planted ? { annotation } : {});
}

function startFor({ height, width, train }: DescribedData): Config {
  const side = Math.max(height, width);
  const { batchSize } = defaultConfig.train;
  const { segments, sigma } = defaultConfig.masks;
  return withChanges(defaultConfig, {
    model: { widths: [16, 32, 64], norm: 'batch' },
    train: { epochs: 10, batchSize: Math.min(batchSize, train.count) },
    // A map of the last layer is coarse, but shows what is seen. A person marks evidence for the true class.
    saliency: { layer: 'last', target: 'label' },
    guidance: { lambda: 1, warmupEpochs: 2, rampEpochs: 2 },
    annotation: { fraction: Math.max(0.1, 1 / train.count) },
    masks: {
      segmentation: side < 64 ? 'grid' : 'slic',
      segments: side < 64 ? segments : 0,
      sigma: Math.round((10 * sigma * side) / 28) / 10,
    },
  });
}
