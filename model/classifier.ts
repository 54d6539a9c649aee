// What every classifier offers: logits, named feature maps, weights, and the configuration that rebuilds it.

import type { Gpu } from '../engine/core/gpu.ts';
import { formatShape, type Tensor } from '../engine/core/tensor.ts';
import type { Decomposed } from './decomposition.ts';
import type { Mode } from './layers.ts';
import { resnet18 } from './resnet.ts';
import { smallCnn } from './small-cnn.ts';
import type { Weights } from './weights.ts';

export interface ForwardResult {
  /** [N, classes], before softmax. */
  readonly logits: Tensor;
  /** Feature maps [N, K, h, w] by layer name, each on the path from input to logits. */
  readonly features: Readonly<Record<string, Tensor>>;
}

export interface Classifier {
  /** Rebuilds the same architecture with `createClassifier`. */
  readonly config: ClassifierConfig;
  readonly weights: Weights;
  /** Names of the feature maps, from input to output. */
  readonly layers: readonly string[];
  /**
   * Logits = mean over positions of `layer`, times `weight` ᵀ (+ bias), where the head is of that kind:
   * then Grad-CAM there has a closed form.
   */
  readonly pooledHead?: { readonly layer: string; readonly weight: Tensor };
  /** x [N, channels, size, size], normalised. */
  forward(x: Tensor, mode: Mode): ForwardResult;
  /**
   * Logits [N, classes] of a part and of the rest of x, each [N, channels, size, size], that add up to those of x in
   * evaluation mode; absent where the architecture has no rules for it.
   */
  decompose?(parts: Decomposed): Decomposed;
}

interface Common {
  readonly channels: number;
  readonly classes: number;
  /** Height and width in pixels. */
  readonly size: number;
}

export interface SmallCnnConfig extends Common {
  readonly architecture: 'small-cnn';
  /** Output channels of the convolutions; all but the last pooled by 2 after it, and the last too. */
  readonly widths: readonly number[];
  /** Units of the hidden layer of a `dense` head. */
  readonly hidden: number;
  /** `dense` sees positions; `pooled` averages them away (and gives Grad-CAM a closed form). */
  readonly head: 'dense' | 'pooled';
  readonly norm: 'none' | 'batch';
  /** Share of the inputs of the last layer that are dropped where `Mode.dropout` is given. Default 0. */
  readonly dropout?: number;
}

export interface ResNet18Config extends Common {
  readonly architecture: 'resnet18';
  /** `small`: 3×3 stride 1, no pooling (28–64 px). `large`: 7×7 stride 2 and max pooling (224 px), as torchvision. */
  readonly stem: 'small' | 'large';
  /** Channels of the first stage. Default 64. */
  readonly width: number;
}

export type ClassifierConfig = SmallCnnConfig | ResNet18Config;

/** Builds a classifier with weights drawn from `seed`. */
export function createClassifier(
  gpu: Gpu,
  config: ClassifierConfig,
  seed: number | string,
): Classifier {
  return config.architecture === 'small-cnn'
    ? smallCnn(gpu, config, seed)
    : resnet18(gpu, config, seed);
}

/** Elements of the largest feature map, or of the input if that is larger, of one image. */
export function largestActivation(config: ClassifierConfig): number {
  const { channels, size } = config;
  const area = size * size;
  const first =
    config.architecture === 'resnet18'
      ? (config.width * area) / (config.stem === 'large' ? 4 : 1)
      : Math.max(...config.widths.map((width, i) => width * Math.floor(size / 2 ** i) ** 2));
  return Math.max(first, channels * area);
}

/** @throws RangeError if x is not [N, channels, size, size] of the configuration. */
export function checkInput(x: Tensor, { channels, size }: Common): void {
  const [, c, h, w] = x.shape;
  if (x.rank !== 4 || c !== channels || h !== size || w !== size) {
    throw new RangeError(
      `classifier: x has shape ${formatShape(x.shape)}, expected [N, ${channels}, ${size}, ${size}].`,
    );
  }
}
