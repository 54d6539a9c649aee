// Draws train, val and test of images that come without: of each class the same shares, and no group in two splits.

import type { Random } from '../../engine/core/random.ts';
import type { SplitName } from './dataset.ts';

/** What decides where an image may go. */
export interface SplitRow {
  readonly label: string;
  /** Images of one group, such as a patient, stay together; absent where every image is on its own. */
  readonly group?: string;
}

const SPLITS: readonly SplitName[] = ['train', 'val', 'test'];
const SHARES: Readonly<Record<SplitName, number>> = { train: 0.7, val: 0.1, test: 0.2 };

/**
 * A split for each row. Of every class 70 % go to train, 10 % to val and 20 % to test, as nearly as its groups allow.
 * From three images of a class on, or with groups from three groups on, no split is without any.
 */
export function drawSplits(rows: readonly SplitRow[], random: Random): SplitName[] {
  return rows.some(({ group }) => group !== undefined)
    ? byGroup(rows, random)
    : byClass(rows, random);
}

function byClass(rows: readonly SplitRow[], random: Random): SplitName[] {
  const splits: SplitName[] = rows.map(() => 'train');
  for (const label of [...new Set(rows.map((row) => row.label))].sort()) {
    const members = random.shuffle([...rows.keys()].filter((i) => rows[i].label === label));
    const enough = members.length >= 3 ? 1 : 0;
    const test = Math.max(Math.round(members.length * SHARES.test), enough);
    const val = Math.max(Math.round(members.length * SHARES.val), enough);
    for (const [i, row] of members.entries()) {
      splits[row] = i < test ? 'test' : i < test + val ? 'val' : 'train';
    }
  }
  return splits;
}

/** Images per class. */
type Counts = Map<string, number>;

/** Group after group, the largest first, goes to the split that still lacks most of its classes. */
function byGroup(rows: readonly SplitRow[], random: Random): SplitName[] {
  const groups = new Map<string, number[]>();
  for (const [i, { group = `row ${i}` }] of rows.entries()) {
    const members = groups.get(group);
    if (members) members.push(i);
    else groups.set(group, [i]);
  }
  const order = random.shuffle([...groups.values()]).sort((a, b) => b.length - a.length);
  const total = countLabels(rows, [...rows.keys()]);
  const taken = new Map<SplitName, Counts>(SPLITS.map((split) => [split, new Map()]));
  const splits: SplitName[] = rows.map(() => 'train');
  for (const [rank, members] of order.entries()) {
    const counts = countLabels(rows, members);
    const empty = SPLITS.filter((split) => taken.get(split)?.size === 0);
    // The last groups fill what is still empty.
    const open = order.length - rank <= empty.length && order.length >= 3 ? empty : SPLITS;
    const lack = (split: SplitName) =>
      [...counts].reduce((sum, [label, count]) => {
        const wanted = SHARES[split] * (total.get(label) ?? 0);
        const have = taken.get(split)?.get(label) ?? 0;
        return sum + (count * (wanted - have - count / 2)) / wanted;
      }, 0);
    const best = open.reduce((a, b) => (lack(b) > lack(a) ? b : a));
    for (const [label, count] of counts) {
      taken.get(best)?.set(label, count + (taken.get(best)?.get(label) ?? 0));
    }
    for (const i of members) splits[i] = best;
  }
  return splits;
}

function countLabels(rows: readonly SplitRow[], members: readonly number[]): Counts {
  const counts: Counts = new Map();
  for (const i of members) counts.set(rows[i].label, 1 + (counts.get(rows[i].label) ?? 0));
  return counts;
}
