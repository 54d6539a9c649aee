// Combines splits into a data set. Without test images, val is kept for testing, and train gives images for validation.

import { Random } from '../../engine/core/random.ts';
import { grouped } from '../text/lines.ts';
import { checkDataset, type Dataset, type Split, type SplitName } from './dataset.ts';
import { divideSplit } from './divide-split.ts';

/** Splits belong to the data and not to a run: with every seed the same images are held out. */
const SPLIT_SEED = 0;
/** Share of train that serves as validation if the data has no test images. */
const HELD_OUT = 0.2;

/** What a data set is, apart from its splits. */
export type DatasetParts = Omit<Dataset, SplitName | 'tests' | 'notes'> &
  Partial<Pick<Dataset, 'tests' | 'notes'>>;

/**
 * Combines splits. Without test images, val serves as test, and a fifth of train serves as validation. That fifth is
 * the same for every run. It has the same shares of every class, of images with and without a mask, and keeps groups
 * together (such as the images of one patient), or near-copies where no groups are known. If train is a single group,
 * test is val. A note says what was done.
 *
 * @throws RangeError if train or val is missing, or as `checkDataset`
 */
export function assembleDataset(
  parts: DatasetParts,
  splits: { [name in SplitName]?: Split },
): Dataset {
  const { train, val, test } = splits;
  if (!train || !val) {
    const got = Object.keys(splits).join(', ') || 'none';
    throw new RangeError(
      `${parts.name}: splits missing, got ${got}, expected train and val (test is optional).`,
    );
  }
  const whole = checkDataset({ tests: {}, notes: [], ...parts, train, val, test: test ?? val });
  return test ? whole : holdOut(whole);
}

/** The same images, with val as test and a fifth of train as val. */
function holdOut(dataset: Dataset): Dataset {
  const { train, val: test, notes } = dataset;
  const random = new Random(SPLIT_SEED, 'held-out validation');
  const shares = { train: 1 - HELD_OUT, val: HELD_OUT };
  const { of, together } = divideSplit(train, dataset, random, shares);
  const [rest, val] = [of('train'), of('val')];
  if (rest.count === 0 || val.count === 0) {
    const same =
      'No test images, and train is a single group, which cannot be divided: test is val, so test scores are optimistic.';
    return { ...dataset, notes: [...notes, same] };
  }
  const note =
    `The data has no test images: its val (${grouped(test.count)} images) serves as test, and ${grouped(val.count)} of its ` +
    `${grouped(train.count)} training images, always the same ones, serve as val; they were drawn by class, ${together} kept together.`;
  const indexed = train.ids;
  const ids = new Set([train, test].flatMap((split) => split.ids));
  return checkDataset({
    ...{ ...dataset, train: rest, val, test, notes: [...notes, note] },
    origin: { indexed, ids },
  });
}
