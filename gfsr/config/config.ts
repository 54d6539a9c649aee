// Every setting of a run, with its default, its range and one line of help: the schema behind flags and files.

import * as v from 'valibot';
import { SCHEDULES } from '../../model/schedule.ts';
import { ANNOTATION_KINDS, ANNOTATION_TARGETS } from '../annotation/simulate.ts';
import type { Dataset } from '../data/dataset.ts';
import { SHORTCUT_KINDS } from '../data/shortcuts/kinds.ts';
import { isLossFile, relevanceLosses } from '../guidance/losses.ts';
import {
  CAM_METHODS,
  SALIENCY_SOURCES,
  SALIENCY_TARGETS,
  type SaliencyOptions,
} from '../guidance/saliency.ts';
import { parseJson } from '../text/json.ts';
import { AUGMENTATION_PARTS, isAugmentation } from '../train/augment.ts';
import { SAMPLINGS } from '../train/batches.ts';
import { CLASS_LOSSES } from '../train/classification-loss.ts';

const whole = (least: number) => v.pipe(v.number(), v.integer(), v.minValue(least));
const positive = v.pipe(v.number(), v.gtValue(0));
const atLeastZero = v.pipe(v.number(), v.minValue(0));
const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** A setting of `schema` with its help text. */
const setting = <S extends v.GenericSchema>(schema: S, help: string) =>
  v.pipe(schema, v.description(help));

export const configSchema = v.strictObject({
  data: setting(
    v.string(),
    'decoy-mnist (or -cdep, -clean), a MedMNIST .npz file, or a folder with manifest.csv',
  ),
  shortcut: setting(
    v.picklist(['none', ...SHORTCUT_KINDS]),
    'plant a shortcut that gives the class away in training',
  ),
  shortcutStrength: setting(fraction, 'how far the shortcut gives the class away; 1 = always'),
  limit: setting(whole(0), 'most images of each split, drawn at random; 0 = all'),
  side: setting(
    whole(0),
    'larger images are reduced until their longer side has so many pixels; 0 = as they are',
  ),
  seed: setting(whole(0), 'seed of weights, batches, annotations and clustering'),
  baseline: setting(
    v.boolean(),
    'train cross-entropy alone too, from the same weights and batches',
  ),

  architecture: setting(v.picklist(['small-cnn', 'resnet18']), 'classifier'),
  widths: setting(
    v.pipe(v.array(whole(1)), v.minLength(1)),
    'small-cnn: channels of each convolution',
  ),
  hidden: setting(whole(1), 'small-cnn: units of the hidden layer of a dense head'),
  head: setting(
    v.picklist(['dense', 'pooled']),
    'small-cnn: dense sees positions, pooled averages them',
  ),
  norm: setting(v.picklist(['none', 'batch']), 'small-cnn: normalisation after each convolution'),
  dropout: setting(
    v.pipe(fraction, v.ltValue(1)),
    'small-cnn: share of the inputs of the last layer that training drops',
  ),
  stem: setting(
    v.picklist(['small', 'large']),
    'resnet18: 3×3 stem (28–64 px) or 7×7 stem (224 px)',
  ),
  width: setting(whole(1), 'resnet18: channels of the first stage'),

  epochs: setting(whole(1), 'passes over the training images'),
  batchSize: setting(whole(1), 'images a step; the last partial batch of an epoch is left out'),
  optimizer: setting(v.picklist(['adam', 'sgd']), 'adam is AdamW where weightDecay > 0'),
  lr: setting(positive, 'peak learning rate'),
  schedule: setting(v.picklist(SCHEDULES), 'course of the learning rate'),
  weightDecay: setting(atLeastZero, 'weight decay'),
  sampling: setting(
    v.picklist(SAMPLINGS),
    'batches: uniform takes each image once an epoch, balanced every class as often',
  ),
  classLoss: setting(
    v.picklist(CLASS_LOSSES),
    'classification loss: weighted by class frequency, or focal',
  ),
  focalGamma: setting(atLeastZero, 'focal: how little an image that is right counts'),
  augment: setting(
    v.pipe(v.string(), v.check(isAugmentation)),
    `none, or parts joined by "-": ${AUGMENTATION_PARTS.join(', ')}; masks move along`,
  ),
  ema: setting(
    v.pipe(atLeastZero, v.ltValue(1)),
    'use the running mean of the weights, of this decay (0.99, say); 0 = the weights themselves',
  ),

  eager: setting(
    v.boolean(),
    'run each training step op by op instead of replaying a recording: the same bits, slower',
  ),

  loss: setting(
    v.pipe(
      v.string(),
      v.check((name) => relevanceLosses.has(name) || isLossFile(name)),
    ),
    `relevance loss: ${[...relevanceLosses.keys()].join(', ')}, or a file of yours (./my-loss.ts)`,
  ),
  lambda: setting(
    atLeastZero,
    'weight of the relevance loss; 1 = as large as cross-entropy at the start',
  ),
  source: setting(
    v.picklist(SALIENCY_SOURCES),
    'what becomes a saliency map, unless the loss is defined on one of them',
  ),
  layer: setting(v.string(), 'cam: feature map whose saliency is guided, or "first" or "last"'),
  method: setting(v.picklist(CAM_METHODS), 'cam: channel weights of the saliency'),
  sign: setting(v.picklist(['signed', 'relu', 'abs']), 'what becomes of negative evidence'),
  target: setting(
    v.picklist(SALIENCY_TARGETS),
    'what is differentiated: the true logit, ± all logits at random, Σ log p, or the largest logit',
  ),
  steps: setting(whole(1), 'integrated-gradients: points on the way from the mean image'),
  detachAlpha: setting(v.boolean(), 'stop gradients at the channel weights (no second order)'),
  warmupEpochs: setting(whole(1), 'epochs of plain cross-entropy before guidance starts'),
  rampEpochs: setting(atLeastZero, 'epochs over which guidance grows to its full weight'),
  refreshEpochs: setting(whole(0), 'rebuild the masks every so many epochs; 0 = never'),
  guidedShare: setting(
    v.pipe(fraction, v.gtValue(0)),
    'share of each batch that gets the relevance loss',
  ),

  annotations: setting(
    v.string(),
    'annotation file (JSON), several of them separated by commas, or "simulated"',
  ),
  annotatedFraction: setting(
    fraction,
    'simulated: share of the training images that are annotated',
  ),
  annotationKind: setting(
    v.picklist(ANNOTATION_KINDS),
    'simulated: one click or short scribble an image, or all that is to be marked',
  ),
  annotationTarget: setting(
    v.picklist(['auto', ...ANNOTATION_TARGETS]),
    'simulated: mark what a real mask shows, strike out the planted shortcut, both, or strike out the rim of the image; auto = the first that the data has',
  ),
  annotators: setting(whole(1), 'simulated: how many people mark each of these images'),
  annotatorError: setting(
    fraction,
    'simulated: chance that a person calls relevant on an image what is not, or the other way round',
  ),

  segmentation: setting(v.picklist(['grid', 'slic']), 'how images are cut into segments'),
  segments: setting(whole(0), 'segments an image; 0 = by image size'),
  compactness: setting(positive, 'slic: weight of distance against colour'),
  concepts: setting(whole(2), 'clusters of segments'),
  perClass: setting(
    v.boolean(),
    'evidence for each class apart; false pools the classes, for few annotations',
  ),
  relevanceNetwork: setting(v.boolean(), 'segment-wise relevance network; false = its closed form'),
  sigma: setting(atLeastZero, 'blur of the soft mask in pixels'),
  saturation: setting(
    atLeastZero,
    'relevance of this many times the average counts as full; 0 = masks as they are',
  ),
});

