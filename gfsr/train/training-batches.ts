// What each training step is fed with: images in the order of the sampling, moved by augmentation, with masks and signs.

import { Random } from '../../engine/core/random.ts';
import type { Config } from '../config/config.ts';
import type { ChannelStats, Dataset } from '../data/dataset.ts';
import { applyLight, applyMoves, drawMoves, type Move } from './augment.ts';
import { gatherImages, trainingOrder } from './batches.ts';
import type { GuidedInputs, StepInputs } from './step.ts';
import type { GuidancePlan } from './trainer.ts';

/**
 * Makes the batches of one configuration. All that is random depends on the seed and on `stream`, the name of a batch, so
 * that every arm and every variant sees the same.
 */
export class TrainingBatches {
  readonly #dataset: Dataset;
  readonly #stats: ChannelStats;
  readonly #config: Config;
  readonly #pixels: Float32Array;

  constructor(dataset: Dataset, stats: ChannelStats, config: Config) {
    const { train } = dataset;
    this.#dataset = dataset;
    this.#stats = stats;
    this.#config = config;
    this.#pixels = new Float32Array((train.images.length / train.count) * config.batchSize);
  }

  /** The training images in the order of an epoch, [N]. */
  order(epoch: number): Uint32Array {
    const { sampling, seed } = this.#config;
    return trainingOrder(sampling, seed, epoch, this.#dataset.train.labels);
  }

  /** At most `batchSize` images; they are overwritten by the next batch. */
  plain(indices: Uint32Array, stream: string): StepInputs {
    return this.#inputs(indices, this.#moves(indices.length, stream), stream);
  }

  /** The same images, of which the first `guided` have a mask, a weight, signs, and a reference where there is one. */
  guided(
    indices: Uint32Array,
    stream: string,
    guided: number,
    { masks, reference }: Pick<GuidancePlan, 'masks' | 'reference'>,
    lambda: number,
  ): GuidedInputs {
    const { classes } = this.#dataset;
    const { height, width, weights } = masks;
    const area = height * width;
    const first = indices.subarray(0, guided);
    const moves = this.#moves(indices.length, stream);
    const pick = (maps: Float32Array): Float32Array => {
      const part = new Float32Array(first.length * area);
      first.forEach((from, i) => {
        part.set(maps.subarray(from * area, (from + 1) * area), i * area);
      });
      applyMoves(part, moves.slice(0, first.length), [height, width]);
      return part;
    };
    const random = new Random(this.#config.seed, `signs/${stream}`);
    return {
      ...this.#inputs(indices, moves, stream),
      masks: pick(masks.masks),
      ...(reference && { reference: pick(reference) }),
      weights: Float32Array.from(first, (i) => weights[i]),
      signs: Float32Array.from({ length: first.length * classes.length }, () =>
        random.uniform() < 0.5 ? -1 : 1,
      ),
      lambda,
    };
  }

  #moves(count: number, stream: string): Move[] {
    const { augment, seed } = this.#config;
    return augment === 'none' ? [] : drawMoves(augment, count, this.#dataset.height, seed, stream);
  }

  #inputs(indices: Uint32Array, moves: readonly Move[], stream: string): StepInputs {
    const { train, height, width } = this.#dataset;
    const each = train.images.length / train.count;
    const images = gatherImages(train, indices, this.#stats, this.#pixels).subarray(
      0,
      each * indices.length,
    );
    applyMoves(images, moves, [height, width]);
    applyLight(images, moves);
    const { words } = new Random(this.#config.seed, `dropout/${stream}`);
    return {
      images,
      labels: Uint32Array.from(indices, (i) => train.labels[i]),
      noise: Uint32Array.from(words),
    };
  }
}
