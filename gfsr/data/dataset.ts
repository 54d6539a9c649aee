// What a data set is: three splits of uint8 images with labels, and the checks that every loader runs.

import type { Placement } from '../image/placement.ts';
import { rowAt } from '../image/rows.ts';
import { quoted } from '../text/visible.ts';
import { joinedMasks, MaskStack, type Masks, pickedMasks } from './masks.ts';
import { joinedPixels, type Pixels, pickedPixels, StoredPixels } from './pixels.ts';

/** The splits: for training, for choosing, for reporting. */
export type SplitName = 'train' | 'val' | 'test';

/** The images of one split, with everything known about each. */
export interface Split {
  count: number;
  /** [N, C, H, W], 0 to 255: a Uint8Array, or images on a disk. */
  images: Pixels;
  /** [N], each from 0 to classes - 1. */
  labels: Int32Array;
  /** [N], unique within the split. */
  ids: string[];
  /** Image index → real mask [H, W] of 0 and 1 (1 = relevant). Images without an entry have no known mask. */
  masks?: Masks;
  /** [N, H, W] of 0 and 1: 1 where a shortcut was planted. */
  shortcut?: Pixels;
  /** [N], whose image it is, such as a patient's; absent where nothing is known. */
  groups?: readonly string[];
  /** [N], `pixelHash` of each image as its file has it; absent where that is not known. */
  hashes?: readonly string[];
  /** [N], where the image of the file lies in this one; annotations use its pixels. Absent if they are the same. */
  placements?: readonly Placement[];
}

/** The images of a file, whatever has been left out since. */
export interface Origin {
  /** Ids that an index in an annotation file counts: training images, or all images of a file without splits. */
  readonly indexed: readonly string[];
  /** Ids of all images of all splits. */
  readonly ids: ReadonlySet<string>;
  /** `pixelHash` of each of these images, by id; absent where nobody has taken it. */
  readonly hashes?: ReadonlyMap<string, string>;
}

/** Three splits of images of one shape, with their classes and other known facts. */
export interface Dataset {
  name: string;
  classes: string[];
  channels: number;
  height: number;
  width: number;
  /** The images of the file, before a limit left any out; absent where these are all. */
  origin?: Origin;
  train: Split;
  val: Split;
  test: Split;
  /** Test images under other conditions of a shortcut (absent, misleading, …), by name. Empty for most data sets. */
  tests: Readonly<Record<string, Split>>;
  /** Validation images under other conditions of a shortcut, for choosing settings without test images; or absent. */
  vals?: Readonly<Record<string, Split>>;
  /** The seed draws the splits, so that those of two seeds share images; absent where they belong to the data. */
  splitsBySeed?: true;
  /** What a reader of results must know about this data, one sentence each. */
  notes: string[];
}

const MAX_NUMBERED_CLASSES = 10_000;

/**
 * Checks that shapes agree, labels are in range, ids are unique and no split is empty.
 *
 * @returns the same data set
 * @throws RangeError that names the split and the first mistake
 */