export type Config = v.InferOutput<typeof configSchema>;

/** The default job: Decoy-MNIST, a dense head, the first map guided; chosen on validation data that carries the decoy. */
export const defaultConfig: Config = {
  data: 'decoy-mnist',
  shortcut: 'none',
  shortcutStrength: 1,
  limit: 0,
  side: 0,
  seed: 0,
  baseline: true,

  architecture: 'small-cnn',
  widths: [16, 32],
  hidden: 64,
  head: 'dense',
  norm: 'none',
  dropout: 0,
  stem: 'small',
  width: 64,

  epochs: 7,
  batchSize: 64,
  optimizer: 'adam',
  lr: 2e-3,
  schedule: 'warmup-cosine',
  weightDecay: 0,
  sampling: 'uniform',
  classLoss: 'cross-entropy',
  focalGamma: 2,
  augment: 'none',
  ema: 0,
  eager: false,

  loss: 'energy',
  lambda: 32,
  source: 'cam',
  layer: 'first',
  method: 'hirescam',
  sign: 'abs',
  target: 'random-signs',
  steps: 8,
  detachAlpha: false,
  warmupEpochs: 1,
  rampEpochs: 1,
  refreshEpochs: 0,
  guidedShare: 0.5,

  annotations: 'simulated',
  annotatedFraction: 0.01,
  annotationKind: 'click',
  annotationTarget: 'auto',
  annotators: 1,
  annotatorError: 0,

  segmentation: 'grid',
  segments: 49,
  compactness: 10,
  concepts: 50,
  perClass: false,
  relevanceNetwork: true,
  sigma: 1.2,
  saturation: 1,
};

