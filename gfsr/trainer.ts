// The training loop: seeded batches, schedule, progressive guidance, and checkpoints that continue exactly.

import { AnomalyError } from '../engine/anomaly.ts';
import type { Gpu } from '../engine/gpu.ts';
import { Random } from '../engine/random.ts';
import { type Classifier, type ClassifierConfig, createClassifier } from '../model/classifier.ts';
import { createAdam, createSgd, type Optimizer } from '../model/optimizer.ts';
import { scheduleFactor } from '../model/schedule.ts';
import type { StateDict } from '../model/weights.ts';
import { epochOrder, gatherImages, imageSize } from './batches.ts';
import { type Config, saliencyOptions } from './config.ts';
import { type ChannelStats, channelStats, type Dataset } from './data/dataset.ts';
import { Evaluator } from './evaluator.ts';
import { relevanceLossNamed } from './losses.ts';
import type { RelevanceMasks } from './masks.ts';
import { accuracy, predictedClasses } from './metrics/classification.ts';
import {
  type Guidance,
  type GuidedInputs,
  lossSaliency,
  measureLosses,
  type StepInputs,
  TrainingStep,
} from './step.ts';

/** Means over one epoch. */
export interface EpochRecord {
  /** From 0. */
  readonly epoch: number;
  readonly crossEntropy: number;
  /** Mean ω·L_rel of guided steps; 0 where none was guided. */
  readonly relevance: number;
  /** λ(t) at the end of the epoch, balance included. */
  readonly lambda: number;
  /** Learning rate at the end of the epoch. */
  readonly lr: number;
  /** On the validation images, which still carry any shortcut. */
  readonly valAccuracy: number;
  readonly seconds: number;
}

export interface StepReport {
  /** Steps done, of `total`. */
  readonly step: number;
  readonly total: number;
  readonly crossEntropy: number;
  readonly relevance: number;
}

/** Everything that a training run needs to continue as if it had never stopped. */
export interface Checkpoint {
  readonly step: number;
  /** Weights (`model.…`) and optimiser moments (`optimizer.…`). */
  readonly tensors: StateDict;
  readonly history: readonly EpochRecord[];
  /** Sums over the epoch under way. */
  readonly partial: Partial;
}

interface Partial {
  readonly crossEntropy: number;
  readonly relevance: number;
  readonly guided: number;
  readonly steps: number;
  readonly seconds: number;
}

const NOTHING: Partial = { crossEntropy: 0, relevance: 0, guided: 0, steps: 0, seconds: 0 };

/** What guides a run: the masks, and the balance ΣCE/ΣL_rel that makes λ comparable between losses. */
export interface GuidancePlan {
  readonly masks: RelevanceMasks;
  readonly rate: number;
  /** Saliency of every training image before guidance, as large as the masks; for a loss that needs it. */
  readonly reference?: Float32Array;
}

export interface TrainHooks {
  readonly onStep?: (report: StepReport) => void;
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /** Stops after the step under way. */
  readonly signal?: AbortSignal;
  /** Names the op where a value is first not finite; a step then takes several times as long. Default false. */
  readonly detectAnomaly?: boolean;
}

/** Thrown when a loss or a weight is no longer finite. The trainer is back at the last good epoch. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  readonly code = 'GFSR_DIVERGED';
}

/** Losses are read with this many steps still under way, so that the GPU never waits for the host. */
const READ_BEHIND = 2;
/** Batches over which the two losses are compared before guidance starts [ours: a whole pass costs too much]. */
const RATE_BATCHES = 32;

/** The classifier that a configuration describes, for the images and classes of a data set. */
export function classifierConfig(config: Config, dataset: Dataset): ClassifierConfig {
  const common = {
    channels: dataset.channels,
    classes: dataset.classes.length,
    size: imageSize(dataset),
  };
  const { architecture, widths, hidden, head, norm, stem, width } = config;
  return architecture === 'small-cnn'
    ? { architecture, ...common, widths, hidden, head, norm }
    : { architecture, ...common, stem, width };
}

export class Trainer {
  readonly classifier: Classifier;
  readonly evaluator: Evaluator;
  readonly stats: ChannelStats;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly #gpu: Gpu;
  readonly #dataset: Dataset;
  readonly #config: Config;
  readonly #optimizer: Optimizer;
  readonly #guidance: Guidance;
  readonly #pixels: Float32Array;
  #step = 0;
  #history: EpochRecord[] = [];
  #partial = NOTHING;
  /** The state at the start, or after the last epoch that ended with finite losses and weights. */
  #good: Checkpoint | undefined;

