// Decides which pixels of mask files are relevant. Files use different pairs of values, so all masks are read together.

import type { Levels } from '../image/png.ts';

/** A mask as stored in its file. */
export interface MaskFile extends Levels {
  readonly file: string;
}

export interface MaskReading {
  /** The mask [H, W] of 0 and 1 of each file, in their order. */
  readonly masks: readonly (() => Uint8Array)[];
  /** What was assumed, as a sentence, if a file does not say it. */
  readonly note?: string;
}

/** Number of values that a message lists. */
const LISTED = 5;

/**
 * Reads the masks of one data set together. If all of them have two values, whatever they are (0 and 255, 0 and 1, 16
 * bits), the larger one is relevant. If they have more, such as soft edges, the upper half of the range is relevant:
 * above 127, or above 32,767 for 16 bits.
 *
 * @param where start of error messages
 * @throws RangeError for masks that would be read as empty although they are not: small values among others, or one
 *   value everywhere
 */
export function readMaskLevels(files: readonly MaskFile[], where: string): MaskReading {
  const found = new Set<number>();
  const largest = files.map(({ levels }) => {
    let most = 0;
    for (const value of new Set(levels)) {
      found.add(value);
      most = Math.max(most, value);
    }
    return most;
  });
  const all = [...found].sort((a, b) => a - b);
  if (all.length === 2) {
    const [low, high] = all;
    const usual = low === 0 && files.every(({ full }) => high === full);
    const note = `Masks have the values ${low} and ${high}: ${high} is taken as relevant.`;
    return { masks: files.map((file) => () => above(file, low)), ...(!usual && { note }) };
  }
  for (const [i, { file, full, levels }] of files.entries()) {
    const most = largest[i];
    if (most === 0 || most > full / 2) continue;
    throw new RangeError(
      `${where}: mask ${file} is not empty but has no value above ${Math.floor(full / 2)}, got ${listed(new Set(levels))}, ` +
        `expected two values in all masks, or relevant pixels that are white. All masks together have ${listed(all)}. ` +
        `Save them with 0 and ${full}.`,
    );
  }
  return { masks: files.map((file) => () => above(file, Math.floor(file.full / 2))) };
}

const above = ({ levels }: MaskFile, level: number): Uint8Array =>
  Uint8Array.from(levels, (value) => (value > level ? 1 : 0));

function listed(values: Iterable<number>): string {
  const sorted = [...values].sort((a, b) => a - b);
  const shown = sorted.slice(0, LISTED).join(', ');
  return sorted.length > LISTED ? `${shown} … ${sorted[sorted.length - 1]}` : shown;
}
