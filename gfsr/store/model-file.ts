// A trained classifier as the bytes of one file: weights, architecture, normalisation and class names. Runs anywhere.

import * as v from 'valibot';
import type { Gpu } from '../../engine/core/gpu.ts';
import {
  type ClassifierConfig,
  createClassifier,
  parameterCount,
  parseClassifierConfig,
} from '../../model/architectures.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { StateDict } from '../../model/weights.ts';
import { type Config, defaultConfig } from '../config/config.ts';
import { inModelRoom, inRooms } from '../config/old-names.ts';
import { parseConfig } from '../config/parse.ts';
import { portable } from '../config/portable.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ChannelStats } from '../data/normalise.ts';
import { grouped } from '../text/lines.ts';
import type { Arm, ArmResult } from '../train/experiment.ts';
import { decodeTensorFile, encodeTensorFile } from './tensor-file.ts';

const MODEL = 'gfsr-model-1';
/** A classifier of at most this many weights is built without a look at whether its file has them. */
const UNCHECKED_WEIGHTS = 2 ** 24;

const settings = v.record(v.string(), v.unknown());

const modelSchema = v.object({
  arm: v.picklist(['cross-entropy', 'guided']),
  /** Name of the data set. */
  data: v.string(),
  classes: v.array(v.string()),
  /** Per channel, for pixels scaled to [0, 1]. */
  mean: v.array(v.number()),
  std: v.array(v.pipe(v.number(), v.gtValue(0))),
  architecture: settings,
  /** A file from before a setting existed behaves as the default does. */
  config: settings,
  /** Versions and hashes, by name; a file from before they were kept has none. */
  madeWith: v.optional(v.record(v.string(), v.string()), {}),
});

/** Whether the metadata of a safetensors file are those of a weights file. */
export const isModelFile = ({ format }: Readonly<Record<string, string>>): boolean =>
  format === MODEL;

/** The content of a weights file, without a GPU. */
export interface ModelFile {
  readonly arm: Arm;
  /** Name of the data set that the classifier was trained on. */
  readonly data: string;
  readonly classes: readonly string[];
  readonly stats: ChannelStats;
  readonly architecture: ClassifierConfig;
  /** Every setting of the run that trained the classifier. */
  readonly config: Config;
  /** Versions and hashes of what it was made with, by name. */
  readonly madeWith: Readonly<Record<string, string>>;
  readonly weights: StateDict;
}

/** A classifier ready to use. `classifier.weights.dispose()` frees it. */
export interface LoadedModel extends Omit<ModelFile, 'architecture' | 'weights'> {
  readonly classifier: Classifier;
}

/** What a weights file says beside the weights. */
export interface ModelContext {
  readonly dataset: Dataset;
  /** Of absolute paths in it the last part is kept. */
  readonly config: Config;
  /** Versions and hashes, by name. Default: none. */
  readonly madeWith?: Readonly<Record<string, string>>;
}

/**
 * The weights file of one arm. The same training gives the same bytes.
 *
 * @param result an arm of an experiment, or weights and `config` of a classifier that `createClassifier` built, and how
 *   pixels are normalised for it
 * @throws TypeError for a classifier of your own, which the file could not describe
 */
export function encodeModel(
  arm: Arm,
  { weights, architecture, stats }: Pick<ArmResult, 'weights' | 'architecture' | 'stats'>,
  { dataset, config, madeWith = {} }: ModelContext,
): Uint8Array {
  if (!architecture) {
    throw new TypeError(
      'encodeModel: the classifier is your own, expected one that createClassifier built. Save its weights with encodeSafetensors.',
    );
  }
  const value = {
    arm,
    data: dataset.name,
    classes: dataset.classes,
    mean: [...stats.mean],
    std: [...stats.std],
    architecture,
    config: portable(config),
    madeWith,
  };
  return encodeTensorFile(MODEL, { tensors: weights, value });
}

/**
 * Reads the bytes of a weights file, without computing anything.
 *
 * @param where name of the file in errors, such as its path
 * @throws RangeError if it is damaged, or not a GFSR weights file
 */
export function decodeModel(bytes: Uint8Array, where = 'decodeModel'): ModelFile {
  const { tensors, value } = decodeTensorFile(MODEL, bytes, modelSchema, where);
  const { mean, std, classes, ...rest } = value;
  const architecture = parseClassifierConfig(inModelRoom(value.architecture), where);
  const config = parseConfig(inRooms(value.config), defaultConfig, where);
  const { channels, classes: count } = architecture;
  if (mean.length !== channels || std.length !== channels || classes.length !== count) {
    throw new RangeError(
      `${where}: normalises ${mean.length} channels and names ${classes.length} classes, expected ${channels} and ${count}. The file is damaged.`,
    );
  }
  const stats = { mean: Float32Array.from(mean), std: Float32Array.from(std) };
  return { ...rest, classes, stats, architecture, config, weights: tensors };
}

/**
 * Builds the classifier that a weights file describes: `restoreModel(gpu, decodeModel(bytes))`.
 *
 * @throws RangeError if the weights do not belong to its architecture, or are far fewer
 */
export function restoreModel(gpu: Gpu, { architecture, weights, ...rest }: ModelFile): LoadedModel {
  const needed = parameterCount(architecture);
  const held = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  // A smaller mistake costs nothing, and is named by `load`.
  if (needed > Math.max(held, UNCHECKED_WEIGHTS)) {
    throw new RangeError(
      `restoreModel: the architecture has ${grouped(needed)} weights, but the file holds ${grouped(held)}. It is damaged.`,
    );
  }
  const classifier = createClassifier(gpu, architecture, 0);
  try {
    classifier.weights.load(weights);
  } catch (error) {
    classifier.weights.dispose();
    throw error;
  }
  return { ...rest, classifier };
}
