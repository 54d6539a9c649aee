// How a setting is declared: once, as data, with everything that the rest of the program needs to know about it.

import type { Setting } from '../../model/setting.ts';

/**
 * What a setting can change. A comparison repeats only the trainings that a changed setting reaches.
 *
 * - `nothing`: no bit of any result
 * - `every arm`: training with and without guidance
 * - `guided arm`: guided training only
 * - `marks`: only guided training that uses annotations, so not the control `oracle`, which uses real masks
 */
export type Reach = 'nothing' | 'every arm' | 'guided arm' | 'marks';

export type Declaration = Setting & {
  readonly reach: Reach;
  /** Whether the duration of a training step, or of making the masks, depends on it. Default false. */
  readonly timed?: boolean;
  /** Name of its flag, if it differs from the name that `SETTINGS` derives. */
  readonly flag?: string;
};

/** The settings of one room. */
export type Declarations = Readonly<Record<string, Declaration>>;
