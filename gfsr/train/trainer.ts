// The training loop: seeded batches, schedule, progressive guidance, and checkpoints that continue exactly.

import { AnomalyError } from '../../engine/autodiff/anomaly.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { ReadBehind } from '../../engine/core/read-behind.ts';
import { allOrNothing } from '../../engine/core/tensor.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { Config } from '../config/config.ts';
import type { SaliencySettings } from '../config/saliency.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ChannelStats } from '../data/normalise.ts';
import { Evaluator } from '../evaluation/evaluator.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import { mapSize } from '../guidance/map-size.ts';
import { type Checkpoint, type EpochRecord, meansOf, NOTHING, withStep } from './checkpoint.ts';
import { type ClassificationLoss, chosenLoss } from './classification-loss.ts';
import { type Pretrained, statsFor } from './classifier.ts';
import { lambdaAt, learningRateAt } from './course.ts';
import { measureBalance } from './loss-balance.ts';
import { restraint } from './restraint.ts';
import { checkSelection, selectEpoch } from './selection.ts';
import { TrainingStep } from './step.ts';
import { chosenGuidance, type Guidance, guidesAny, lossSaliency } from './step-inputs.ts';
import type { Supervision } from './supervision.ts';
import { DivergedError, isStopped, type NamedTraining, type TrainOptions } from './train-hooks.ts';
import { TrainingBatches } from './training-batches.ts';
import { TrainingState } from './training-state.ts';
import { validate } from './validation.ts';

/** What a `Trainer` trains, and on which data. */
export interface TrainerOptions {
  readonly dataset: Dataset;
  readonly config: Config;
  /** Default: the built-in loss that `config.guidance.loss` names. */
  readonly loss?: RelevanceLoss;
  /** The saliency whose alignment decides between epochs that are equally good. Default: that of `config`. */
  readonly measuredSaliency?: SaliencySettings;
  /** Your own classifier, whose weights you dispose of yourself. Default: the one that `config.model` describes. */
  readonly classifier?: Classifier;
  /** The content of the file that `config.model.init` names, from `readPretrained`. */
  readonly pretrained?: Pretrained;
  /** Stops training after the current step, and measuring before the next batch. */
  readonly signal?: AbortSignal;
}

/** Trains one classifier, step by step, with or without guidance. The result depends only on the seed. */
export class Trainer {
  /** What is evaluated and kept: the trained weights, or their running mean if `ema` is set. */
  readonly classifier: Classifier;
  /** Evaluates `classifier` in its current state. */
  readonly evaluator: Evaluator;
  /** How pixels are normalised: by the training images, or as pretrained weights expect it. */
  readonly stats: ChannelStats;
  /** Number of whole batches in the training set. */
  readonly stepsPerEpoch: number;
  /** Steps of all epochs. */
  readonly totalSteps: number;
  readonly #gpu: Gpu;
  readonly #dataset: Dataset;
  readonly #config: Config;
  readonly #state: TrainingState;
  /** The relevance loss, and the saliency that it guides. */
  readonly guidance: Guidance;
  readonly #classLoss: ClassificationLoss;
  readonly #measuredSaliency: SaliencySettings;
  readonly #batches: TrainingBatches;
  #step = 0;
  #history: EpochRecord[] = [];
  #partial = NOTHING;
  /** The state at the start, or after the last epoch that ended with finite losses and weights. */
  #good: Checkpoint | undefined;

  /**
   * @throws RangeError if a batch exceeds the training set, or the classifier fits other images; TypeError if `ema` is
   *   set and the classifier has no `recreate` */
  constructor(gpu: Gpu, options: TrainerOptions) {
    const { dataset, config, loss, classifier, pretrained, signal } = options;
    checkSelection(config);
    const [{ train }, { batchSize, epochs }] = [dataset, config.train];
    this.#gpu = gpu;
    this.#dataset = dataset;
    this.#config = config;
    this.#measuredSaliency = options.measuredSaliency ?? config.saliency;
    this.stats = statsFor(dataset, pretrained);
    this.stepsPerEpoch = Math.floor(train.count / batchSize);
    this.totalSteps = this.stepsPerEpoch * epochs;
    this.#batches = new TrainingBatches(dataset, this.stats, config);
    this.guidance = chosenGuidance(config, loss, this.#batches.guidedImages);
    this.#classLoss = chosenLoss(config.train, train.labels, dataset.classes.length);
    [this.#state, this.evaluator] = allOrNothing(() => {
      const state = new TrainingState(gpu, { config, dataset, pretrained }, classifier);
      return [state, new Evaluator(gpu, state.classifier, this.stats, { signal })];
    });
    this.classifier = this.#state.classifier;
  }

