// Draws the splits of images that come without: of each class the same shares, and no group in two splits.

import type { Random } from '../../engine/core/random.ts';
import type { SplitName } from './dataset.ts';

/** What decides where an image may go. */
export interface SplitRow {
  readonly label: string;
  /** Images of one group, such as a patient, stay together; absent where every image is on its own. */
  readonly group?: string;
}

/** Share of the images that each split gets; the shares add up to 1. */
export type SplitShares<Name extends string> = Readonly<Record<Name, number>>;

const SHARES: SplitShares<SplitName> = { train: 0.7, val: 0.1, test: 0.2 };

/**
 * A split for each row. Of every class each split gets its share, as nearly as the groups allow. With groups, splits of
 * the same share are about equal in size, and none is empty if there are as many groups. Without, no split is without a
 * class that has as many images as there are splits.
 *
 * @param shares default 70 % train, 10 % val, 20 % test
 */
export function drawSplits(rows: readonly SplitRow[], random: Random): SplitName[];
export function drawSplits<Name extends string>(
  rows: readonly SplitRow[],
  random: Random,
  shares: SplitShares<Name>,
): Name[];
export function drawSplits(
  rows: readonly SplitRow[],
  random: Random,
  shares: SplitShares<string> = SHARES,
): string[] {
  return rows.some(({ group }) => group !== undefined)
    ? byGroup(rows, random, shares)
    : byClass(rows, random, shares);
}

function byClass(rows: readonly SplitRow[], random: Random, shares: SplitShares<string>): string[] {
  const names = Object.keys(shares);
  const [rest, ...others] = names;
  const splits = rows.map(() => rest);
  for (const label of [...new Set(rows.map((row) => row.label))].sort()) {
    const members = random.shuffle([...rows.keys()].filter((i) => rows[i].label === label));
    const total = members.length;
    const enough = total >= names.length ? 1 : 0;
    for (const [i, split] of others.toReversed().entries()) {
      const left = members.length - enough * (others.length - i);
      const count = Math.min(Math.max(Math.round(total * shares[split]), enough), left);
      for (const row of members.splice(0, count)) splits[row] = split;
    }
  }
  return splits;
}

/** Images per class. */
type Counts = Map<string, number>;

/** Group after group, the largest first, goes to the split that still lacks most of its classes. */
function byGroup(rows: readonly SplitRow[], random: Random, shares: SplitShares<string>): string[] {
  const names = Object.keys(shares);
  const groups = new Map<string, number[]>();
  for (const [i, { group = `row ${i}` }] of rows.entries()) {
    const members = groups.get(group);
    if (members) members.push(i);
    else groups.set(group, [i]);
  }
  const order = random.shuffle([...groups.values()]).sort((a, b) => b.length - a.length);
  const total = countLabels(rows, [...rows.keys()]);
  const taken = new Map<string, Counts>(names.map((split) => [split, new Map()]));
  const sizes = new Map<string, number>();
  const splits = rows.map(() => names[0]);
  for (const [rank, members] of order.entries()) {
    const counts = countLabels(rows, members);
    const empty = names.filter((split) => taken.get(split)?.size === 0);
    // The last groups fill what is still empty.
    const fills = order.length - rank <= empty.length && order.length >= names.length;
    const open = fills ? empty : names;
    const lack = (split: string) =>
      [...counts].reduce((sum, [label, count]) => {
        const wanted = shares[split] * (total.get(label) ?? 0);
        const have = taken.get(split)?.get(label) ?? 0;
        return sum + (count * (wanted - have - count / 2)) / wanted;
      }, 0);
    // Of splits with the same share the smallest is next: the first would get what is left over of every class.
    const isSmaller = (a: string, b: string) =>
      shares[a] === shares[b] && (sizes.get(a) ?? 0) < (sizes.get(b) ?? 0);
    const best = open.reduce((a, b) => {
      const more = lack(b) - lack(a);
      return more > 0 || (more === 0 && isSmaller(b, a)) ? b : a;
    });
    for (const [label, count] of counts) {
      taken.get(best)?.set(label, count + (taken.get(best)?.get(label) ?? 0));
    }
    sizes.set(best, (sizes.get(best) ?? 0) + members.length);
    for (const i of members) splits[i] = best;
  }
  return splits;
}

function countLabels(rows: readonly SplitRow[], members: readonly number[]): Counts {
  const counts: Counts = new Map();
  for (const i of members) counts.set(rows[i].label, 1 + (counts.get(rows[i].label) ?? 0));
  return counts;
}
