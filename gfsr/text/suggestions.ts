// "Did you mean …?": the known name that is nearest to the one that was typed.

import { distance } from 'fastest-levenshtein';

/** ` Did you mean x?` with the nearest name, or nothing where none is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`;
}

/** The name of the smallest edit distance (Levenshtein) to `name`, case left out; undefined where none is near. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const away = (other: string) => distance(name.toLowerCase(), other.toLowerCase());
  const nearest = names.reduce((best, other) => (away(other) < away(best) ? other : best));
  return away(nearest) <= Math.max(2, nearest.length / 2) ? nearest : undefined;
}
