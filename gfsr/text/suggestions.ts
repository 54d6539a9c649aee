// "Did you mean …?": the known name that is most similar to the one that was typed.

import { distance } from 'fastest-levenshtein';

/** ` Did you mean x?` with the most similar name, or nothing if none is similar. */
export function didYouMean(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`;
}

/** The name with the smallest edit distance (Levenshtein) to `name`, ignoring case; undefined if none is similar. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const away = (other: string) => distance(name.toLowerCase(), other.toLowerCase());
  const nearest = names.reduce((best, other) => (away(other) < away(best) ? other : best));
  return away(nearest) <= Math.max(2, nearest.length / 2) ? nearest : undefined;
}