  /** Steps done. */
  get step(): number {
    return this.#step;
  }

  /** One record per finished epoch. */
  get history(): readonly EpochRecord[] {
    return this.#history;
  }

  /** Whether all steps before `until` are done, or `train.patience` is used up. @param guided see `selectEpoch` */
  isFinished(guided: boolean, until = this.totalSteps, mayStop = true): boolean {
    if (this.#hasOpenEpoch) return false;
    const { stopped } = selectEpoch(this.#history, this.#config, guided);
    return this.#step >= until || (mayStop && stopped);
  }

  /** Whether training was stopped after the last step of an epoch, before the epoch was measured. */
  get #hasOpenEpoch(): boolean {
    return this.#step === (this.#history.length + 1) * this.stepsPerEpoch;
  }

  /**
   * Loads the weights of the best epoch into `classifier`, if settings select one. Training continues only from a
   * checkpoint after that.
   *
   * @returns that epoch, or the last one
   */
  selectEpoch(guided: boolean): number {
    const { epoch = this.#history.length - 1 } = selectEpoch(this.#history, this.#config, guided);
    this.#state.loadBest();
    return epoch;
  }

  /**
   * Height and width of the masks: those of the guided saliency.
   *
   * @throws RangeError if the guided layer has no positions, or does not exist
   */
  get maskSize(): readonly [number, number] {
    return mapSize(this.#gpu, this.classifier, lossSaliency(this.guidance));
  }

  /**
   * Trains up to step `until`, guided if there is a supervision. Returns early when the signal aborts.
   *
   * @throws DivergedError when a loss or a weight is not finite, or AnomalyError with `detectAnomaly`. The trainer is
   *   then back at the end of the last good epoch
   */
  async train(until: number, supervision?: Supervision, given: TrainOptions = {}): Promise<void> {
    const options = { phase: 'training', ...given };
    const guided = supervision !== undefined;
    const isDone = () => this.isFinished(guided, until, options.mayStop);
    if (isDone()) return;
    const { batchSize, eager } = this.#config.train;
    const guidance = supervision && this.guidance;
    const { trained, optimizer, average } = this.#state;
    const step = await TrainingStep.create(this.#gpu, trained, optimizer, batchSize, guidance, {
      detectAnomaly: options.detectAnomaly,
      classLoss: this.#classLoss,
      eager,
      after: average && (() => average.update()),
    });
    if (step.cost) options.onRecord?.(step.cost, options.phase);
    this.#good = await this.checkpoint();
    try {
      while (!isDone() && !options.signal?.aborted) {
        const epoch = this.#history.length;
        if (!this.#hasOpenEpoch) await this.#trainEpoch(step, epoch, until, supervision, options);
        if (this.#hasOpenEpoch) await this.#closeEpoch(epoch, supervision, options);
      }
    } catch (error) {
      if (isStopped(error, options.signal)) return; // the epoch stays open
      if (error instanceof DivergedError || error instanceof AnomalyError) this.restore(this.#good);
      throw error;
    } finally {
      step.dispose();
    }
  }

  /** Saliency of the training images by the current classifier; undefined if the loss does not need it. */
  async initialSaliency(): Promise<Float32Array | undefined> {
    if (!this.guidance.loss.initialSaliency) return undefined;
    const options = lossSaliency(this.guidance);
    return (await this.evaluator.explain(this.#dataset.train, options)).maps;
  }

  /** Balances λ: ΣCE/ΣL_rel of the current classifier; 1 if λ is used as a plain factor. */
  async measureBalance(
    supervision: Omit<Supervision, 'lossBalance'>,
    signal?: AbortSignal,
  ): Promise<number> {
    if (this.#config.guidance.balance === 'none') return 1;
    return measureBalance(this.#gpu, {
      ...{ classifier: this.classifier, guidance: this.guidance, classLoss: this.#classLoss },
      ...{ batches: this.#batches, epoch: this.#config.train.epochs, supervision, signal },
    });
  }

  /** A copy of everything that training changes, as it is at this call. */
  async checkpoint(): Promise<Checkpoint> {
    const record = { step: this.#step, history: [...this.#history], partial: this.#partial };
    return { ...record, tensors: await this.#state.tensors() };
  }

  /** Returns to a checkpoint of the same configuration. */
  restore({ step, tensors, history, partial }: Checkpoint): void {
    this.#state.load(tensors, step);
    this.#step = step;
    this.#history = [...history];
    this.#partial = partial;
  }

  /** Frees everything except a classifier that was passed in. */
  async dispose(): Promise<void> {
    await this.evaluator.dispose();
    this.#state.dispose();
  }

  #lambda(supervision: Supervision | undefined): number {
    if (!supervision) return 0;
    const [{ guidance }, { lossBalance }] = [this.#config, supervision];
    const { factor } = restraint(this.#history, guidance);
    return factor * lambdaAt(guidance, this.#step / this.stepsPerEpoch, lossBalance);
  }

  #lr(): number {
    return learningRateAt(this.#config.train, this.#step, this.totalSteps);
  }

  async #trainEpoch(
    step: TrainingStep,
    epoch: number,
    until: number,
    supervision: Supervision | undefined,
    { onStep, phase, signal, detectAnomaly }: NamedTraining,
  ): Promise<void> {
    const { batchSize } = this.#config.train;
    const order = this.#batches.order(epoch);
    const end = Math.min(until, (epoch + 1) * this.stepsPerEpoch);
    const reads = new ReadBehind();
    let last = performance.now();
    try {
      while (this.#step < end && !signal?.aborted) {
        const first = (this.#step - epoch * this.stepsPerEpoch) * batchSize;
        const indices = order.subarray(first, first + batchSize);
        const [lr, lambda] = [this.#lr(), this.#lambda(supervision)];
        this.#state.optimizer.lr = lr;
        this.#state.average?.advance(this.#step);
        const stream = `${epoch}/${first}`;
        if (supervision) step.setLambda(lambda);
        const batch = supervision
          ? this.#batches.guided(indices, stream, supervision)
          : this.#batches.plain(indices, stream);
        const guided = guidesAny(batch);
        await step.runSharing(batch);
        this.#batches.prefetch(order, first + batchSize);
        const done = ++this.#step;
        const read = step.losses().then((losses) => {
          const now = performance.now();
          DivergedError.refuse(losses, done, this.#good as Checkpoint);
          const seconds = (now - last) / 1000;
          this.#partial = withStep(this.#partial, losses, { guided, seconds });
          last = now;
          const of = { step: done, total: this.totalSteps, epoch };
          onStep?.({ ...of, ...losses, lambda, lr, seconds }, phase);
        });
        await reads.add(read);
        if (detectAnomaly) await step.check(done);
      }
      await reads.finish();
    } finally {
      await reads.settle();
    }
  }

  async #closeEpoch(
    epoch: number,
    supervision: Supervision | undefined,
    { onEpoch, onWarning, afterEpoch, phase }: NamedTraining,
  ): Promise<void> {
    const plain: EpochRecord = {
      epoch,
      ...meansOf(this.#partial),
      lambda: this.#lambda(supervision),
      lr: this.#lr(),
      ...(await validate(this.evaluator, this.#dataset, this.#config, this.#measuredSaliency)),
      seconds: this.#partial.seconds,
    };
    const { news } = supervision ? restraint([...this.#history, plain], this.#config.guidance) : {};
    const record = news ? { ...plain, note: news } : plain;
    this.#partial = NOTHING;
    this.#history.push(record);
    const { epoch: best } = selectEpoch(this.#history, this.#config, supervision !== undefined);
    if (best === epoch) await this.#state.keepBest();
    const checkpoint = await this.checkpoint();
    DivergedError.refuseEpoch(record, checkpoint, this.#good as Checkpoint);
    this.#good = checkpoint;
    await afterEpoch?.(checkpoint);
    await onEpoch?.(record, phase);
    if (news) onWarning?.(news);
  }
}
