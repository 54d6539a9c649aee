// The inputs of each training step: images in sampling order, augmented, with their masks and signs.

import { Random } from '../../engine/core/random.ts';
import type { Config } from '../config/config.ts';
import type { Dataset } from '../data/dataset.ts';
import { type ChannelStats, gatherImages } from '../data/normalise.ts';
import { prefetch } from '../data/pixels.ts';
import type { Values } from '../data/values.ts';
import { rowAt } from '../image/rows.ts';
import { type AffineTransform, applyLight, applyTransforms, drawTransforms } from './augment.ts';
import { trainingOrder } from './batches.ts';
import type { GuidedInputs, StepInputs } from './step-inputs.ts';
import type { Supervision } from './supervision.ts';

/** Number of images of a guided batch that get the relevance loss: at least one. */
export const guidedImages = ({ train, guidance }: Config): number =>
  Math.max(1, Math.round(train.batchSize * guidance.guidedShare));

/**
 * Makes the batches of one configuration. Everything random depends on the seed and on `stream`, the name of a batch,
 * so that every arm and every variant gets the same.
 */
export class TrainingBatches {
  /** Number of images of a guided batch, from its start, that get the relevance loss. */
  readonly guidedImages: number;
  readonly #dataset: Dataset;
  readonly #stats: ChannelStats;
  readonly #config: Config;
  readonly #pixels: Float32Array;

  /** @throws RangeError if a batch is larger than the training set */
  constructor(dataset: Dataset, stats: ChannelStats, config: Config) {
    const { train } = dataset;
    const { batchSize } = config.train;
    if (batchSize > train.count) {
      throw new RangeError(
        `trainer: batchSize is ${batchSize}, but there are ${train.count} training images. Use a smaller batch.`,
      );
    }
    this.#dataset = dataset;
    this.#stats = stats;
    this.#config = config;
    this.#pixels = new Float32Array((train.images.length / train.count) * batchSize);
    this.guidedImages = guidedImages(config);
  }

  /** The training images in the order of an epoch, [N]. */
  order(epoch: number): Uint32Array {
    const { sampling, seed } = this.#config.train;
    return trainingOrder(sampling, seed, epoch, this.#dataset.train.labels);
  }

  /** Starts reading the images of the batch from `first` on, if they are on a disk, while the device computes. */
  prefetch(order: Uint32Array, first: number): void {
    const { batchSize } = this.#config.train;
    prefetch(this.#dataset.train.images, order.subarray(first, first + batchSize));
  }

  /** At most `batchSize` images. The next batch overwrites them. */
  plain(indices: Uint32Array, stream: string): StepInputs {
    return this.#inputs(indices, this.#transforms(indices.length, stream), stream);
  }

  /** The same images, where the first `guidedImages` have a mask, a weight, signs, and whatever the loss needs. */
  guided(
    indices: Uint32Array,
    stream: string,
    { masks, initialSaliency }: Omit<Supervision, 'lossBalance'>,
  ): GuidedInputs {
    const { classes } = this.#dataset;
    const { height, width, weights } = masks;
    const area = height * width;
    const first = indices.subarray(0, this.guidedImages);
    const transforms = this.#transforms(indices.length, stream);
    const pick = (maps: Values): Float32Array => {
      const part = new Float32Array(first.length * area);
      first.forEach((from, i) => {
        part.set(rowAt(maps, from, area), i * area);
      });
      applyTransforms(part, transforms.slice(0, first.length), [height, width]);
      return part;
    };
    const random = new Random(this.#config.train.seed, `signs/${stream}`);
    const picked = pick(masks.masks);
    const own = Float32Array.from(first, (i) => weights[i]);
    return {
      ...this.#inputs(indices, transforms, stream),
      masks: picked,
      ...(initialSaliency && { initialSaliency: pick(initialSaliency) }),
      weights: this.#config.guidance.balance === 'none' ? overMean(own, picked) : own,
      signs: Float32Array.from({ length: first.length * classes.length }, () =>
        random.uniform() < 0.5 ? -1 : 1,
      ),
    };
  }

  #transforms(count: number, stream: string): AffineTransform[] {
    const { augment, seed } = this.#config.train;
    return augment === 'none'
      ? []
      : drawTransforms(augment, count, this.#dataset.height, seed, stream);
  }

  #inputs(
    indices: Uint32Array,
    transforms: readonly AffineTransform[],
    stream: string,
  ): StepInputs {
    const { train, height, width } = this.#dataset;
    const each = train.images.length / train.count;
    const images = gatherImages(train, indices, this.#stats, this.#pixels).subarray(
      0,
      each * indices.length,
    );
    applyTransforms(images, transforms, [height, width]);
    applyLight(images, transforms);
    const { words } = new Random(this.#config.train.seed, `dropout/${stream}`);
    return {
      images,
      labels: Uint32Array.from(indices, (i) => train.labels[i]),
      noise: Uint32Array.from(words),
    };
  }
}

/**
 * ω over its mean, so that the relevance loss of a batch is the mean Σ ω L / Σ ω over those images that are guided, and
 * λ means the same for few marks as for many. An image whose mask is empty is not guided.
 */
function overMean(weights: Float32Array, masks: Float32Array): Float32Array {
  const area = masks.length / weights.length;
  const counted = weights.map((w, i) => (rowAt(masks, i, area).some((m) => m > 0) ? w : 0));
  const mean = counted.reduce((sum, w) => sum + w, 0) / counted.length;
  return mean > 0 ? counted.map((w) => w / mean) : counted;
}
