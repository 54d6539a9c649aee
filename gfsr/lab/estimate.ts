// How long a comparison will take on this adapter: a few steps of every kind of training are timed, and multiplied.

import type { Gpu } from '../../engine/gpu.ts';
import { type Config, saliencyOptions } from '../config.ts';
import { type Dataset, subset } from '../data/dataset.ts';
import { testConditions } from '../evaluate.ts';
import { type Annotations, buildMasks } from '../masks.ts';
import { lossSaliency, maskSize } from '../step.ts';
import { type GuidancePlan, Trainer } from '../trainer.ts';
import type { LabSources } from './run-lab.ts';
import type { Trial } from './trials.ts';

export interface Estimate {
  /** Of all trials, from those that were timed. */
  readonly seconds: number;
  /** A step of cross-entropy. */
  readonly plainStep: number;
  /** The shortest and the longest step of guided training; undefined where nothing is guided. */
  readonly guidedSteps?: readonly [number, number];
  /** Masks of one guided trial. */
  readonly masks: number;
  /** Measuring one finished trial. */
  readonly evaluation: number;
}

/** Steps that are not timed, for kernels compile in them, and steps that are. */
const COLD_STEPS = 2;
const TIMED_STEPS = 4;
/** Images that are evaluated for the clock. */
const TIMED_IMAGES = 128;
/** Two numbers of images for which masks are made: they tell what an image costs from what any number costs. */
const MASK_IMAGES = [64, 192] as const;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
};

/**
 * Times what the trials are made of. Conditions that differ in their masks alone share a timing.
 *
 * @param dataset of the first seed
 */
export async function estimateTrials(
  gpu: Gpu,
  trials: readonly Trial[],
  dataset: Dataset,
  sources: LabSources,
): Promise<Estimate> {
  const plainSteps = new Map<string, number>();
  const guidedSteps = new Map<string, number>();
  let [masks, evaluation] = [Number.NaN, Number.NaN];
  let total = 0;
  const warmStarts = new Set<string>();
  for (const { condition, config, evaluation: looked, warmKey, seed } of trials) {
    if (Number.isNaN(evaluation)) evaluation = await timeEvaluation(gpu, dataset, config, looked);
    const [plain, guided] = [stepKey(config, false), stepKey(config, true)];
    if (!plainSteps.has(plain)) plainSteps.set(plain, await timeStep(gpu, dataset, config, false));
    if (condition.guided && !guidedSteps.has(guided)) {
      guidedSteps.set(guided, await timeStep(gpu, dataset, config, true));
    }
    const spread = condition.guided && !['oracle', 'annotated-only'].includes(condition.control);
    if (spread && Number.isNaN(masks)) {
      masks = await timeMasks(gpu, dataset, await sources.annotations(dataset, config), config);
    }
    const { epochs, warmupEpochs, batchSize } = config;
    const steps = Math.floor(dataset.train.count / batchSize);
    const warm = Math.min(epochs, warmupEpochs) * steps;
    const each = (condition.guided ? guidedSteps.get(guided) : plainSteps.get(plain)) as number;
    if (!warmStarts.has(`${warmKey} ${seed}`)) {
      warmStarts.add(`${warmKey} ${seed}`);
      total += warm * (plainSteps.get(plain) as number);
    }
    total += (epochs * steps - warm) * each + evaluation + (spread ? masks : 0);
  }
  const times = [...guidedSteps.values()];
  return {
    seconds: total,
    plainStep: Math.max(...plainSteps.values()),
    ...(times.length > 0 && { guidedSteps: [Math.min(...times), Math.max(...times)] as const }),
    masks: Number.isNaN(masks) ? 0 : masks,
    evaluation,
  };
}

/** What the time of a step depends on. */
function stepKey(config: Config, guided: boolean): string {
  const { architecture, widths, hidden, head, norm, stem, width, batchSize, ema } = config;
  const model = { architecture, widths, hidden, head, norm, stem, width, batchSize, ema };
  const { loss, guidedShare } = config;
  return JSON.stringify(guided ? { model, loss, guidedShare, ...saliencyOptions(config) } : model);
}

async function timeStep(
  gpu: Gpu,
  dataset: Dataset,
  config: Config,
  guided: boolean,
): Promise<number> {
  const steps = COLD_STEPS + TIMED_STEPS;
  const trainer = new Trainer(gpu, dataset, { ...config, warmupEpochs: 1, epochs: steps + 1 });
  const ends: number[] = [];
  try {
    const plan = guided ? halfMasks(gpu, trainer, dataset) : undefined;
    await trainer.train(steps, plan, { onStep: () => void ends.push(performance.now()) });
  } finally {
    await trainer.dispose();
  }
  return (ends[steps - 1] - ends[COLD_STEPS - 1]) / 1000 / TIMED_STEPS;
}

/** Masks and balance that keep every part of a guided step at work. */
function halfMasks(gpu: Gpu, trainer: Trainer, { train }: Dataset): GuidancePlan {
  const [height, width] = maskSize(gpu, trainer.classifier, lossSaliency(trainer.guidance));
  const area = height * width;
  const masks = Float32Array.from({ length: train.count * area }, (_, i) => (i % area) / area);
  const weights = new Float32Array(train.count).fill(1);
  return {
    masks: { masks, weights, height, width, annotated: 1, segments: 0, meanRelevance: 0.5 },
    rate: 1,
    ...(trainer.guidance.loss.reference && { reference: masks }),
  };
}

/** Predictions of val, test and every condition, and saliency of test. */
async function timeEvaluation(
  gpu: Gpu,
  dataset: Dataset,
  config: Config,
  looked: Config,
): Promise<number> {
  const { val, test } = dataset;
  const trainer = new Trainer(gpu, dataset, config);
  try {
    const few = Array.from({ length: Math.min(TIMED_IMAGES, test.count) }, (_, i) => i);
    const predict = () => trainer.evaluator.predict(test, few);
    const explain = () => trainer.evaluator.explain(test, saliencyOptions(looked), few);
    await predict();
    await explain();
    const predicted = [val, ...Object.values(testConditions(dataset))];
    const count = predicted.reduce((sum, split) => sum + split.count, 0);
    // Every epoch ends with a look at val.
    const looks = count + config.epochs * val.count;
    return ((await seconds(predict)) * looks + (await seconds(explain)) * test.count) / few.length;
  } finally {
    await trainer.dispose();
  }
}

async function timeMasks(
  gpu: Gpu,
  dataset: Dataset,
  annotations: Annotations,
  config: Config,
): Promise<number> {
  const { train } = dataset;
  const trainer = new Trainer(gpu, dataset, config);
  try {
    const size = maskSize(gpu, trainer.classifier, lossSaliency(trainer.guidance));
    const [plane] = [...annotations.values()];
    const time = (count: number) => {
      const some = {
        ...dataset,
        train: subset(
          train,
          Array.from({ length: count }, (_, i) => i),
        ),
      };
      const marks: Annotations = new Map([[0, plane]]);
      return seconds(() => buildMasks(gpu, trainer.evaluator, some, marks, config, size));
    };
    const [few, more] = MASK_IMAGES.map((count) => Math.min(count, train.count));
    await time(few); // kernels compile
    const [short, long] = [await time(few), await time(more)];
    const each = more > few ? Math.max(0, (long - short) / (more - few)) : 0;
    return long + each * (train.count - more);
  } finally {
    await trainer.dispose();
  }
}
