// A running mean of the weights during training. It is often the better classifier, because it averages out the
// fluctuations of the last steps.
//
// Source: Polyak & Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992; the slow start as in
// TensorFlow's ExponentialMovingAverage.

import { noGrad } from '../../engine/autodiff/tape.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { Tensor } from '../../engine/core/tensor.ts';
import { sub } from '../../engine/ops/index.ts';
import type { Classifier } from '../../model/classifier.ts';
import { createSgd, type Optimizer } from '../../model/optimizer.ts';

/**
 * a ← d a + (1 − d) w after every step t = 0, 1, …, with d = min(decay, (1 + t)/(10 + t)); also for running statistics.
 */
export class WeightAverage {
  /** The averaged classifier, with its own weights. */
  readonly classifier: Classifier;
  readonly #trained: readonly Tensor[];
  readonly #decay: number;
  /** Gradient descent on a − w with rate 1 − d is the running mean. */
  readonly #mean: Optimizer;

  /** Starts at the current weights. @throws TypeError for a classifier without `recreate` */
  constructor(gpu: Gpu, trained: Classifier, decay: number) {
    if (!trained.recreate) {
      throw new TypeError(
        'ema: the classifier has no `recreate`, expected a function that makes another like it. Add it, or set train.ema to 0.',
      );
    }
    this.classifier = trained.recreate(0);
    this.#trained = tensors(trained).map(([, tensor]) => tensor);
    tensors(this.classifier).forEach(([, average], i) => {
      gpu.copy(this.#trained[i], average);
    });
    this.#decay = decay;
    this.#mean = createSgd(gpu, new Map(tensors(this.classifier)), { momentum: 0 });
  }

  /** Part of a recorded step, after the weights have changed. */
  update(): void {
    noGrad(() => {
      const own = tensors(this.classifier);
      this.#mean.step(own.map(([, average], i) => sub(average, this.#trained[i])));
    });
  }

  /** Call before each step, or before each replay. `step` counts from 0. */
  advance(step: number): void {
    this.#mean.lr = 1 - Math.min(this.#decay, (1 + step) / (10 + step));
  }

  dispose(): void {
    this.#mean.dispose();
    this.classifier.weights.dispose();
  }
}

const tensors = ({ weights }: Classifier): [string, Tensor][] => [
  ...weights.parameters,
  ...weights.buffers,
];
