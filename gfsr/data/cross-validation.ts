// Cross-validation: the images of all splits, divided into parts of which each is once the one that tests.

import { Random } from '../../engine/core/random.ts';
import { grouped } from '../text/lines.ts';
import { checkDataset, type Dataset, joinSplits } from './dataset.ts';
import { divideSplit } from './divide-split.ts';

/** One part tests, one validates, and the others train. */
const FEWEST = 3;

/**
 * One turn of a cross-validation: of `folds` equal parts of all images, part `seed % folds` tests, the next one
 * validates, and the others train. So seeds 0 to `folds` − 1 test every image once; the next `folds` seeds do so with
 * parts that are drawn anew. Parts have the same shares of every class, and of images with and without a mask. Groups
 * stay together (such as the images of one patient), or near-copies where no groups are known.
 *
 * @param folds at least 3
 * @param seed a whole number, at least 0
 * @throws RangeError for fewer folds, another seed, fewer groups than folds, or data whose splits differ in more than
 *   their images
 */
export function crossValidated<D extends Dataset>(
  dataset: D,
  folds: number,
  seed: number | string,
): D {
  const { name, notes, tests, vals = {} } = dataset;
  if (!Number.isInteger(folds) || folds < FEWEST) {
    throw new RangeError(
      `data.folds: got ${folds}, expected 0 for the splits of the data, or at least ${FEWEST}: one part tests, one validates, the others train.`,
    );
  }
  if (typeof seed !== 'number' || !Number.isInteger(seed) || seed < 0) {
    throw new RangeError(
      `data.folds: the seed selects the part that tests, got ${seed}, expected a whole number, at least 0.`,
    );
  }
  const conditions = [...Object.keys(tests), ...Object.keys(vals)];
  if (conditions.length > 0) {
    throw new RangeError(
      `data.folds: got ${folds}, expected 0: ${name} has test images of its own under other conditions (${[...new Set(conditions)].join(', ')}), which training images cannot replace.`,
    );
  }
  // Of a single group test is val.
  const all = joinSplits([...new Set([dataset.train, dataset.val, dataset.test])], dataset);
  const parts = Array.from({ length: folds }, (_, part) => String(part));
  const shares = Object.fromEntries(parts.map((part) => [part, 1 / folds]));
  const random = new Random(Math.floor(seed / folds), 'cross-validation');
  const { of, together, groups } = divideSplit(all, dataset, random, shares);
  if (groups < folds) {
    throw new RangeError(
      `data.folds: got ${folds}, expected at most ${groups}: ${name} has ${groups} ${together}, and each stays whole.`,
    );
  }
  const testing = seed % folds;
  const validating = (testing + 1) % folds;
  const note =
    `Cross-validation instead of these splits: all ${grouped(all.count)} images are in ${folds} parts, drawn by class, ${together} kept together. ` +
    `With seed ${seed}, part ${testing + 1} is test and part ${validating + 1} is val.`;
  return checkDataset({
    ...dataset,
    train: of(...parts.filter((_, part) => part !== testing && part !== validating)),
    val: of(parts[validating]),
    test: of(parts[testing]),
    splitsBySeed: true,
    notes: [...notes, note],
  });
}
