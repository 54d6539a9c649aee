// What the inputs of a metric must be: whole rows of probabilities, equally many labels, labels that are classes.

export function wholeRows(where: string, probs: ArrayLike<number>, numClasses: number): number {
  const rows = probs.length / numClasses;
  if (!Number.isInteger(rows)) {
    throw new RangeError(
      `${where}: probs have the wrong length, got ${probs.length}, expected whole rows of ${numClasses}.`,
    );
  }
  return rows;
}

export function checkProbs(
  where: string,
  probs: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
): number {
  const rows = wholeRows(where, probs, numClasses);
  if (rows !== labels.length) {
    throw new RangeError(
      `${where}: lengths differ, got ${rows} rows of probs and ${labels.length} labels, expected equal.`,
    );
  }
  for (let i = 0; i < rows; i++) checkClass(where, labels[i], numClasses);
  return rows;
}

export function checkPairs(where: string, a: ArrayLike<unknown>, b: ArrayLike<unknown>): void {
  if (a.length !== b.length) {
    throw new RangeError(
      `${where}: lengths differ, got ${a.length} and ${b.length}, expected equal.`,
    );
  }
}

export function checkClass(where: string, label: number, numClasses: number): void {
  if (!Number.isInteger(label) || label < 0 || label >= numClasses) {
    throw new RangeError(`${where}: bad class, got ${label}, expected 0..${numClasses - 1}.`);
  }
}