  /** @throws RangeError if a batch is larger than the training set. */
  constructor(gpu: Gpu, dataset: Dataset, config: Config) {
    const { train } = dataset;
    const { batchSize, optimizer, weightDecay, seed } = config;
    if (batchSize > train.count) {
      throw new RangeError(
        `trainer: batchSize is ${batchSize}, but there are ${train.count} training images. Use a smaller batch.`,
      );
    }
    this.#gpu = gpu;
    this.#dataset = dataset;
    this.#config = config;
    this.stats = channelStats(dataset);
    this.classifier = createClassifier(gpu, classifierConfig(config, dataset), seed);
    const { parameters } = this.classifier.weights;
    this.#optimizer =
      optimizer === 'adam'
        ? createAdam(gpu, parameters, { weightDecay })
        : createSgd(gpu, parameters, { weightDecay });
    this.evaluator = new Evaluator(gpu, this.classifier, this.stats);
    this.stepsPerEpoch = Math.floor(train.count / batchSize);
    this.totalSteps = this.stepsPerEpoch * config.epochs;
    this.#guidance = {
      loss: relevanceLossNamed(config.loss),
      saliency: saliencyOptions(config),
      images: Math.max(1, Math.round(batchSize * config.guidedShare)),
    };
    this.#pixels = new Float32Array((train.images.length / train.count) * batchSize);
  }

  /** Steps done. */
  get step(): number {
    return this.#step;
  }

  get history(): readonly EpochRecord[] {
    return this.#history;
  }

  get guidance(): Guidance {
    return this.#guidance;
  }

  /**
   * Trains up to step `until`, guided where there is a plan. Returns early when the signal aborts.
   *
   * @throws DivergedError when a loss or a weight is not finite; AnomalyError instead, if `detectAnomaly`.
   *   The trainer then stands where the last good epoch ended.
   */
  async train(until: number, plan?: GuidancePlan, hooks: TrainHooks = {}): Promise<void> {
    if (this.#step >= until) return;
    const { batchSize } = this.#config;
    const guidance = plan && this.#guidance;
    const step = await TrainingStep.record(
      this.#gpu,
      this.classifier,
      this.#optimizer,
      batchSize,
      guidance,
      { detectAnomaly: hooks.detectAnomaly },
    );
    this.#good = await this.checkpoint();
    try {
      while (this.#step < until && !hooks.signal?.aborted) {
        const epoch = Math.floor(this.#step / this.stepsPerEpoch);
        await this.#trainEpoch(step, epoch, until, plan, hooks);
        if (this.#step % this.stepsPerEpoch === 0) await this.#closeEpoch(epoch, plan, hooks);
      }
    } catch (error) {
      if (error instanceof DivergedError || error instanceof AnomalyError) this.restore(this.#good);
      throw error;
    } finally {
      step.dispose();
    }
  }

  /** What a loss with `reference: true` compares with: saliency of the training images by the classifier as it is now. */
  async reference(): Promise<Float32Array | undefined> {
    if (!this.#guidance.loss.reference) return undefined;
    const options = lossSaliency(this.#guidance);
    return (await this.evaluator.explain(this.#dataset.train, options)).maps;
  }

  /** Balances λ: ΣCE/ΣL_rel of the classifier as it is now. */
  async measureRate(plan: Omit<GuidancePlan, 'rate'>): Promise<number> {
    const order = epochOrder(this.#config.seed, this.#config.epochs, this.#dataset.train.count);
    const { images } = this.#guidance;
    const count = Math.min(RATE_BATCHES, Math.floor(order.length / images));
    const batches = Array.from({ length: count }, (_, i) =>
      order.subarray(i * images, (i + 1) * images),
    );
    const inputs = function* (trainer: Trainer): Iterable<GuidedInputs> {
      for (const indices of batches)
        yield trainer.#guidedBatch(indices, plan, 1, `rate/${indices[0]}`);
    };
    const losses = await measureLosses(this.#gpu, this.classifier, this.#guidance, inputs(this));
    return losses.relevance > 0 ? losses.crossEntropy / losses.relevance : 1;
  }

  /** A copy of everything that training changes. */
  async checkpoint(): Promise<Checkpoint> {
    const tensors: StateDict = new Map();
    for (const [name, value] of await this.classifier.weights.state())
      tensors.set(`model.${name}`, value);
    for (const [name, value] of await this.#optimizer.state())
      tensors.set(`optimizer.${name}`, value);
    return { step: this.#step, tensors, history: [...this.#history], partial: this.#partial };
  }

  /** Goes back to a checkpoint of the same configuration. */
  restore({ step, tensors, history, partial }: Checkpoint): void {
    const part = (prefix: string): StateDict =>
      new Map(
        [...tensors].flatMap(([name, value]) =>
          name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
        ),
      );
    this.classifier.weights.load(part('model.'));
    this.#optimizer.load(part('optimizer.'), step);
    this.#step = step;
    this.#history = [...history];
    this.#partial = partial;
  }

  async dispose(): Promise<void> {
    await this.evaluator.dispose();
    this.#optimizer.dispose();
    this.classifier.weights.dispose();
  }

  /** λ(t) = λ₀ · rate · clip((t − t_w)/t_r, 0, 1). */
  #lambda({ rate }: GuidancePlan): number {
    const { lambda, warmupEpochs, rampEpochs } = this.#config;
    const progress = this.#step / this.stepsPerEpoch - warmupEpochs;
    const ramp = rampEpochs > 0 ? Math.min(1, Math.max(0, progress / rampEpochs)) : 1;
    return lambda * rate * ramp;
  }

  #lr(): number {
    return this.#config.lr * scheduleFactor(this.#config.schedule, this.#step, this.totalSteps);
  }

  async #trainEpoch(
    step: TrainingStep,
    epoch: number,
    until: number,
    plan: GuidancePlan | undefined,
    { onStep, signal, detectAnomaly }: TrainHooks,
  ): Promise<void> {
    const { seed, batchSize } = this.#config;
    const order = epochOrder(seed, epoch, this.#dataset.train.count);
    const end = Math.min(until, (epoch + 1) * this.stepsPerEpoch);
    const reads: Promise<void>[] = [];
    let last = performance.now();
    try {
      while (this.#step < end && !signal?.aborted) {
        const first = (this.#step - epoch * this.stepsPerEpoch) * batchSize;
        const indices = order.subarray(first, first + batchSize);
        this.#optimizer.advance(this.#lr());
        step.run(
          plan
            ? this.#guidedBatch(indices, plan, this.#lambda(plan), `${epoch}/${first}`)
            : this.#batch(indices),
        );
        const done = ++this.#step;
        const read = step.losses().then(({ crossEntropy, relevance }) => {
          const now = performance.now();
          if (!Number.isFinite(crossEntropy + relevance)) {
            const name = Number.isFinite(crossEntropy) ? 'the relevance loss' : 'cross-entropy';
            throw this.#diverged(`${name} is not finite at step ${done}`);
          }
          const p = this.#partial;
          this.#partial = {
            crossEntropy: p.crossEntropy + crossEntropy,
            relevance: p.relevance + relevance,
            guided: p.guided + (plan ? 1 : 0),
            steps: p.steps + 1,
            seconds: p.seconds + (now - last) / 1000,
          };
          last = now;
          onStep?.({ step: done, total: this.totalSteps, crossEntropy, relevance });
        });
        read.catch(() => {}); // awaited below, but perhaps after another has failed
        reads.push(read);
        if (detectAnomaly) await this.#checkStep(step, done);
        if (reads.length > READ_BEHIND) await reads.shift();
      }
      await Promise.all(reads);
    } finally {
      await Promise.allSettled(reads);
    }
  }

  async #checkStep(step: TrainingStep, number: number): Promise<void> {
    try {
      await step.check();
    } catch (error) {
      if (!(error instanceof AnomalyError)) throw error;
      throw new AnomalyError(error.message.replace('anomaly', `anomaly at step ${number}`));
    }
  }

  #diverged(what: string): DivergedError {
    const { step } = this.#good as Checkpoint;
    return new DivergedError(
      `training: ${what}. The weights of step ${step} are kept. Use a smaller learning rate or lambda.`,
    );
  }

  async #closeEpoch(
    epoch: number,
    plan: GuidancePlan | undefined,
    { onEpoch }: TrainHooks,
  ): Promise<void> {
    const { val, classes } = this.#dataset;
    const { probs } = await this.evaluator.predict(val);
    const p = this.#partial;
    const record: EpochRecord = {
      epoch,
      crossEntropy: p.crossEntropy / p.steps,
      relevance: p.guided > 0 ? p.relevance / p.guided : 0,
      lambda: plan ? this.#lambda(plan) : 0,
      lr: this.#lr(),
      valAccuracy: accuracy(predictedClasses(probs, classes.length), val.labels),
      seconds: p.seconds,
    };
    this.#partial = NOTHING;
    this.#history.push(record);
    const checkpoint = await this.checkpoint();
    const broken = [...checkpoint.tensors].find(([, { data }]) => !data.every(Number.isFinite));
    if (broken) throw this.#diverged(`${broken[0]} is not finite after step ${this.#step}`);
    this.#good = checkpoint;
    await onEpoch?.(record);
  }

  #batch(indices: Uint32Array): StepInputs {
    const { train } = this.#dataset;
    const images = gatherImages(train, indices, this.stats, this.#pixels).subarray(
      0,
      (this.#pixels.length / this.#config.batchSize) * indices.length,
    );
    return { images, labels: Uint32Array.from(indices, (i) => train.labels[i]) };
  }

  #guidedBatch(
    indices: Uint32Array,
    { masks, reference }: Omit<GuidancePlan, 'rate'>,
    lambda: number,
    stream: string,
  ): GuidedInputs {
    const { classes } = this.#dataset;
    const area = masks.height * masks.width;
    const guided = indices.subarray(0, this.#guidance.images);
    const pick = (maps: Float32Array): Float32Array => {
      const part = new Float32Array(guided.length * area);
      guided.forEach((from, i) => {
        part.set(maps.subarray(from * area, (from + 1) * area), i * area);
      });
      return part;
    };
    const random = new Random(this.#config.seed, `signs/${stream}`);
    return {
      ...this.#batch(indices),
      masks: pick(masks.masks),
      ...(reference && { reference: pick(reference) }),
      weights: Float32Array.from(guided, (i) => masks.weights[i]),
      signs: Float32Array.from({ length: guided.length * classes.length }, () =>
        random.uniform() < 0.5 ? -1 : 1,
      ),
      lambda,
    };
  }
}
