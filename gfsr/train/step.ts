// One training step, recorded or eager: forward, cross-entropy, guided saliency, gradients, update.

import { AnomalyError, AnomalyWatch } from '../../engine/autodiff/anomaly.ts';
import { grad } from '../../engine/autodiff/grad.ts';
import { Eager } from '../../engine/core/eager.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { ProgramCost, ProgramSketch } from '../../engine/core/memory-plan.ts';
import type { Program } from '../../engine/core/program.ts';
import { allOrNothing, type Tensor } from '../../engine/core/tensor.ts';
import { add, mul } from '../../engine/ops/index.ts';
import type { Classifier } from '../../model/classifier.ts';
import { GradientMix } from '../../model/gradient-mix.ts';
import type { Optimizer } from '../../model/optimizer.ts';
import { type ClassificationLoss, crossEntropyLoss } from './classification-loss.ts';
import {
  createInputs,
  type Guidance,
  type GuidedInputs,
  type Inputs,
  type StepInputs,
  writeInputs,
} from './step-inputs.ts';
import { type LossTensors, lossTensors, readLosses, type StepLosses } from './step-losses.ts';

export interface StepOptions {
  /** Default false. */
  readonly detectAnomaly?: boolean;
  /** Default cross-entropy. */
  readonly classLoss?: ClassificationLoss;
  /** Additional work of each step, after the weights have changed. */
  readonly after?: () => void;
  /**
   * Run every step op by op instead of replaying a recording: the same bits, more JavaScript, more memory. Default
   * false.
   */
  readonly eager?: boolean;
}

/** What a step needs besides its classifier and its optimiser. */
interface StepParts {
  readonly inputs: Inputs;
  readonly guidance: Guidance | undefined;
  readonly classLoss: ClassificationLoss;
  /** How the gradients of both losses become one. Default: that of their sum. */
  readonly mix?: GradientMix;
}

/** Makes the inputs of a step, and what mixes its gradients if `guidance.gradients` asks for that. */
function createParts(
  gpu: Gpu,
  classifier: Classifier,
  { parameters }: Optimizer,
  batchSize: number,
  { guidance, classLoss }: Pick<StepParts, 'guidance' | 'classLoss'>,
): StepParts {
  const { conflictFree = false, maxNormRatio = 0 } = guidance?.gradients ?? {};
  const mixes = conflictFree || maxNormRatio > 0;
  return allOrNothing(() => ({
    ...{ guidance, classLoss },
    inputs: createInputs(gpu, classifier, batchSize, guidance, classLoss),
    ...(mixes && { mix: new GradientMix(gpu, parameters, { conflictFree, maxNormRatio }) }),
  }));
}

function disposeParts({ inputs, mix }: StepParts): void {
  mix?.dispose();
  for (const tensor of Object.values(inputs)) tensor.dispose();
}

/** The work of a step: losses, gradients, update. */
function stepOf(
  classifier: Classifier,
  optimizer: Optimizer,
  { inputs, guidance, classLoss, mix }: StepParts,
): LossTensors {
  const { parameters } = optimizer;
  const gradients = ({ crossEntropy, relevance }: LossTensors): Tensor[] => {
    if (!relevance) return grad(crossEntropy, parameters);
    if (!mix) return grad(add(crossEntropy, mul(relevance, inputs.lambda)), parameters);
    const side = grad(relevance, parameters, { unused: 'zero' });
    return mix.combine(grad(crossEntropy, parameters), side, inputs.lambda);
  };
  const losses = lossTensors(classifier, inputs, guidance, classLoss, { training: true });
  optimizer.step(gradients(losses));
  return losses;
}

/** A training step of one classifier, for one batch size. */
export class TrainingStep {
  /** Only for a recorded step. */
  readonly cost: ProgramCost | undefined;
  readonly #gpu: Gpu;
  readonly #work: Program<LossTensors> | Eager<LossTensors>;
  readonly #parts: StepParts;
  readonly #watch: AnomalyWatch | undefined;