/** Defaults that fit a data set: the job above for Decoy-MNIST, else a start that suits few, small images. */
export function dataDefaults({ name, height, width, train }: Dataset): Config {
  if (name === 'decoy-mnist-clean') return { ...defaultConfig, annotatedFraction: 0 };
  if (name.startsWith('decoy-mnist')) return defaultConfig;
  const side = Math.max(height, width);
  return {
    ...defaultConfig,
    widths: [16, 32, 64],
    norm: 'batch',
    epochs: 10,
    batchSize: Math.min(defaultConfig.batchSize, train.count),
    // A map of the last layer is coarse but says what is seen; evidence for the true class is what a person marks.
    layer: 'last',
    target: 'label',
    lambda: 1,
    warmupEpochs: 2,
    rampEpochs: 2,
    annotatedFraction: Math.max(0.1, 1 / train.count),
    segmentation: side < 64 ? 'grid' : 'slic',
    segments: side < 64 ? defaultConfig.segments : 0,
    sigma: Math.round((10 * defaultConfig.sigma * side) / 28) / 10,
  };
}

/** The saliency that a configuration guides and shows. */
export function saliencyOptions({
  source,
  layer,
  method,
  sign,
  target,
  steps,
  detachAlpha,
}: Config): SaliencyOptions {
  return { source, layer, method, sign, target, steps, detachAlpha };
}

/** How a setting is written as a flag or shown in a form. */
export interface SettingInfo {
  readonly name: keyof Config;
  readonly kind: 'boolean' | 'number' | 'numbers' | 'text';
  readonly help: string;
  /** Of a text that takes only these. */
  readonly choices?: readonly string[];
}

const KINDS: Readonly<Record<string, SettingInfo['kind']>> = {
  boolean: 'boolean',
  number: 'number',
  array: 'numbers',
};

/** Every setting, in the order of the schema. */
export const settingInfos: readonly SettingInfo[] = Object.entries(configSchema.entries).map(
  ([name, entry]) => ({
    name: name as keyof Config,
    kind: KINDS[entry.type] ?? 'text',
    help: v.getDescription(entry) ?? '',
    ...('options' in entry && { choices: entry.options as string[] }),
  }),
);

/**
 * Completes settings with the defaults and checks them all.
 *
 * @throws RangeError naming the setting, what it got and what it takes; an unknown one with the nearest name.
 */
export function parseConfig(
  settings: Readonly<Record<string, unknown>>,
  defaults: Config = defaultConfig,
): Config {
  for (const key of Object.keys(settings)) {
    if (!Object.hasOwn(configSchema.entries, key)) {
      throw new RangeError(`config: unknown setting ${key}.${didYouMean(key, SETTING_NAMES)}`);
    }
  }
  const result = v.safeParse(configSchema, { ...defaults, ...settings });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const [{ key }, ...rest] = issue.path ?? [{ key: 'config' }];
  const choices = choicesOf(key);
  const expected = choices?.join(', ') ?? issue.expected ?? issue.type;
  const hint = choices && typeof issue.input === 'string' ? didYouMean(issue.input, choices) : '';
  const place = [key, ...rest.map((part) => part.key)].join('.');
  throw new RangeError(`config: ${place} is ${issue.received}, expected ${expected}.${hint}`);
}

/** What a setting takes, or is put together from. */
function choicesOf(key: unknown): readonly string[] | undefined {
  if (key === 'loss') return [...relevanceLosses.keys()];
  if (key === 'augment') return ['none', ...AUGMENTATION_PARTS];
  return settingInfos.find(({ name }) => name === key)?.choices;
}

const SETTING_NAMES = settingInfos.map(({ name }) => name);

/** The settings in a JSON file's text. @throws RangeError if it is not a JSON object, or has a key `__proto__`. */
export function parseConfigFile(text: string, where = 'config'): Record<string, unknown> {
  const json = parseJson(text, where);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new RangeError(`${where}: got ${JSON.stringify(json)}, expected an object of settings.`);
  }
  return json as Record<string, unknown>;
}

/** ` Did you mean x?` with the nearest name, or nothing where none is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  const near = editDistance(name, nearest) <= Math.max(2, nearest.length / 2);
  return near ? ` Did you mean ${nearest}?` : '';
}

/** The name of the smallest edit distance to `name`. */
export function nearestName(name: string, names: readonly string[]): string {
  return names.reduce((best, other) =>
    editDistance(name, other) < editDistance(name, best) ? other : best,
  );
}

/** Letters to insert, delete or replace to get from `a` to `b` (Levenshtein), upper and lower case alike. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1] + (a[i - 1].toLowerCase() === b[j - 1].toLowerCase() ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, swap));
    }
    row = next;
  }
  return row[b.length];
}
