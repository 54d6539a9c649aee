// Says of a value that a setting or a flag does not take what it would take.

import { describeValues, isValue, type Kind } from '../../model/setting.ts';
import { didYouMean } from '../text/suggestions.ts';

/**
 * @param what begins the message: "config: train.epochs", "--epochs"
 * @throws RangeError with the value, what is expected, and the nearest word that is
 */
export function checkValue(what: string, kind: Kind, value: unknown): void {
  if (isValue(kind, value)) return;
  const hint = typeof value === 'string' ? didYouMean(value, wordsOf(kind)) : '';
  throw new RangeError(
    `${what} is ${typeof value === 'number' ? value : JSON.stringify(value)}, expected ${describeValues(kind)}.${hint}`,
  );
}

/** Words that a setting takes, or is put together from. */
function wordsOf(kind: Kind): readonly string[] {
  if ('choices' in kind) return kind.choices;
  return kind.kind === 'parts' ? ['none', ...kind.parts] : [];
}
