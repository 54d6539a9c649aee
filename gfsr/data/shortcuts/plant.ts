// Plants a shortcut in any data set. It gives the class away in training, and is absent or misleading in test images.

import { Random } from '../../../engine/core/random.ts';
import { SHORTCUT_KINDS, type ShortcutKind } from '../../config/data.ts';
import { rowAt } from '../../image/rows.ts';
import { checkDataset, type Dataset, type Split, type SplitName } from '../dataset.ts';
import { changedMasks } from '../masks.ts';
import { changedPixels, hasAny, StoredPixels } from '../pixels.ts';
import { Canvas } from './canvas.ts';
import { shortcuts } from './kinds.ts';

/** Which shortcut `plantShortcut` plants, and how reliable it is. */
export interface PlantOptions {
  readonly kind: ShortcutKind;
  /**
   * How reliably the shortcut gives the class away in train and val, in [0, 1]. With this probability it is that of the
   * image's own class, otherwise that of a class drawn at random, possibly the own one. Default 1.
   */
  readonly strength?: number;
  /** Decides places and random classes. Default 0. */
  readonly seed?: number | string;
}

/**
 * A data set with a planted shortcut. Each condition has the same images, with the shortcut in the same places. Among
 * validation images, `val` itself has it as in training.
 */
export interface PlantedDataset extends Dataset {
  readonly tests: Readonly<Record<string, Split>> & {
    /** As in training. */
    readonly present: Split;
    /** The shortcut of a class drawn at random, possibly the own one. `test` is this condition. */
    readonly random: Split;
    /** The images without a shortcut. */
    readonly absent: Split;
    /** The shortcut of a class drawn at random from the wrong ones. */
    readonly misleading: Split;
  };
  readonly vals: Readonly<Record<'random' | 'absent' | 'misleading', Split>>;
}

/**
 * Plants `kind` in every image. `shortcut` marks its pixels, and `masks` lose them. The same seed gives the same
 * pixels. The place of the shortcut in an image does not depend on strength or condition.
 *
 * @throws RangeError for a bad kind or strength, channels other than 1 or 3, more classes than the kind can distinguish
 *   at this size, or a data set that already has a shortcut
 */
export function plantShortcut(
  dataset: Dataset,
  { kind, strength = 1, seed = 0 }: PlantOptions,
): PlantedDataset {
  checkOptions(dataset, kind, strength);
  const { name, classes, train, val, test, notes } = dataset;
  const random = new Random(seed, `shortcut ${kind}`);
  const count = classes.length;
  const fill = (split: SplitName, images: Split, rule: Rule) =>
    plantSplit(dataset, images, kind, random.split(`places ${split}`), rule);

  const informative = (split: SplitName): Rule => {
    const draws = random.split(`classes ${split}`);
    return (label) => {
      const [own, other] = [draws.uniform() < strength, draws.int(count)];
      return own ? label : other;
    };
  };
  const changed = (split: 'val' | 'test', images: Split) => {
    // Those of test have no suffix: published figures depend on their names.
    const of = split === 'test' ? '' : ` ${split}`;
    const drawn = random.split(`random class${of}`);
    const wrong = random.split(`wrong class${of}`);
    return {
      random: fill(split, images, () => drawn.int(count)),
      absent: fill(split, images, null),
      misleading: fill(split, images, (y) => (y + 1 + wrong.int(count - 1)) % count),
    };
  };
  const tests = {
    present: fill('test', test, informative('test')),
    ...changed('test', test),
  };
  return checkDataset({
    ...dataset,
    name: `${name}+${kind}`,
    train: fill('train', train, informative('train')),
    val: fill('val', val, informative('val')),
    test: tests.random,
    tests,
    vals: changed('val', val),
    notes: [
      ...notes,
      `Planted: ${shortcuts[kind].help}; strength ${strength} in train and val, that of a random class in test.`,
    ],
  });
}

/** The class whose shortcut an image gets; null plants nothing. */
type Rule = ((label: number) => number) | null;

function plantSplit(
  { channels, height, width, classes }: Dataset,
  split: Split,
  kind: ShortcutKind,
  places: Random,
  rule: Rule,
): Split {
  const [count, area] = [split.count, height * width];
  const variants = rule && Array.from(split.labels, rule);
  const { draw } = shortcuts[kind];
  /** Image i with its shortcut, and where that is. */
  const painted = (i: number, before: Uint8Array) => {
    const [image, marked] = [before.slice(), new Uint8Array(area)];
    if (variants) {
      const which = { variant: variants[i], variants: classes.length };
      draw(new Canvas(image, marked, height, width), which, places.split(i));
    }
    return { image, marked };
  };
  const what = `planted ${JSON.stringify({ kind, places: [...places.words], variants })}`;
  const marks = split.images instanceof StoredPixels ? undefined : new Uint8Array(count * area);
  const images = changedPixels(
    split.images,
    { count, size: channels * area, what },
    (before, i) => {
      const { image, marked } = painted(i, before);
      marks?.set(marked, i * area);
      return image;
    },
  );
  const shortcut =
    marks ??
    changedPixels(
      split.images,
      { count, size: area, what: `${what} marks` },
      (before, i) => painted(i, before).marked,
    );
  // The masks without the pixels that the shortcut covers.
  const uncovered = (mask: Uint8Array, i: number) => {
    const marked = rowAt(shortcut, i, area);
    return mask.map((relevant, p) => (marked[p] === 1 ? 0 : relevant));
  };
  const masks = rule && split.masks ? changedMasks(split.masks, area, uncovered) : split.masks;
  return { ...split, images, shortcut, ...(masks && { masks }) };
}

function checkOptions(dataset: Dataset, kind: ShortcutKind, strength: number): void {
  const { name, classes, channels, height, width } = dataset;
  if (!SHORTCUT_KINDS.includes(kind)) {
    throw new RangeError(
      `plantShortcut: kind, got "${kind}", expected ${SHORTCUT_KINDS.join(', ')}.`,
    );
  }
  if (!(strength >= 0 && strength <= 1)) {
    throw new RangeError(`plantShortcut: strength, got ${strength}, expected 0 to 1.`);
  }
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`plantShortcut: ${name} has ${channels} channels, expected 1 or 3.`);
  }
  const most = shortcuts[kind].most(Math.min(height, width));
  if (classes.length > most) {
    throw new RangeError(
      `plantShortcut: ${kind} can distinguish ${most} classes on ${height}×${width} images, got ${classes.length} of ${name}. Choose another kind.`,
    );
  }
  if (
    [dataset.train, dataset.val, dataset.test].some(({ shortcut }) => shortcut && hasAny(shortcut))
  ) {
    throw new RangeError(
      `plantShortcut: ${name} already has a shortcut. Use data without one (such as decoy-mnist-clean).`,
    );
  }
}
