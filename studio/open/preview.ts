// What a person should see of a data set before it is taken: counts, sizes, duplicates, faults.

import { classCounts, type Dataset } from '../../gfsr/data/dataset.ts';
import { hashesOf } from '../../gfsr/data/origin.ts';
import { findProblems } from '../../gfsr/data/problems.ts';
import type { Fault, Preview, Shape } from './messages.ts';

type Size = readonly [height: number, width: number];

/** Sides that networks like, and that train in minutes. */
export const SIDES = [28, 64, 128, 224] as const;

/**
 * Squares of one small size stay as they are. Others become squares with nothing cut off, of the largest side that the
 * smaller half of the pictures fills.
 */
export function suggestedShape(sizes: readonly Size[]): Shape {
  const [first] = sizes;
  if (!first) return { fit: 'none', side: 0 };
  const areAlike = sizes.every(([h, w]) => h === first[0] && w === first[1]);
  const largest = SIDES[SIDES.length - 1];
  if (areAlike && first[0] === first[1] && first[0] <= largest) return { fit: 'none', side: 0 };
  const longest = sizes.map((size) => Math.max(...size)).sort((a, b) => a - b);
  const middle = longest[Math.floor((longest.length - 1) / 2)];
  return { fit: 'pad', side: SIDES.findLast((side) => side <= middle) ?? SIDES[0] };
}

/** @param originals sizes in the files; empty if they are those of the data set */
export function previewOf(
  dataset: Dataset,
  originals: readonly Size[],
  shape: Shape,
  faults: readonly Fault[],
): Preview {
  const { name, classes, channels, height, width, train, val, test, notes } = dataset;
  const splits = test === val ? [train, val] : [train, val, test];
  const perSplit = [train, val, test].map((split) => classCounts(split, classes.length));
  const groups = new Set(splits.flatMap((split) => split.groups ?? []));
  return {
    ...{ name, classes, channels, height, width, shape, faults },
    counts: classes.map((_, c) => [
      perSplit[0][c],
      perSplit[1][c],
      test === val ? 0 : perSplit[2][c],
    ]),
    sizes: counted(originals.map(([h, w]) => `${w} × ${h}`)),
    duplicates: repeated(
      splits.flatMap((split) => {
        const hashes = hashesOf(split, dataset);
        return split.ids.map((id, i) => [hashes[i], id] as const);
      }),
    ),
    groups: groups.size,
    notes: [...notes, ...findProblems(dataset)],
  };
}

function counted(words: readonly string[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, 1 + (counts.get(word) ?? 0));
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** Ids that share a hash, by hash. */
function repeated(rows: readonly (readonly [hash: string, id: string])[]): string[][] {
  const byHash = new Map<string, string[]>();
  for (const [hash, id] of rows) {
    const ids = byHash.get(hash);
    if (ids) ids.push(id);
    else byHash.set(hash, [id]);
  }
  return [...byHash.values()].filter((ids) => ids.length > 1);
}
