// Estimates how long a comparison takes on this adapter: times a few steps of every kind of training, and extrapolates.

import type { Gpu } from '../../engine/core/gpu.ts';
import { timedSettings } from '../config/settings.ts';
import type { Dataset } from '../data/dataset.ts';
import { timeEvaluation, timeMasks, timeStep } from '../job/timing.ts';
import type { TrialSources } from './run-trial.ts';
import type { Trial } from './trials.ts';

export interface Estimate {
  /** For all trials, from the timed ones. */
  readonly seconds: number;
  /** One step of cross-entropy. */
  readonly plainStep: number;
  /** The shortest and the longest step of guided training; undefined if nothing is guided. */
  readonly guidedSteps?: readonly [number, number];
  /** Masks of one guided trial. */
  readonly masks: number;
  /** Evaluation of one finished trial. */
  readonly evaluation: number;
}

/** Timings by what they depend on, to share between comparisons. */
export type Timings = Map<string, number>;

/**
 * Times the parts of the trials. Conditions that differ only in their masks share a timing.
 *
 * @param dataset of the first seed
 * @param timings known ones, which are reused; new ones are added
 */
export async function estimateTrials(
  gpu: Gpu,
  trials: readonly Trial[],
  dataset: Dataset,
  sources: TrialSources,
  timings: Timings = new Map(),
): Promise<Estimate> {
  const { train, val, test, channels, height, classes } = dataset;
  const shape = [channels, height, classes.length];
  const timed = async (what: readonly unknown[], measure: () => Promise<number>) => {
    const key = JSON.stringify([...shape, ...what]);
    const known = timings.get(key) ?? (await measure());
    timings.set(key, known);
    return known;
  };
  const counts = [train.count, val.count, test.count, Object.keys(dataset.tests).length];
  const plainSteps: number[] = [];
  const guidedSteps: number[] = [];
  let [total, masks, evaluation] = [0, 0, 0];
  const warmStarts = new Set<string>();
  for (const { condition, config, evaluation: looked, warmKey, seed } of trials) {
    const { epochs, batchSize } = config.train;
    const options = {
      ...{ dataset, config, loss: sources.loss(config.guidance.loss) },
      pretrained: sources.pretrained(config.model.init),
    };
    const model = timedSettings(config, ['model', 'train']);
    evaluation = await timed(['evaluation', model, counts, looked.saliency, epochs], () =>
      timeEvaluation(gpu, options, looked.saliency),
    );
    const plain = await timed(['plain', model], () => timeStep(gpu, options, false));
    plainSteps.push(plain);
    let each = plain;
    if (condition.guided) {
      const guided = timedSettings(config, ['model', 'train', 'saliency', 'guidance']);
      each = await timed(['guided', guided], () => timeStep(gpu, options, true));
      guidedSteps.push(each);
    }
    const spread = condition.guided && !['oracle', 'annotated-only'].includes(condition.control);
    if (spread) {
      const kind = timedSettings(config, ['model', 'train', 'masks']);
      masks = await timed(['masks', kind, counts], async () =>
        timeMasks(gpu, options, await sources.annotations(dataset, config)),
      );
    }
    const steps = Math.floor(train.count / batchSize);
    const warm = Math.min(epochs, config.guidance.warmupEpochs) * steps;
    if (!warmStarts.has(`${warmKey} ${seed}`)) total += warm * plain;
    warmStarts.add(`${warmKey} ${seed}`);
    total += (epochs * steps - warm) * each + evaluation + (spread ? masks : 0);
  }
  return {
    seconds: total,
    plainStep: Math.max(...plainSteps),
    ...(guidedSteps.length > 0 && {
      guidedSteps: [Math.min(...guidedSteps), Math.max(...guidedSteps)] as const,
    }),
    masks,
    evaluation,
  };
}
