// The default settings for a data set.

import { type Config, type ConfigChanges, defaultConfig, withChanges } from '../config/config.ts';
import { quoted } from '../text/visible.ts';
import { knownDataset } from './catalog.ts';

/** The facts that the defaults depend on; a `Dataset` has them. */
export interface DescribedData {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly train: { readonly count: number };
}

/**
 * Defaults that fit a data set: those of its catalog entry, or else those that follow from the size and number of its
 * images.
 *
 * @param given settings of the user's own, on which defaults depend: warm-up and ramp are shares of the epochs
 * @throws TypeError for something that is no data set
 */
export function dataDefaults(data: DescribedData, given: ConfigChanges = {}): Config {
  if (typeof data?.name !== 'string' || !data.train) {
    throw new TypeError(
      `dataDefaults: got ${quoted(data)}, expected a data set, as assembleDataset makes one.`,
    );
  }
  const known = knownDataset(data.name);
  // A planted shortcut can be struck out, even if the data itself has nothing to mark.
  const isUnmarkable = known?.unmarkable && !data.name.includes('+');
  return withChanges(
    defaultConfig,
    known?.defaults?.settings ?? fitting(data, given),
    isUnmarkable ? { annotation: { fraction: 0 } } : {},
  );
}

/** Steps that a training takes at least, where that is 8 to 40 epochs [ours, after runs on sets of 500 to 5,000]. */
const STEPS = 1000;

/** Lines that a log of steps has at most, unless you say: some 1.5 MB. */
const LOG_LINES = 10_000;

function fitting(
  { height, width, train: { count } }: DescribedData,
  { train = {} }: ConfigChanges,
): ConfigChanges {
  const side = Math.max(height, width);
  const batchSize = Math.min(train.batchSize ?? defaultConfig.train.batchSize, count);
  const perEpoch = Math.floor(count / batchSize);
  const { epochs = Math.min(40, Math.max(8, Math.ceil(STEPS / perEpoch))) } = train;
  const { sigma } = defaultConfig.masks;
  return {
    model: { widths: widthsFor(side), head: 'pooled', norm: 'batch', dropout: 0.2 },
    train: { epochs, batchSize, logEvery: Math.max(1, Math.ceil((epochs * perEpoch) / LOG_LINES)) },
    guidance: {
      warmupEpochs: Math.max(1, Math.round(epochs / 5)),
      rampEpochs: Math.max(1, Math.round(epochs / 10)),
    },
    annotation: { fraction: Math.max(defaultConfig.annotation.fraction, 1 / count) },
    masks: { sigma: Math.round((10 * sigma * side) / 28) / 10 },
  };
}

/** Blocks of 16, 32, 64 and then 128 channels: as many as leave a last map of 7 to 13 places, at least two. */
function widthsFor(side: number): number[] {
  const poolings = Math.max(1, Math.floor(Math.log2(side / 7)));
  return Array.from({ length: poolings + 1 }, (_, i) => Math.min(128, 16 * 2 ** i));
}
