// A trained classifier in one file: weights, architecture, normalisation and class names, enough to use it anywhere.

import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { Gpu } from '../../engine/gpu.ts';
import {
  type Classifier,
  type ClassifierConfig,
  createClassifier,
} from '../../model/classifier.ts';
import type { StateDict } from '../../model/weights.ts';
import { type Config, configSchema } from '../config.ts';
import { type ChannelStats, channelStats, type Dataset } from '../data/dataset.ts';
import type { Arm } from '../experiment.ts';
import { classifierConfig } from '../trainer.ts';
import { writeAtomically } from './atomic-file.ts';
import { decodeTensorFile, encodeTensorFile } from './tensor-file.ts';

const MODEL = 'gfsr-model-1';

/** Sizes beyond any classifier of ours, so that a file made to harm asks for no terabytes. */
const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536));
const common = { channels: size, classes: size, size };

const modelSchema = v.object({
  arm: v.picklist(['cross-entropy', 'guided']),
  /** Name of the data set. */
  data: v.string(),
  classes: v.array(v.string()),
  /** Per channel, of pixels scaled to [0, 1]. */
  mean: v.array(v.number()),
  std: v.array(v.pipe(v.number(), v.gtValue(0))),
  classifier: v.variant('architecture', [
    v.object({
      architecture: v.literal('small-cnn'),
      ...common,
      widths: v.pipe(v.array(size), v.minLength(1), v.maxLength(16)),
      hidden: size,
      head: v.picklist(['dense', 'pooled']),
      norm: v.picklist(['none', 'batch']),
    }),
    v.object({
      architecture: v.literal('resnet18'),
      ...common,
      stem: v.picklist(['small', 'large']),
      width: size,
    }),
  ]),
  settings: configSchema,
});

/** What a weights file says, without a GPU. */
export interface ModelFile {
  readonly arm: Arm;
  /** Name of the data set that it was trained on. */
  readonly data: string;
  readonly classes: readonly string[];
  readonly stats: ChannelStats;
  readonly classifier: ClassifierConfig;
  /** Every setting of the run that trained it. */
  readonly settings: Config;
  readonly weights: StateDict;
}

/** A classifier ready to use; `classifier.weights.dispose()` frees it. */
export interface Model extends Omit<ModelFile, 'classifier' | 'weights'> {
  readonly classifier: Classifier;
}

/** Writes one arm's weights; the same training gives the same bytes. */
export async function writeModel(
  path: string,
  arm: Arm,
  weights: StateDict,
  { dataset, config }: { readonly dataset: Dataset; readonly config: Config },
): Promise<void> {
  const { mean, std } = channelStats(dataset);
  const value: v.InferInput<typeof modelSchema> = {
    arm,
    data: dataset.name,
    classes: dataset.classes,
    mean: [...mean],
    std: [...std],
    classifier: structuredClone(classifierConfig(config, dataset)) as v.InferInput<
      typeof modelSchema
    >['classifier'],
    settings: config,
  };
  await writeAtomically(path, encodeTensorFile(MODEL, { tensors: weights, value }));
}

/** @throws RangeError if the file is missing, damaged, or no weights file of ours */
export async function readModel(path: string): Promise<ModelFile> {
  const { tensors, value } = decodeTensorFile(MODEL, await readBytes(path), modelSchema, path);
  const { mean, std, classes, classifier, ...rest } = value;
  const { channels, classes: count } = classifier;
  if (mean.length !== channels || std.length !== channels || classes.length !== count) {
    throw new RangeError(
      `${path}: normalises ${mean.length} channels and names ${classes.length} classes, expected ${channels} and ${count}.`,
    );
  }
  const stats = { mean: Float32Array.from(mean), std: Float32Array.from(std) };
  return { ...rest, classes, stats, classifier, weights: tensors };
}

/**
 * Rebuilds a trained classifier from its weights file alone.
 *
 * @throws RangeError if the file is missing, damaged, or no weights file of ours
 */
export async function loadModel(gpu: Gpu, path: string): Promise<Model> {
  const { classifier: config, weights, ...rest } = await readModel(path);
  const classifier = createClassifier(gpu, config, 0);
  try {
    classifier.weights.load(weights);
  } catch (error) {
    classifier.weights.dispose();
    throw new RangeError(`${path}: ${(error as Error).message}`);
  }
  return { ...rest, classifier };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RangeError(`cannot read "${path}": ${code === 'ENOENT' ? 'no such file' : message}.`);
  }
}