  private constructor(
    gpu: Gpu,
    work: Program<LossTensors> | Eager<LossTensors>,
    parts: StepParts,
    watch: AnomalyWatch | undefined,
  ) {
    if (!(work instanceof Eager)) {
      const { dispatches, plannedBytes, unsharedBytes } = work;
      this.cost = { dispatches, plannedBytes, unsharedBytes };
    }
    this.#gpu = gpu;
    this.#work = work;
    this.#parts = parts;
    this.#watch = watch;
  }

  /**
   * Prepares the step: plain cross-entropy, or with `guidance` L = CE + λ·mean_i ω_i L_rel,i; `classLoss` replaces CE.
   * `guidance.gradients` says how the two gradients become one.
   * With `detectAnomaly`, `check` can tell where a value is not finite, and a step takes several times as long.
   */
  static async create(
    gpu: Gpu,
    classifier: Classifier,
    optimizer: Optimizer,
    batchSize: number,
    guidance?: Guidance,
    { detectAnomaly = false, classLoss = crossEntropyLoss, after, eager = false }: StepOptions = {},
  ): Promise<TrainingStep> {
    const { parts, watch } = allOrNothing(() => {
      const parts = createParts(gpu, classifier, optimizer, batchSize, { guidance, classLoss });
      const named = [...Object.entries(parts.inputs), ...classifier.weights.parameters];
      const names = new Map(named.map(([name, tensor]) => [tensor, name]));
      return { parts, watch: detectAnomaly ? new AnomalyWatch(gpu, names) : undefined };
    });
    const body = () => {
      const losses = stepOf(classifier, optimizer, parts);
      after?.();
      return losses;
    };
    const work = () => (watch ? watch.observe(body) : body());
    try {
      if (eager) await gpu.prepare(work);
      const repeated = eager ? new Eager(gpu, work) : await gpu.capture(work);
      return new TrainingStep(gpu, repeated, parts, watch);
    } catch (error) {
      watch?.dispose();
      disposeParts(parts);
      throw error;
    }
  }

  /**
   * What a recorded step would launch and need. Nothing is computed, and the memory of its intermediates is not taken.
   *
   * @throws whatever stops the step from being recorded, such as a loss that the classifier does not support
   */
  static sketch(
    gpu: Gpu,
    classifier: Classifier,
    optimizer: Optimizer,
    batchSize: number,
    guidance?: Guidance,
    classLoss = crossEntropyLoss,
  ): ProgramSketch {
    const parts = createParts(gpu, classifier, optimizer, batchSize, { guidance, classLoss });
    try {
      return gpu.sketch(() => stepOf(classifier, optimizer, parts));
    } finally {
      disposeParts(parts);
    }
  }

  /**
   * @param number of the step just run, for the message
   * @throws AnomalyError naming the op whose value is not finite, if anomalies are detected
   */
  async check(number: number): Promise<void> {
    try {
      await this.#watch?.check();
    } catch (error) {
      if (!(error instanceof AnomalyError)) throw error;
      throw new AnomalyError(error.message.replace('anomaly', `anomaly at step ${number}`));
    }
  }

  /** Runs one step. */
  run(batch: StepInputs | GuidedInputs): void {
    writeInputs(this.#parts.inputs, batch);
    this.#work.run();
  }

  /** The same; where others share the device's processor, in pieces, and a next step must wait for it. */
  async runSharing(batch: StepInputs | GuidedInputs): Promise<void> {
    const { way } = this.#gpu;
    if (!way.isShared || this.#work instanceof Eager) return this.run(batch);
    writeInputs(this.#parts.inputs, batch);
    await this.#work.runInPieces(way);
  }

  /** λ(t), the weight of the relevance loss in the following steps; 1 until it is set. */
  setLambda(lambda: number): void {
    this.#parts.inputs.lambda?.write([lambda]);
  }

  /** The losses of the step just run. */
  losses(): Promise<StepLosses> {
    return readLosses(this.#gpu, this.#work.outputs);
  }

  dispose(): void {
    this.#work.dispose();
    this.#watch?.dispose();
    disposeParts(this.#parts);
  }
}
