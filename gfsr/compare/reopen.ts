// Opens a comparison or a sweep again, in another process or on another machine.

import { type Comparison, comparisonOf } from './comparison.ts';
import { parseComparison } from './comparison-file.ts';
import type { ComparisonOrigin } from './origin.ts';
import { parseSweep } from './sweep-file.ts';

/**
 * The comparison of this origin. Its trials have the same keys only where code, losses and marks are the same.
 *
 * @param copy where a copy of its data is, if it is to be read from there
 * @throws RangeError if anything that it names is missing or wrong
 */
export function reopen(origin: ComparisonOrigin, copy?: string): Promise<Comparison> {
  const { kind, text, file, changes } = origin;
  const spec =
    kind === 'sweep'
      ? parseSweep(text, file, changes).comparison
      : parseComparison(text, file, changes);
  return comparisonOf(spec, origin, { copy });
}
