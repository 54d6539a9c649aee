// What images were in their file, before limits, smaller sizes and planted shortcuts: annotations are bound to that.

import { pixelHash } from '../image/pixel-hash.ts';
import { type Dataset, imageAt, type Origin, type Split } from './dataset.ts';
import { DerivedPixels, recalled, StoredPixels } from './pixels.ts';

/** The origin of a data set; of one that nothing is known of, its images as they are. */
export function originOf({ origin, train, val, test }: Dataset): Origin {
  return (
    origin ?? { indexed: train.ids, ids: new Set([train, val, test].flatMap(({ ids }) => ids)) }
  );
}

/** The hash of each image as its file had it. */
export function hashesOf(
  split: Split,
  { channels, height, width }: Pick<Dataset, 'channels' | 'height' | 'width'>,
): readonly string[] {
  if (split.hashes) return split.hashes;
  const shape = [channels, height, width];
  return recalled(split.images, 'hashes', () =>
    Array.from({ length: split.count }, (_, i) => pixelHash(imageAt(split, i), shape)),
  );
}

/** The same data set, which from now on remembers its images as they are now. */
export function withOrigin<D extends Dataset>(dataset: D): D {
  const { train, val, test } = dataset;
  const kept = (split: Split): Split => ({ ...split, hashes: hashesOf(split, dataset) });
  const keptVal = kept(val);
  const splits = { train: kept(train), val: keptVal, test: test === val ? keptVal : kept(test) };
  const hashes = Object.values(splits).flatMap(({ ids, hashes }) =>
    ids.map((id, i): [string, string] => [id, hashes?.[i] as string]),
  );
  return { ...dataset, ...splits, origin: { ...originOf(dataset), hashes: new Map(hashes) } };
}

/**
 * The same for images that wait on a disk: each is hashed when it is first read, so that none is read for its hash
 * alone. `hashes` are complete once all images were read.
 */
export function withOriginAsRead(dataset: Dataset): Dataset {
  const { channels, height, width, train, val, test } = dataset;
  const kept = (split: Split): Split => {
    const { images, count } = split;
    if (split.hashes || !(images instanceof StoredPixels)) return split;
    const hashes: string[] = Array.from({ length: count });
    const { size, name } = images;
    const row = (i: number) => {
      const bytes = images.row(i);
      hashes[i] = pixelHash(bytes, [channels, height, width]);
      return bytes;
    };
    return { ...split, images: new DerivedPixels({ count, size, name }, row), hashes };
  };
  const keptVal = kept(val);
  const splits = { train: kept(train), val: keptVal, test: test === val ? keptVal : kept(test) };
  return { ...dataset, ...splits, origin: originOf(dataset) };
}
