// A smaller data set of the same kind: some images of each split, drawn at random.

import { Random } from '../../engine/core/random.ts';
import {
  checkDataset,
  type Dataset,
  mapSplits,
  type Split,
  type SplitName,
  subset,
} from './dataset.ts';

/**
 * At most `limit` images of each split, at random, but with one image of every class as far as there is room. Further
 * conditions of the same images keep the same ones. Test images do not depend on the seed, so that all seeds of a
 * comparison are measured on the same ones.
 *
 * @param limit at least 1
 */
export function limitImages<D extends Dataset>(
  dataset: D,
  limit: number,
  seed: number | string = 0,
): D {
  const drawn = (split: Split, name: SplitName) => {
    const random = new Random(name === 'test' ? 0 : seed, 'limit').split(name);
    return subset(split, draw(split.labels, limit, random));
  };
  const limited = mapSplits(dataset, drawn);
  const note = `Limited to ${limit} images per split.`;
  return checkDataset({ ...limited, notes: [...dataset.notes, note] });
}

/**
 * A share of the training images of each class, at random, at least one of every class. The other splits stay whole.
 *
 * @param share above 0, at most 1
 */
export function thinTrain<D extends Dataset>(dataset: D, share: number, seed: number | string): D {
  const { train, classes, notes } = dataset;
  const order = [...new Random(seed, 'train share').permutation(train.count)];
  const chosen = classes.flatMap((_, label) => {
    const members = order.filter((i) => train.labels[i] === label);
    return members.slice(0, Math.max(1, Math.round(share * members.length)));
  });
  const fewer = subset(
    train,
    chosen.sort((a, b) => a - b),
  );
  const note = `Trained on ${fewer.count} of ${train.count} training images, the same share of each class.`;
  return checkDataset({ ...dataset, train: fewer, notes: [...notes, note] });
}

/** Indices in ascending order. */
function draw(labels: Int32Array, limit: number, random: Random): number[] {
  const order = [...random.permutation(labels.length)];
  const firstOf = new Map<number, number>();
  for (const i of order) if (!firstOf.has(labels[i])) firstOf.set(labels[i], i);
  const chosen = new Set([...firstOf.values(), ...order]);
  return [...chosen].slice(0, limit).sort((a, b) => a - b);
}
