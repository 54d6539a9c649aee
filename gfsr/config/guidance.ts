// Settings of guidance: which relevance loss, how strong, when it starts, and on how many images.

import type { ValuesOf } from '../../model/setting.ts';
import type { Declarations } from './declaration.ts';

/** The built-in relevance losses; each is defined in gfsr/guidance/losses/. */
export const LOSS_NAMES = [
  'gfsr',
  'energy',
  'rrr',
  'rrr-g',
  'hint',
  'l1',
  'ppce',
  'gain',
  'gradia',
  'res',
  'crayon',
  'r2r',
  'kl',
  'cdep',
  'saliency-guided',
  'caipi',
] as const;
/** Names of the built-in relevance losses. */
export type LossName = (typeof LOSS_NAMES)[number];

export const guidanceSettings = {
  loss: {
    kind: 'choice or file',
    choices: LOSS_NAMES,
    extensions: ['.ts', '.mts', '.js', '.mjs'],
    default: 'gfsr',
    help: `relevance loss: ${LOSS_NAMES.join(', ')}, or your own file (./my-loss.ts)`,
    reach: 'guided arm',
    timed: true,
  },
  lambda: {
    kind: 'number',
    least: 0,
    default: 1,
    help: 'weight of the relevance loss: its plain factor, unless balance says otherwise',
    reach: 'guided arm',
  },
  balance: {
    kind: 'choice',
    choices: ['none', 'loss-ratio'],
    default: 'none',
    help: 'none: lambda is the factor of the mean loss of the guided images; loss-ratio: lambda 1 = as large as cross-entropy when guidance starts',
    reach: 'guided arm',
  },
  gradients: {
    kind: 'choice',
    choices: ['sum', 'conflict-free'],
    default: 'sum',
    help: "conflict-free: the part of the relevance loss's gradient that opposes the one of cross-entropy is taken off; slower",
    reach: 'guided arm',
    timed: true,
  },
  maxNormRatio: {
    kind: 'number',
    least: 0,
    default: 0,
    help: "the relevance loss's gradient, times lambda, is at most this many times as long as the one of cross-entropy; 0 = no limit",
    reach: 'guided arm',
    timed: true,
  },
  harmTolerance: {
    kind: 'number',
    least: 0,
    default: 0,
    help: 'give way: halve the weight, and in the end drop it, when the validation loss is more than this share above that of the warm-up (0.1 = 10 %); 0 = never. Not for data with a shortcut, whose validation images carry it too',
    reach: 'guided arm',
  },
  warmupEpochs: {
    kind: 'integer',
    least: 1,
    default: 8,
    help: 'epochs of plain cross-entropy before guidance starts; unless you say, a fifth of all',
    reach: 'guided arm',
  },
  rampEpochs: {
    kind: 'number',
    least: 0,
    default: 4,
    help: 'epochs over which guidance grows to its full weight; unless you say, a tenth of all',
    reach: 'guided arm',
  },
  refreshEpochs: {
    kind: 'integer',
    least: 0,
    default: 0,
    help: 'remake the masks each time this many epochs have passed; 0 = never',
    reach: 'guided arm',
  },
  guidedShare: {
    kind: 'number',
    above: 0,
    most: 1,
    default: 1,
    help: 'share of each batch that gets the relevance loss',
    reach: 'guided arm',
    timed: true,
  },
} as const satisfies Declarations;

export type GuidanceSettings = ValuesOf<typeof guidanceSettings>;

/** Whether a value of the setting `loss` names a file. */
export const isLossFile = (loss: string): boolean =>
  guidanceSettings.loss.extensions.some((extension) => loss.endsWith(extension));
