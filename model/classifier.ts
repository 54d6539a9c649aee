// What every classifier offers: logits, named feature maps and weights.

import { formatShape, Tensor } from '../engine/core/tensor.ts';
import type { Decomposed } from './decomposition.ts';
import type { Mode } from './layers.ts';
import type { Weights } from './weights.ts';

/** The output of a classifier for a batch. */
export interface ForwardResult {
  /** [N, classes], before softmax. */
  readonly logits: Tensor;
  /** Feature maps [N, K, h, w] by layer name, each on the path from input to logits. */
  readonly features: Readonly<Record<string, Tensor>>;
}

/** The images and classes of a classifier. */
export interface ClassifierShape {
  /** Channels of an image. */
  readonly channels: number;
  readonly classes: number;
  /** Height and width of an image in pixels. */
  readonly size: number;
}

/** A classifier of this project, or your own: it needs only `shape`, `weights`, `layers` and `forward`. */
export interface Classifier {
  readonly shape: ClassifierShape;
  readonly weights: Weights;
  /** Names of the feature maps, from input to output. */
  readonly layers: readonly string[];
  /**
   * The configuration from which `createClassifier` builds another one; absent for one that `createClassifier` did not
   * build.
   */
  readonly config?: ClassifierShape & { readonly architecture: string };
  /**
   * Name of the layer that makes the logits, whose weights `<head>.…` depend on the classes: new beside pretrained
   * weights, and trained at the full learning rate.
   */
  readonly head?: string;
  /** x [N, channels, size, size], normalised. */
  forward(x: Tensor, mode: Mode): ForwardResult;
  /** Another one of the same architecture, with weights drawn from `seed`; used for averaged and for random weights. */
  recreate?(seed: number | string): Classifier;
  /** Dropout rate of layers if `Mode.dropout` is given. Default 0: no dropout. */
  readonly dropout?: number;
  /**
   * Elements of the largest feature map of one image, to choose batches that fit the device. Default: those of
   * `layers`.
   */
  readonly largestActivation?: number;
  /**
   * Present if the head is linear: logits = mean over positions of `layer`, times `weight` ᵀ (+ bias). Grad-CAM at that
   * layer then has a closed form.
   */
  readonly pooledHead?: { readonly layer: string; readonly weight: Tensor };
  /**
   * Logits [N, classes] of a part and of the rest of x, each [N, channels, size, size], that add up to those of x in
   * evaluation mode; absent if the architecture has no rules for it.
   */
  decompose?(parts: Decomposed): Decomposed;
}

/** @throws TypeError if x is not a tensor, RangeError if it is not [N, channels, size, size] */
export function checkInput(x: Tensor, { channels, size }: ClassifierShape): void {
  if (!(x instanceof Tensor)) {
    throw new TypeError(
      `classifier: x is ${typeof x}, expected a Tensor. Make it with gpu.tensor.`,
    );
  }
  const [, c, h, w] = x.shape;
  if (x.rank !== 4 || c !== channels || h !== size || w !== size) {
    throw new RangeError(
      `classifier: x has shape ${formatShape(x.shape)}, expected [N, ${channels}, ${size}, ${size}].`,
    );
  }
}
