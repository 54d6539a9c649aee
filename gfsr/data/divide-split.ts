// Divides the images of a split into parts: of each class the same shares, with and without a mask, by group.

import type { Random } from '../../engine/core/random.ts';
import { type Dataset, type Split, subset } from './dataset.ts';
import { drawSplits, type SplitShares } from './draw-splits.ts';
import { nearCopyGroups } from './near-copies.ts';

/** A split in parts that have names. */
export interface Division<Name extends string> {
  /** The images of these parts, in the order of the split. */
  readonly of: (...parts: readonly Name[]) => Split;
  /** What was kept together, for a sentence. */
  readonly together: 'groups' | 'near-copies';
  /** How many of these there are. */
  readonly groups: number;
}

/**
 * Draws parts with the same shares of every class, and of images with and without a mask. Groups stay together (such as
 * the images of one patient), or near-copies where no groups are known.
 *
 * @param shares of the images, by the name of the part
 */
export function divideSplit<Name extends string>(
  split: Split,
  size: Pick<Dataset, 'channels' | 'height' | 'width'>,
  random: Random,
  shares: SplitShares<Name>,
): Division<Name> {
  const groups = split.groups ?? nearCopyGroups(split, size);
  const rows = Array.from(split.labels, (label, i) => ({
    label: `${label}${split.masks?.has(i) ? ' with mask' : ''}`,
    group: groups[i],
  }));
  const drawn = drawSplits(rows, random, shares);
  return {
    of: (...parts) =>
      subset(
        split,
        [...drawn.keys()].filter((i) => parts.includes(drawn[i])),
      ),
    together: split.groups ? 'groups' : 'near-copies',
    groups: new Set(groups).size,
  };
}
