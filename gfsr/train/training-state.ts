// Everything that training changes: the weights, their running mean, the optimiser, and the best weights so far.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { Optimizer } from '../../model/optimizer.ts';
import type { StateDict } from '../../model/weights.ts';
import { joinStates, partOf } from './checkpoint.ts';
import {
  checkShape,
  freezeLayers,
  optimizerFor,
  type Start,
  startingClassifier,
} from './classifier.ts';
import { WeightAverage } from './weight-average.ts';

/** The state of a training on the device, as checkpoints hold it. */
export class TrainingState {
  /** What the optimiser changes. */
  readonly trained: Classifier;
  /** Absent unless `ema` is set. */
  readonly average: WeightAverage | undefined;
  readonly optimizer: Optimizer;
  /** Whether the trained weights were created here. */
  readonly #owns: boolean;
  /** Weights of the best epoch so far; empty if none is selected. */
  #best: StateDict = new Map();

  /**
   * @param given a classifier of the user's own
   * @throws RangeError if it is for other images; TypeError if `train.ema` needs a second one and it has no `recreate`
   */
  constructor(gpu: Gpu, start: Start, given?: Classifier) {
    const { train } = start.config;
    if (given) checkShape(given, start.dataset);
    this.#owns = given === undefined;
    this.trained = given ?? startingClassifier(gpu, start);
    freezeLayers(this.trained, train);
    this.average = train.ema > 0 ? new WeightAverage(gpu, this.trained, train.ema) : undefined;
    this.optimizer = optimizerFor(gpu, this.trained, train);
  }

  /** What is evaluated and kept: the trained weights, or their running mean. */
  get classifier(): Classifier {
    return this.average?.classifier ?? this.trained;
  }

  /** Keeps the weights as they are now, as the best so far. */
  async keepBest(): Promise<void> {
    this.#best = await this.classifier.weights.state();
  }

  /** Loads the best weights into `classifier`, if any were kept. */
  loadBest(): void {
    if (this.#best.size > 0) this.classifier.weights.load(this.#best);
  }

  /** A copy of everything, as it is at this call. */
  async tensors(): Promise<StateDict> {
    const best = this.#best;
    const [model, optimizer, average] = await Promise.all([
      this.trained.weights.state(),
      this.optimizer.state(),
      this.average?.classifier.weights.state(),
    ]);
    return joinStates({ model, optimizer, ...(average && { average }), best });
  }

  /** Returns to a copy that was made after `step` steps. */
  load(tensors: StateDict, step: number): void {
    this.trained.weights.load(partOf(tensors, 'model'));
    this.average?.classifier.weights.load(partOf(tensors, 'average'));
    this.optimizer.load(partOf(tensors, 'optimizer'), step);
    this.#best = partOf(tensors, 'best');
  }

  /** Frees everything except a classifier that was given. */
  dispose(): void {
    this.optimizer.dispose();
    this.average?.dispose();
    if (this.#owns) this.trained.weights.dispose();
  }
}