export function checkDataset<D extends Dataset>(dataset: D): D {
  const { name, classes, channels, height, width } = dataset;
  if (classes.length < 2) {
    throw new RangeError(`${name}: got ${classes.length} classes, expected at least 2.`);
  }
  for (const [what, value] of Object.entries({ channels, height, width })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name}: bad ${what}, got ${value}, expected a whole number above 0.`);
    }
  }
  for (const split of ['train', 'val', 'test'] as const) {
    checkSplit(dataset[split], dataset, `${name}: split ${split}`);
  }
  for (const [condition, split] of Object.entries(dataset.tests)) {
    checkSplit(split, dataset, `${name}: test ${condition}`);
  }
  for (const [condition, split] of Object.entries(dataset.vals ?? {})) {
    checkSplit(split, dataset, `${name}: val ${condition}`);
  }
  return dataset;
}

/** @throws TypeError for images that are not bytes. Floats would be divided by 255 too */
export function needBytes(where: string, { images }: Split): void {
  if (images instanceof Uint8Array || images instanceof Uint8ClampedArray) return;
  if (images instanceof StoredPixels) return;
  const { name } = (images as object).constructor;
  throw new TypeError(
    `${where}: images is a ${name}, expected a Uint8Array of 0 to 255. For floats in [0, 1], use Math.round(255 * x).`,
  );
}

function checkSplit(split: Split, dataset: Dataset, where: string): void {
  const { classes, channels, height, width } = dataset;
  const { count, images, labels, ids, masks, shortcut, groups, hashes, placements } = split;
  const area = height * width;
  const expectLength = (what: string, got: number, expected: number) => {
    if (got !== expected) {
      const shape = `${count} images of [${channels}, ${height}, ${width}]`;
      throw new RangeError(`${where}: ${what} has ${got} values, expected ${expected} (${shape}).`);
    }
  };
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`${where}: got ${count} images, expected at least 1.`);
  }
  needBytes(where, split);
  expectLength('images', images.length, count * channels * area);
  expectLength('labels', labels.length, count);
  expectLength('ids', ids.length, count);
  if (shortcut) expectLength('shortcut', shortcut.length, count * area);
  if (groups) expectLength('groups', groups.length, count);
  if (hashes) expectLength('hashes', hashes.length, count);
  if (placements) expectLength('placements', placements.length, count);
  const bad = labels.findIndex((label) => label < 0 || label >= classes.length);
  if (bad >= 0) {
    throw new RangeError(
      `${where}: label out of range at image ${bad}, got ${labels[bad]}, expected 0 to ${classes.length - 1}.`,
    );
  }
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) {
      throw new RangeError(`${where}: id ${quoted(id)} occurs twice, expected every id once.`);
    }
    seen.add(id);
  }
  // Those on a disk were checked when they were written.
  for (const [index, mask] of masks instanceof MaskStack ? [] : (masks ?? [])) {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(
        `${where}: mask of unknown image, got index ${index}, expected 0 to ${count - 1}.`,
      );
    }
    expectLength(`mask of image ${index}`, mask.length, area);
    const value = mask.find((v) => v > 1);
    if (value !== undefined) {
      throw new RangeError(
        `${where}: mask of image ${index}, got value ${value}, expected 0 or 1.`,
      );
    }
  }
}

/** Image i of a split, [C, H, W]: a view. */
export const imageAt = (
  { images, count }: Pick<Split, 'images' | 'count'>,
  i: number,
): Uint8Array => rowAt(images, i, images.length / count);

/** Where the image of the file lies in image i of a data set. */
export const placementAt = (
  { placements }: Pick<Split, 'placements'>,
  i: number,
  { height, width }: Pick<Dataset, 'height' | 'width'>,
): Placement => placements?.[i] ?? { from: [height, width], scaled: [height, width], at: [0, 0] };

/** Applies a function to every split of a data set. The splits of `tests` are called `test`, those of `vals` `val`. */
export function mapSplits<D extends Dataset>(
  dataset: D,
  change: (split: Split, name: SplitName) => Split,
): D {
  const { train, val, test, tests, vals } = dataset;
  const each = (splits: Readonly<Record<string, Split>>, name: SplitName) =>
    Object.fromEntries(Object.entries(splits).map(([key, split]) => [key, change(split, name)]));
  return {
    ...dataset,
    train: change(train, 'train'),
    val: change(val, 'val'),
    test: change(test, 'test'),
    tests: each(tests, 'test'),
    ...(vals && { vals: each(vals, 'val') }),
  };
}

/**
 * A copy of the images at `indices`, in that order.
 *
 * @throws RangeError for an index outside the split
 */
export function subset(split: Split, indices: ArrayLike<number>): Split {
  const { count, images, labels, ids, masks, shortcut, groups, hashes, placements } = split;
  for (let to = 0; to < indices.length; to++) {
    const from = indices[to];
    if (!Number.isInteger(from) || from < 0 || from >= count) {
      throw new RangeError(`subset: got index ${from}, expected 0 to ${count - 1}.`);
    }
  }
  return {
    count: indices.length,
    images: pickedPixels(images, count, indices),
    labels: Int32Array.from(indices, (i) => labels[i]),
    ids: Array.from(indices, (i) => ids[i]),
    ...(groups && { groups: Array.from(indices, (i) => groups[i]) }),
    ...(hashes && { hashes: Array.from(indices, (i) => hashes[i]) }),
    ...(placements && { placements: Array.from(indices, (i) => placements[i]) }),
    ...(masks && { masks: pickedMasks(masks, indices) }),
    ...(shortcut && { shortcut: pickedPixels(shortcut, count, indices) }),
  };
}

/**
 * The images of several splits, one split after the other. Where only some have groups, masks, placements or planted
 * shortcuts, the others get what stands for none. Hashes are kept if all have them.
 */
export function joinSplits(
  splits: readonly Split[],
  { channels, height, width }: Pick<Dataset, 'channels' | 'height' | 'width'>,
): Split {
  const area = height * width;
  const isKnown = (what: keyof Split) => splits.some((split) => split[what] !== undefined);
  const each = <T>(valuesOf: (split: Split) => readonly T[]) => splits.flatMap(valuesOf);
  const unplaced = (split: Split) =>
    Array.from({ length: split.count }, (_, i) => placementAt(split, i, { height, width }));
  return {
    count: splits.reduce((sum, { count }) => sum + count, 0),
    images: joinedPixels(
      splits.map(({ images }) => images),
      channels * area,
    ),
    labels: Int32Array.from(each(({ labels }) => [...labels])),
    ids: each(({ ids }) => ids),
    ...(isKnown('groups') && { groups: each(({ groups, ids }) => groups ?? ids) }),
    ...(splits.every(({ hashes }) => hashes) && { hashes: each(({ hashes }) => hashes ?? []) }),
    ...(isKnown('placements') && { placements: each(unplaced) }),
    ...(isKnown('masks') && { masks: joinedMasks(splits, area) }),
    ...(isKnown('shortcut') && {
      shortcut: joinedPixels(
        splits.map(({ shortcut, count }) => shortcut ?? new Uint8Array(count * area)),
        area,
      ),
    }),
  };
}

/** Height = width of the images. @throws RangeError if they are not square */
export function imageSize({ name, height, width }: Dataset): number {
  if (height !== width) {
    throw new RangeError(
      `${name}: images are ${height}×${width}, expected square ones. Crop or pad them.`,
    );
  }
  return height;
}

/** Number of images of each class in a split, [classes]. */
export function classCounts(split: Split, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of split.labels) counts[label]++;
  return counts;
}

/**
 * Class names from "0" to the highest label, for data whose classes have no names.
 *
 * @throws RangeError for a label below 0 or above 9,999
 */
export function numberedClasses(labels: Iterable<number>, where: string): string[] {
  let highest = -1;
  for (const label of labels) {
    if (!Number.isInteger(label) || label < 0 || label >= MAX_NUMBERED_CLASSES) {
      throw new RangeError(
        `${where}: got label ${label}, expected a whole number from 0 to ${MAX_NUMBERED_CLASSES - 1}.`,
      );
    }
    if (label > highest) highest = label;
  }
  return Array.from({ length: highest + 1 }, (_, i) => String(i));
}
