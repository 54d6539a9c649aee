// A quick training: as much of a thorough one as this machine does in a few minutes, and what that leaves out.

import type { Gpu } from '../../engine/core/gpu.ts';
import { type Config, withChanges } from '../config/config.ts';
import { RANDOM } from '../config/model.ts';
import type { Work } from './run-job.ts';
import { timeStep } from './timing.ts';

/** The least epochs and steps of a quick training, unless a thorough one has fewer [ours]. */
const LEAST = { epochs: 10, steps: 100 };
/** Shares of the channels that the classifiers of a quick training may have, from all on [ours]. */
const SHARES = [1, 1 / 2, 1 / 4];
/** What the steps of a quick training may take, in seconds, for more than the smallest classifier [ours]. */
const MOST_SECONDS = 150;

const LIST = new Intl.ListFormat('en', { type: 'conjunction' });

/** Work whose classifier may still be chosen, by what a step costs. */
export interface OpenWork extends Work {
  /** Settings of which the first that is quick enough is taken, or else the last; absent: `config` it is. */
  readonly choices?: readonly Config[];
  /** What a quick training is compared with. */
  readonly thorough?: Config;
}

/** Epochs of a quick training on `images` images. */
export function quickEpochs({ epochs, batchSize }: Config['train'], images: number): number {
  const perEpoch = Math.max(1, Math.floor(images / batchSize));
  return Math.min(epochs, Math.max(LEAST.epochs, Math.ceil(LEAST.steps / perEpoch)));
}

/**
 * The same settings with ever smaller classifiers, where one learns from nothing and has widths. The smallest also does
 * not check how well the marks spread, which trains a relevance network for each fold: most of what it would take.
 */
export function smallerClassifiers(config: Config): readonly Config[] {
  const { architecture, init, widths } = config.model;
  if (architecture !== 'small-cnn' || init !== RANDOM) return [config];
  return SHARES.map((share) => {
    const fewer = widths.map((width) => Math.max(1, Math.round(width * share)));
    const isSmallest = share === SHARES.at(-1);
    return withChanges(config, {
      model: { widths: fewer },
      ...(isSmallest && { masks: { fallback: 'none' } }),
    });
  });
}

/**
 * Takes the largest classifier whose steps this adapter does in time, or the smallest. Smaller ones are timed first: a
 * large one may take minutes to time, and one of twice the width takes at least twice as long.
 *
 * @param onTiming is told what is timed next, for a person
 * @throws the reason of the signal
 */
export async function fitted(
  gpu: Gpu,
  { choices = [], ...work }: OpenWork,
  signal: AbortSignal,
  onTiming?: (what: string) => void,
): Promise<Work> {
  if (choices.length < 2) return work;
  const { dataset, loss, pretrained, annotations } = work;
  let taken: Config | undefined;
  for (const config of [...choices].reverse()) {
    const { epochs, batchSize, baseline } = config.train;
    const options = { config, dataset, loss, pretrained, signal };
    onTiming?.(`steps of a classifier of ${channels(config)} channels`);
    const each = await timeStep(gpu, options, annotations.size > 0);
    signal.throwIfAborted();
    const arms = Number(baseline) + Number(annotations.size > 0);
    const seconds = arms * epochs * Math.floor(dataset.train.count / batchSize) * each;
    if (taken && seconds > MOST_SECONDS) break;
    taken = config;
    if (2 * seconds > MOST_SECONDS) break;
  }
  return { ...work, config: taken ?? work.config };
}

/** What a training does less than a thorough one, for a person; undefined if nothing. */
export function leftOut(config: Config, thorough: Config): string | undefined {
  const [ours, all] = [config.train.epochs, thorough.train.epochs];
  const parts = [
    ...(ours < all ? [`${ours} epochs instead of ${all}`] : []),
    ...(isNarrower(config, thorough)
      ? [`a classifier of ${channels(config)} channels instead of ${channels(thorough)}`]
      : []),
    ...(config.masks.fallback === 'none' && thorough.masks.fallback !== 'none'
      ? ['no check of how well your marks spread']
      : []),
  ];
  return parts.length > 0 ? `Quick on this machine: ${LIST.format(parts)}.` : undefined;
}

const isNarrower = ({ model }: Config, { model: all }: Config): boolean =>
  model.architecture === all.architecture &&
  model.init === all.init &&
  model.widths.some((width, i) => width < all.widths[i]);

const channels = ({ model: { widths } }: Config): string => `${widths[0]} to ${widths.at(-1)}`;
