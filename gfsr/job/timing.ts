// How long parts of a training take on this adapter: a few of each kind are timed.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Annotations } from '../annotation/marks.ts';
import { withChanges } from '../config/config.ts';
import type { SaliencySettings } from '../config/saliency.ts';
import { type Dataset, type Split, subset } from '../data/dataset.ts';
import { buildMasks } from '../masks/masks.ts';
import { TRAINING_STEPS } from '../masks/relevance-network.ts';
import { FOLDS } from '../masks/spread-quality.ts';
import type { Supervision } from '../train/supervision.ts';
import { Trainer, type TrainerOptions } from '../train/trainer.ts';

/** Untimed steps, in which kernels compile, and timed steps. */
const COLD_STEPS = 2;
const TIMED_STEPS = 4;
/** Number of images evaluated for the timing. */
const TIMED_IMAGES = 128;
/** Two numbers of images for which masks are made. They separate the cost per image from the fixed cost. */
const MASK_IMAGES = [32, 96] as const;

/** Milliseconds of a clock that stands still while the device's work waits for others. */
const workingTime = ({ way }: Gpu): number => performance.now() - way.waited;

const seconds = async (gpu: Gpu, work: () => Promise<unknown>): Promise<number> => {
  const started = workingTime(gpu);
  await work();
  return (workingTime(gpu) - started) / 1000;
};

/** Seconds of one step of training. */
export async function timeStep(
  gpu: Gpu,
  options: TrainerOptions,
  guided: boolean,
): Promise<number> {
  const { dataset } = options;
  const steps = COLD_STEPS + TIMED_STEPS;
  const short = { guidance: { warmupEpochs: 1 }, train: { epochs: steps + 1 } };
  const trainer = new Trainer(gpu, { ...options, config: withChanges(options.config, short) });
  const ends: number[] = [];
  try {
    const supervision = guided ? halfMasks(trainer, dataset) : undefined;
    await trainer.train(steps, supervision, {
      signal: options.signal,
      onStep: () => void ends.push(workingTime(gpu)),
    });
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

/** Seconds of saliency on val and test, and predictions under every condition, after training and after each epoch. */
export async function timeEvaluation(
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
      ((await seconds(gpu, predict)) * predicted + (await seconds(gpu, explain)) * explained) /
      few.length
    );
  } finally {
    await trainer.dispose();
  }
}

/** Timed steps of the relevance network. */
const NETWORK_STEPS = 20;

/** Seconds of all masks: measured for two numbers of images, and the relevance network by a few of its steps. */
export async function timeMasks(
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
      const spreading = { ...config.masks, seed, networkSteps };
      await buildMasks(gpu, trainer.evaluator, some, marks, spreading, trainer.maskSize, {
        signal: options.signal,
      });
    };
    const time = (count: number, steps = 0) => seconds(gpu, () => masks(count, steps));
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
