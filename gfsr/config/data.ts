// Settings of the data: which images, how many, how large, and which shortcut is planted in them.

import type { ValuesOf } from '../../model/setting.ts';
import type { Declarations } from './declaration.ts';

/** Shortcuts that can be planted; each is drawn in gfsr/data/shortcuts/kinds.ts. */
export const SHORTCUT_KINDS = [
  'text',
  'border',
  'ruler',
  'hair',
  'swatch',
  'vignette',
  'ink',
] as const;
/** Shortcuts that `plantShortcut` draws. */
export type ShortcutKind = (typeof SHORTCUT_KINDS)[number];

/** Rules that outline what matters in images without masks; each is defined in gfsr/data/mask-rules.ts. */
const MASK_RULES = ['none', 'lungs', 'retina', 'lesion'] as const;
export type MaskRule = (typeof MASK_RULES)[number];

/** Ways of making squares; `fitInto` in gfsr/image/placement.ts computes them. */
const FITS = ['resize', 'pad', 'crop'] as const;

export const dataSettings = {
  source: {
    kind: 'text',
    default: 'decoy-mnist',
    help: 'name of a known data set (decoy-mnist, busi, …), a MedMNIST .npz file, or a folder of images',
    flag: 'data',
    reach: 'every arm',
  },
  window: {
    kind: 'choice',
    choices: ['auto', 'percentiles', 'min-max', 'full-range'],
    default: 'auto',
    help: 'what becomes black and white in images of more than 8 bits whose files do not say it',
    reach: 'every arm',
  },
  background: {
    kind: 'choice',
    choices: ['black', 'white'],
    default: 'black',
    help: 'what is behind transparent pixels',
    reach: 'every arm',
  },
  axis: {
    kind: 'choice',
    choices: ['axial', 'coronal', 'sagittal'],
    default: 'axial',
    help: 'direction in which NIfTI volumes are sliced',
    reach: 'every arm',
  },
  slices: {
    kind: 'text',
    default: 'all',
    help: 'slices of each volume: all, or first-last from 0, such as 20-40',
    reach: 'every arm',
  },
  shortcut: {
    kind: 'choice',
    choices: ['none', ...SHORTCUT_KINDS],
    default: 'none',
    help: 'plant a shortcut that gives the class away in training',
    reach: 'every arm',
  },
  shortcutStrength: {
    kind: 'number',
    least: 0,
    most: 1,
    default: 1,
    help: 'how reliably the shortcut gives the class away; 1 = always',
    reach: 'every arm',
  },
  folds: {
    kind: 'integer',
    least: 0,
    default: 0,
    help: 'cross-validation: divide all images into this many parts, groups kept together; part (seed mod folds) tests, the next one validates, so that seeds 0 to folds − 1 test every image once; 0 = the splits of the data',
    reach: 'every arm',
  },
  trainShare: {
    kind: 'number',
    above: 0,
    most: 1,
    default: 1,
    help: 'share of the training images of each class to train on, drawn at random; the others are left out',
    reach: 'every arm',
  },
  limit: {
    kind: 'integer',
    least: 0,
    default: 0,
    help: 'maximum number of images per split, drawn at random; 0 = all',
    reach: 'every arm',
  },
  maskRule: {
    kind: 'choice',
    choices: MASK_RULES,
    default: 'none',
    help: 'masks by a rule for data without masks, for simulated marks and for alignment: the lung fields of a chest X-ray, the disc of the retina, or the dark lesion on skin',
    reach: 'every arm',
  },
  side: {
    kind: 'integer',
    least: 0,
    default: 0,
    help: 'reduce larger images until their longer side has this many pixels; 0 = keep their size',
    reach: 'every arm',
  },
  fit: {
    kind: 'choice',
    choices: ['none', ...FITS],
    default: 'none',
    help: 'make squares of --side from images of any size: resize (each axis by itself), pad (bars beside the whole image) or crop (its middle)',
    reach: 'every arm',
  },
  cache: {
    kind: 'choice',
    choices: ['auto', 'never', 'always'],
    default: 'auto',
    help: 'keep the prepared images of a folder on the disk instead of in memory; auto: if they take more than a quarter of the free memory',
    reach: 'nothing',
  },
} as const satisfies Declarations;

export type DataSettings = ValuesOf<typeof dataSettings>;
