// What the table of architectures says of each one.

import type { Gpu } from '../engine/core/gpu.ts';
import type { Classifier, ClassifierShape } from './classifier.ts';
import type { Settings, ValuesOf } from './setting.ts';

/** The largest weight of a classifier. */
export interface LargestWeight {
  /** Its name in an error. */
  readonly name: string;
  readonly elements: number;
  /** How to make it smaller, for a person. */
  readonly fix: string;
}

/** How classifiers of one architecture are built, and what they cost. */
export interface Architecture<S extends Settings> {
  readonly settings: S;
  /** Builds one with weights drawn from `seed`. */
  readonly create: (
    gpu: Gpu,
    config: ClassifierShape & ValuesOf<S>,
    seed: number | string,
  ) => Classifier;
  /** Elements of the largest feature map of one image. */
  readonly largestActivation: (config: ClassifierShape & ValuesOf<S>) => number;
  /** The weight that grows with the size of the images, if any. */
  readonly largestWeight?: (config: ClassifierShape & ValuesOf<S>) => LargestWeight;
  /** Number of trained weights. */
  readonly parameters: (config: ClassifierShape & ValuesOf<S>) => number;
  /** Channels of the last feature map. */
  readonly featureWidth: (config: ClassifierShape & ValuesOf<S>) => number;
  /** Whether its classifiers have contextual decomposition. */
  readonly decomposes: boolean;
}
