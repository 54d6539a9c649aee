// What each training step is fed with: images in the order of the sampling, moved by augmentation, with masks and signs.

import { Random } from '../../engine/core/random.ts';
import type { Config } from '../config/config.ts';
import type { Dataset } from '../data/dataset.ts';
import { type ChannelStats, gatherImages } from '../data/normalise.ts';
import { rowAt } from '../image/rows.ts';
import type { RelevanceMasks } from '../masks/masks.ts';
import { type AffineTransform, applyLight, applyTransforms, drawTransforms } from './augment.ts';
import { trainingOrder } from './batches.ts';
import type { GuidedInputs, StepInputs } from './step.ts';

/** What guides a run: the masks, and the balance ΣCE/ΣL_rel that makes λ comparable between losses. */
export interface GuidancePlan {
  readonly masks: RelevanceMasks;
  readonly rate: number;
  /** Saliency of every training image before guidance, as large as the masks; for a loss that needs it. */
  readonly reference?: Float32Array;
}

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
    return this.#inputs(indices, this.#transforms(indices.length, stream), stream);
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
    const transforms = this.#transforms(indices.length, stream);
    const pick = (maps: Float32Array): Float32Array => {
      const part = new Float32Array(first.length * area);
      first.forEach((from, i) => {
        part.set(rowAt(maps, from, area), i * area);
      });
      applyTransforms(part, transforms.slice(0, first.length), [height, width]);
      return part;
    };
    const random = new Random(this.#config.seed, `signs/${stream}`);
    return {
      ...this.#inputs(indices, transforms, stream),
      masks: pick(masks.masks),
      ...(reference && { reference: pick(reference) }),
      weights: Float32Array.from(first, (i) => weights[i]),
      signs: Float32Array.from({ length: first.length * classes.length }, () =>
        random.uniform() < 0.5 ? -1 : 1,
      ),
      lambda,
    };
  }

  #transforms(count: number, stream: string): AffineTransform[] {
    const { augment, seed } = this.#config;
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
    const { words } = new Random(this.#config.seed, `dropout/${stream}`);
    return {
      images,
      labels: Uint32Array.from(indices, (i) => train.labels[i]),
      noise: Uint32Array.from(words),
    };
  }
}
