// Settings of training: how long, in which batches, with which optimiser, from which seed.

import { SCHEDULES } from '../../model/schedule.ts';
import type { ValuesOf } from '../../model/setting.ts';
import type { Declarations } from './declaration.ts';

/** How training images are drawn: `uniform`, each once per epoch; `balanced`, every class equally often. */
const SAMPLINGS = ['uniform', 'balanced'] as const;
export type Sampling = (typeof SAMPLINGS)[number];

/** Classification losses; formulas in gfsr/train/classification-loss.ts. */
const CLASS_LOSSES = ['cross-entropy', 'weighted', 'focal'] as const;
export type ClassLoss = (typeof CLASS_LOSSES)[number];

/** Parts of the augmentation; any of them can be combined. */
const AUGMENTATION_PARTS = ['flip', 'vflip', 'shift', 'rotate', 'zoom', 'light'] as const;
export type AugmentationPart = (typeof AUGMENTATION_PARTS)[number];

/** The value of the setting `freeze` that trains every layer. */
export const NOTHING_FROZEN = 'none';

export const trainSettings = {
  seed: {
    kind: 'integer',
    least: 0,
    default: 0,
    help: 'seed of weights, batches, annotations and clustering',
    reach: 'every arm',
  },
  baseline: {
    kind: 'boolean',
    default: true,
    help: 'also train with cross-entropy alone, from the same weights and batches',
    reach: 'nothing',
  },
  epochs: {
    kind: 'integer',
    least: 1,
    default: 40,
    help: 'passes over the training images; unless you say, about 1,000 steps, and 8 to 40 epochs',
    reach: 'every arm',
  },
  batchSize: {
    kind: 'integer',
    least: 1,
    default: 32,
    help: 'images per step; the last partial batch of an epoch is skipped',
    reach: 'every arm',
    timed: true,
  },
  optimizer: {
    kind: 'choice',
    choices: ['adam', 'sgd'],
    default: 'adam',
    help: 'optimiser; adam becomes AdamW if weightDecay > 0',
    reach: 'every arm',
    timed: true,
  },
  lr: {
    kind: 'number',
    above: 0,
    default: 2e-3,
    help: 'peak learning rate',
    reach: 'every arm',
  },
  backboneLr: {
    kind: 'number',
    least: 0,
    default: 1,
    help: 'learning rate of all layers before the head, as a multiple of lr: 0.1, say, for pretrained ones',
    reach: 'every arm',
    timed: true,
  },
  freeze: {
    kind: 'text',
    default: NOTHING_FROZEN,
    help: `last of the first layers that stay as they are (layer2, or last = all before the head), or ${NOTHING_FROZEN}`,
    reach: 'every arm',
    timed: true,
  },
  schedule: {
    kind: 'choice',
    choices: SCHEDULES,
    default: 'warmup-cosine',
    help: 'how the learning rate changes over the steps',
    reach: 'every arm',
  },
  weightDecay: {
    kind: 'number',
    least: 0,
    default: 1e-2,
    help: 'weight decay',
    reach: 'every arm',
  },
  sampling: {
    kind: 'choice',
    choices: SAMPLINGS,
    default: 'uniform',
    help: 'how batches are drawn: uniform takes each image once per epoch, balanced takes every class equally often',
    reach: 'every arm',
  },
  classLoss: {
    kind: 'choice',
    choices: CLASS_LOSSES,
    default: 'cross-entropy',
    help: 'classification loss: weighted by class frequency, or focal',
    reach: 'every arm',
    timed: true,
  },
  focalGamma: {
    kind: 'number',
    least: 0,
    default: 2,
    help: 'focal: how strongly images that are already classified correctly are down-weighted',
    reach: 'every arm',
  },
  augment: {
    kind: 'parts',
    parts: AUGMENTATION_PARTS,
    default: 'flip-shift-rotate-zoom-light',
    help: `none, or parts joined by "-": ${AUGMENTATION_PARTS.join(', ')}; masks are transformed too`,
    reach: 'every arm',
    timed: true,
  },
  ema: {
    kind: 'number',
    least: 0,
    below: 1,
    default: 0.98,
    help: 'use a running mean of the weights with this decay (such as 0.99); 0 = the weights themselves',
    reach: 'every arm',
    timed: true,
  },
  selection: {
    kind: 'choice',
    choices: ['last', 'best'],
    default: 'last',
    help: 'which weights to keep: those of the last epoch, or of the one that is best on validation images',
    reach: 'every arm',
    timed: true,
  },
  criterion: {
    kind: 'choice',
    choices: ['accuracy', 'auc', 'loss'],
    default: 'accuracy',
    help: 'best: what decides on validation images; of equal epochs, the one with more saliency on real masks, or the later one',
    reach: 'every arm',
  },
  patience: {
    kind: 'integer',
    least: 0,
    default: 0,
    help: 'best: stop after this many epochs without a better value; 0 = never',
    reach: 'every arm',
  },
  logEvery: {
    kind: 'integer',
    least: 0,
    default: 1,
    help: 'training steps per line of the logs in steps/ of the run; unless you say, enough for 10,000 lines at most; 0 = no logs',
    reach: 'nothing',
  },
  eager: {
    kind: 'boolean',
    default: false,
    help: 'run each training step op by op instead of replaying a recording: slower, but the same bits',
    reach: 'nothing',
    timed: true,
  },
} as const satisfies Declarations;

export type TrainSettings = ValuesOf<typeof trainSettings>;
