// Which images show what a change of the marks does: those that it changes most, without a pane that never rests.

/** Largest share of the images that one change replaces. */
const REPLACED = 0.1;
/** A new image must change this many times as much as the one whose place it takes. */
const CLEARLY = 2;

/**
 * The images to show next. At first those that change most, in ascending order. Then each stays in its place, except
 * that few of the least changed make room for others that change at least twice as much.
 *
 * @param shown images that are shown now
 * @param changes how much each image changes, at least 0
 * @param count number of images to show
 * @param marked the image that is being marked, which is not shown
 */
export function chooseImages(
  shown: readonly number[],
  changes: readonly number[],
  count: number,
  marked: number,
): number[] {
  const next = shown.filter((i) => i !== marked).slice(0, count);
  const isShown = new Set([...next, marked]);
  const others = changes.map((_, i) => i).filter((i) => !isShown.has(i));
  others.sort((a, b) => changes[b] - changes[a] || a - b);
  if (next.length === 0) return others.slice(0, count).sort((a, b) => a - b);
  while (next.length < count && others.length > 0) next.push(others.shift() as number);
  const least = [...next.keys()].sort((a, b) => changes[next[a]] - changes[next[b]]);
  for (const place of least.slice(0, Math.floor(REPLACED * count))) {
    const [other] = others;
    if (other === undefined || changes[other] < CLEARLY * changes[next[place]]) break;
    if (changes[other] === 0) break;
    next[place] = others.shift() as number;
  }
  return next;
}
