// The inputs of a training step: images, labels and, if it is guided, masks, as arrays and as tensors.

import type { Gpu } from '../../engine/core/gpu.ts';
import { allOrNothing, type Shape, type Tensor } from '../../engine/core/tensor.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { GradientMixOptions } from '../../model/gradient-mix.ts';
import type { Config } from '../config/config.ts';
import { type RelevanceLoss, relevanceLossNamed } from '../guidance/losses.ts';
import { mapSize } from '../guidance/map-size.ts';
import { keepsChannels, type SaliencyOptions } from '../guidance/saliency.ts';
import type { ClassificationLoss } from './classification-loss.ts';

/** How saliency is guided. A loss's own saliency options override `saliency`. */
export interface Guidance {
  readonly loss: RelevanceLoss;
  readonly saliency: SaliencyOptions;
  /** Number of images of a batch, from its start, that get the relevance loss. */
  readonly images: number;
  /** How its gradient is added to that of cross-entropy. Default: as it is. */
  readonly gradients?: GradientMixOptions;
}

/** The guidance that settings choose, with their loss unless there is another. */
export const chosenGuidance = (
  { guidance, saliency }: Pick<Config, 'guidance' | 'saliency'>,
  loss: RelevanceLoss | undefined,
  images: number,
): Guidance => ({
  ...{ loss: loss ?? relevanceLossNamed(guidance.loss), saliency, images },
  gradients: {
    conflictFree: guidance.gradients === 'conflict-free',
    maxNormRatio: guidance.maxNormRatio,
  },
});

export interface StepInputs {
  /** Normalised pixels [N, C, H, W]. */
  readonly images: Float32Array;
  /** [N]. */
  readonly labels: Uint32Array;
  /** `words` of a random stream, from which dropout draws. Default: zeros. */
  readonly noise?: Uint32Array;
}

export interface GuidedInputs extends StepInputs {
  /** M of the guided images, in the resolution of `mapSize`. */
  readonly masks: Float32Array;
  /** ω of the guided images. */
  readonly weights: Float32Array;
  /** ±1 for each guided image and class; used by the target `random-signs`. */
  readonly signs: Float32Array;
  /** Saliency of the guided images before guidance, of the size of `masks`; for a loss that needs it. */
  readonly initialSaliency?: Float32Array;
}

/** Whether a batch guides at least one image. */
export const guidesAny = (batch: StepInputs | GuidedInputs): boolean =>
  'weights' in batch && batch.weights.some((weight) => weight > 0);

/** Options of the saliency on which a loss is defined. */
export const lossSaliency = ({ loss, saliency: chosen }: Guidance): SaliencyOptions => ({
  ...chosen,
  ...loss.saliency,
});

/** The tensors of a step by name. */
export type Inputs = Readonly<Record<string, Tensor>>;

/** The input tensors of a step; those for guidance only if there is guidance. */
export function createInputs(
  gpu: Gpu,
  classifier: Classifier,
  batchSize: number,
  guidance: Guidance | undefined,
  { weights }: ClassificationLoss,
): Inputs {
  return allOrNothing(() => {
    const { channels, size, classes } = classifier.shape;
    const zeros = (shape: Shape) => gpu.keep(gpu.zeros(shape));
    const labels = (n: number) => gpu.keep(gpu.tensor(new Uint32Array(n), [n], 'u32'));
    const plain = {
      images: zeros([batchSize, channels, size, size]),
      labels: labels(batchSize),
      noise: labels(4),
      ...(weights && { classWeights: gpu.keep(gpu.tensor(weights, [classes])) }),
    };
    if (!guidance) return plain;
    const options = lossSaliency(guidance);
    const n = guidance.images;
    const [h, w] = mapSize(gpu, classifier, options);
    return {
      ...plain,
      guidedLabels: labels(n),
      masks: zeros(keepsChannels(options) ? [n, 1, h, w] : [n, h, w]),
      weights: zeros([n]),
      signs: zeros([n, classes]),
      lambda: gpu.keep(gpu.tensor([1], [])),
      ...(guidance.loss.initialSaliency && { initialSaliency: zeros([n, h, w]) }),
    };
  });
}

/** Copies a batch into the tensors. */
export function writeInputs(inputs: Inputs, batch: StepInputs | GuidedInputs): void {
  inputs.images.write(batch.images);
  inputs.labels.write(batch.labels);
  if (batch.noise) inputs.noise.write(batch.noise);
  if (!('masks' in batch)) return;
  inputs.guidedLabels.write(batch.labels.slice(0, inputs.guidedLabels.size));
  inputs.masks.write(batch.masks);
  inputs.weights.write(batch.weights);
  inputs.signs.write(batch.signs);
  if (batch.initialSaliency) inputs.initialSaliency?.write(batch.initialSaliency);
}
