// How a setting is declared: as data, once, with everything that the rest of the program must know about it.

import type { Setting } from '../../model/setting.ts';

/**
 * What a setting can change. A comparison trains anew only what a changed setting reaches.
 *
 * - `nothing`: no bit of any result
 * - `every arm`: training with and without guidance
 * - `guided arm`: guided training only
 * - `marks`: guided training by annotations only, so not the control `oracle`, which nobody annotates for
 */
export type Reach = 'nothing' | 'every arm' | 'guided arm' | 'marks';

export type Declaration = Setting & {
  readonly reach: Reach;
  /** How long a training step, or the making of the masks, takes depends on it. Default false. */
  readonly timed?: boolean;
  /** Name of its flag where the rule of `settingFlags` would give another one. */
  readonly flag?: string;
};

/** The settings of one room. */
export type Declarations = Readonly<Record<string, Declaration>>;
