// The error for a value that a setting or flag does not accept, with the values that it does.

import { describeValues, isValue, type Kind } from '../../model/setting.ts';
import { didYouMean } from '../text/suggestions.ts';
import { quoted } from '../text/visible.ts';

/**
 * @param what start of the message: "config: train.epochs", "--epochs"
 * @throws RangeError with the value, the expected values, and the most similar accepted word
 */
export function checkValue(what: string, kind: Kind, value: unknown): void {
  if (isValue(kind, value)) return;
  const hint = hintAbout(kind, value);
  throw new RangeError(
    `${what} is ${typeof value === 'number' ? value : quoted(value)}, expected ${describeValues(kind)}.${hint}`,
  );
}

function hintAbout(kind: Kind, value: unknown): string {
  if (typeof value === 'string') return didYouMean(value, wordsOf(kind));
  const isInexact = Number.isInteger(value) && !Number.isSafeInteger(value);
  return kind.kind === 'integer' && isInexact ? ' Numbers of this size are not exact.' : '';
}

/** Words that a setting accepts, or that its value is composed of. */
function wordsOf(kind: Kind): readonly string[] {
  if ('choices' in kind) return kind.choices;
  return kind.kind === 'parts' ? ['none', ...kind.parts] : [];
}
