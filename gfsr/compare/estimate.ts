// Estimates how long a comparison takes on this adapter: times a few steps of every kind of training, and extrapolates.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Annotations } from '../annotation/marks.ts';
import { withChanges } from '../config/config.ts';
import type { SaliencySettings } from '../config/saliency.ts';
import { timedSettings } from '../config/settings.ts';
import { type Dataset, type Split, subset } from '../data/dataset.ts';
import { buildMasks } from '../masks/masks.ts';
import { TRAINING_STEPS } from '../masks/relevance-network.ts';
import { FOLDS } from '../masks/spread-quality.ts';
import type { Supervision } from '../train/supervision.ts';
import { Trainer, type TrainerOptions } from '../train/trainer.ts';
import type { TrialSources } from './run-trials.ts';
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

/** Untimed steps, in which kernels compile, and timed steps. */
const COLD_STEPS = 2;
const TIMED_STEPS = 4;
/** Number of images evaluated for the timing. */
const TIMED_IMAGES = 128;
/** Two numbers of images for which masks are made. They separate the cost per image from the fixed cost. */
const MASK_IMAGES = [32, 96] as const;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
};

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
    const options = { dataset, config, loss: sources.loss(config.guidance.loss) };
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

async function timeStep(gpu: Gpu, options: TrainerOptions, guided: boolean): Promise<number> {
  const { dataset } = options;
  const steps = COLD_STEPS + TIMED_STEPS;
  const short = { guidance: { warmupEpochs: 1 }, train: { epochs: steps + 1 } };
  const trainer = new Trainer(gpu, { ...options, config: withChanges(options.config, short) });
  const ends: number[] = [];
  try {
    const supervision = guided ? halfMasks(trainer, dataset) : undefined;
    await trainer.train(steps, supervision, { onStep: () => void ends.push(performance.now()) });
  } finally {
    await trainer.dispose();
  }
  return (ends[steps - 1] - ends[COLD_STEPS - 1]) / 1000 / TIMED_STEPS;
}

/** Masks and balance for which every part of a guided step does its work. */
function halfMasks(trainer: Trainer, { train }: Dataset): Supervision {
  const [height, width] = trainer.maskSize;
  const area = height * width;
  const masks = Float32Array.from({ length: train.count * area }, (_, i) => (i % area) / area);
  const weights = new Float32Array(train.count).fill(1);
  return {
    masks: { masks, weights, height, width, annotated: 1, segments: 0, meanRelevance: 0.5 },
    lossBalance: 1,
    ...(trainer.guidance.loss.initialSaliency && { initialSaliency: masks }),
  };
}

/** Saliency on val and test, and predictions under every condition. */
async function timeEvaluation(
  gpu: Gpu,
  options: TrainerOptions,
  saliency: SaliencySettings,
): Promise<number> {
  const { dataset, config } = options;
  const { val, test } = dataset;
  const trainer = new Trainer(gpu, options);
  try {
    const few = Array.from({ length: Math.min(TIMED_IMAGES, test.count) }, (_, i) => i);
    const predict = () => trainer.evaluator.predict(test, few);
    const explain = () => trainer.evaluator.explain(test, saliency, few);
    await predict();
    await explain();
    const images = (splits: readonly Split[]) => splits.reduce((sum, { count }) => sum + count, 0);
    // Every epoch ends with an evaluation on val.
    const changed = [...Object.values(dataset.tests), ...Object.values(dataset.vals ?? {})];
    const predicted = images(changed) + config.train.epochs * val.count;
    const chosen = config.train.selection === 'best' ? (val.masks?.size ?? 0) : 0;
    const explained = images(val === test ? [test] : [val, test]) + config.train.epochs * chosen;
    return (
      ((await seconds(predict)) * predicted + (await seconds(explain)) * explained) / few.length
    );
  } finally {
    await trainer.dispose();
  }
}

/** Timed steps of the relevance network. */
const NETWORK_STEPS = 20;

/** Masks for two numbers of images, and the relevance network by a few of its steps. */
async function timeMasks(
  gpu: Gpu,
  options: TrainerOptions,
  annotations: Annotations,
): Promise<number> {
  const { dataset, config } = options;
  const { train } = dataset;
  const trainer = new Trainer(gpu, options);
  try {
    const [plane] = [...annotations.values()];
    const { seed } = config.train;
    const masks = async (count: number, networkSteps: number) => {
      const indices = Array.from({ length: count }, (_, i) => i);
      const some = { ...dataset, train: subset(train, indices) };
      const marks: Annotations = new Map([[0, plane]]);
      const options = { ...config.masks, seed, networkSteps };
      await buildMasks(gpu, trainer.evaluator, some, marks, options, trainer.maskSize);
    };
    const time = (count: number, steps = 0) => seconds(() => masks(count, steps));
    const [few, more] = MASK_IMAGES.map((count) => Math.min(count, train.count));
    await time(few, 1); // kernels compile here
    const [short, long] = [await time(few), await time(more)];
    const each = more > few ? Math.max(0, (long - short) / (more - few)) : 0;
    const network = config.masks.relevanceNetwork ? (await time(few, NETWORK_STEPS)) - short : 0;
    // With one marked image nothing can be left out, so only one network was timed.
    const folds = config.masks.fallback === 'none' ? 0 : Math.min(FOLDS, annotations.size);
    const networks = ((1 + folds) * TRAINING_STEPS) / NETWORK_STEPS;
    return long + each * (train.count - more) + networks * Math.max(0, network);
  } finally {
    await trainer.dispose();
  }
}
