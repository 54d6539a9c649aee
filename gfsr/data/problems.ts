// What of a data set makes results look better, or worse, than they are: images in two splits, classes without images.

import { listed } from '../text/visible.ts';
import { classCounts, type Dataset, type Split, type SplitName } from './dataset.ts';
import { hashesOf } from './origin.ts';

/** Split pairs that must not share anything: what the second measures would be known from the first. */
const PAIRS: readonly (readonly [SplitName, SplitName])[] = [
  ['train', 'val'],
  ['train', 'test'],
  ['val', 'test'],
];
const SHOWN = 3;

/**
 * Images with the same pixels, the same id or of the same group in two splits; images that are twice in train with
 * different labels; classes without a training image. One sentence each, none for data in order.
 */
export function findProblems(dataset: Dataset): string[] {
  const pairs = PAIRS.filter(([a, b]) => dataset[a] !== dataset[b]);
  const hashes = new Map<Split, readonly string[]>();
  const hashed = (split: Split) => {
    const known = hashes.get(split) ?? hashesOf(split, dataset);
    hashes.set(split, known);
    return known;
  };
  return [
    ...pairs.flatMap(([a, b]) => sharedImages(dataset, a, b, hashed)),
    ...pairs.flatMap(([a, b]) => sharedGroups(dataset, a, b)),
    ...contradictions(dataset, hashed(dataset.train)),
    ...missingClasses(dataset),
  ];
}

/** @throws RangeError with all problems */
export function refuseProblems({ name }: Dataset, problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new RangeError(`${name}: ${problems.join(' ')} Correct the data, or leave out --strict.`);
}

function sharedImages(
  dataset: Dataset,
  a: SplitName,
  b: SplitName,
  hashed: (split: Split) => readonly string[],
): string[] {
  const [first, second] = [dataset[a], dataset[b]];
  const pixels = new Map(hashed(first).map((hash, i) => [hash, first.ids[i]]));
  const ids = new Set(first.ids);
  const copies: string[] = [];
  const renamed: string[] = [];
  for (const [i, hash] of hashed(second).entries()) {
    const [id, other] = [second.ids[i], pixels.get(hash)];
    if (other !== undefined) copies.push(id === other ? id : `${id} = ${other}`);
    else if (ids.has(id)) renamed.push(id);
  }
  return [
    ...(copies.length > 0
      ? [
          `${images(copies.length)} of ${b} with the pixels of one in ${a}: ${listed(copies, SHOWN)}.`,
        ]
      : []),
    ...(renamed.length > 0
      ? [
          `${images(renamed.length)} of ${b} with the id of another in ${a}: ${listed(renamed, SHOWN)}.`,
        ]
      : []),
  ];
}

function sharedGroups(dataset: Dataset, a: SplitName, b: SplitName): string[] {
  const first = new Set(dataset[a].groups);
  const shared = [...new Set(dataset[b].groups)].filter((group) => first.has(group));
  if (shared.length === 0) return [];
  const what = shared.length === 1 ? '1 group has' : `${shared.length} groups have`;
  return [`${what} images in ${a} and in ${b}: ${listed(shared, SHOWN)}.`];
}

function contradictions({ train, classes }: Dataset, hashes: readonly string[]): string[] {
  const firstOf = new Map<string, number>();
  const found: string[] = [];
  for (const [i, hash] of hashes.entries()) {
    const first = firstOf.get(hash);
    if (first === undefined) firstOf.set(hash, i);
    else if (train.labels[first] !== train.labels[i]) {
      const named = (image: number) => `${train.ids[image]} is ${classes[train.labels[image]]}`;
      found.push(`${named(first)}, ${named(i)}`);
    }
  }
  if (found.length === 0) return [];
  return [`${images(found.length)} twice in train with different labels: ${listed(found, SHOWN)}.`];
}

/** Classes without a training image, as one sentence; none if all have some. */
export function missingClasses({ train, classes }: Dataset): string[] {
  const counts = classCounts(train, classes.length);
  const missing = classes.filter((_, label) => counts[label] === 0);
  if (missing.length === 0) return [];
  const what = missing.length === 1 ? 'Class' : 'Classes';
  return [`${what} without a training image, so nothing can learn it: ${listed(missing, SHOWN)}.`];
}

const images = (count: number): string => (count === 1 ? '1 image' : `${count} images`);
