// Opens a comparison or a sweep again, in another process or on another machine.

import { type Comparison, comparisonOf } from './comparison.ts';
import { type ComparisonSpec, parseComparison } from './comparison-file.ts';
import type { ComparisonOrigin } from './origin.ts';
import { parseSweep } from './sweep-file.ts';

/** What an origin asks for, without a look at any file. @throws RangeError if it is wrong */
const specOf = ({ kind, text, file, changes }: ComparisonOrigin): ComparisonSpec =>
  kind === 'sweep'
    ? parseSweep(text, file, changes).comparison
    : parseComparison(text, file, changes);

/** @throws RangeError if an origin is wrong by itself, and not because something is missing on this machine */
export const checkOrigin = (origin: ComparisonOrigin): void => void specOf(origin);

/**
 * The comparison of this origin. Its trials have the same keys only where code, losses and marks are the same.
 *
 * @param copy where a copy of its data is, if it is to be read from there
 * @throws RangeError if anything that it names is missing or wrong
 */
export const reopen = async (origin: ComparisonOrigin, copy?: string): Promise<Comparison> =>
  comparisonOf(specOf(origin), origin, { copy });
