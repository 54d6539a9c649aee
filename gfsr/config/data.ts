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

export const dataSettings = {
  source: {
    kind: 'text',
    default: 'decoy-mnist',
    help: 'decoy-mnist (or -cdep, -clean), a MedMNIST .npz file, or a folder with manifest.csv',
    flag: 'data',
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
  limit: {
    kind: 'integer',
    least: 0,
    default: 0,
    help: 'maximum number of images per split, drawn at random; 0 = all',
    reach: 'every arm',
  },
  side: {
    kind: 'integer',
    least: 0,
    default: 0,
    help: 'reduce larger images until their longer side has this many pixels; 0 = keep their size',
    reach: 'every arm',
  },
} as const satisfies Declarations;

export type DataSettings = ValuesOf<typeof dataSettings>;
