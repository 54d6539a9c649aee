// "Did you mean …?": the known name that is nearest to the one that was typed.

/** ` Did you mean x?` with the nearest name, or nothing where none is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`;
}

/** The name of the smallest edit distance to `name`; undefined where none is near. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const nearest = names.reduce((best, other) =>
    editDistance(name, other) < editDistance(name, best) ? other : best,
  );
  return editDistance(name, nearest) <= Math.max(2, nearest.length / 2) ? nearest : undefined;
}

/** Letters to insert, delete or replace to get from `a` to `b` (Levenshtein), upper and lower case alike. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1] + (a[i - 1].toLowerCase() === b[j - 1].toLowerCase() ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, swap));
    }
    row = next;
  }
  return row[b.length];
}
