// What images were in their file, before limits, smaller sizes and planted shortcuts: annotations are bound to that.

import { pixelHash } from '../image/pixel-hash.ts';
import { type Dataset, imageAt, type Origin, type Split } from './dataset.ts';
import { type DeepImage, isFloat } from './formats/format.ts';
import { recalled } from './pixels.ts';

/** The origin of a data set; of one that nothing is known of, its images as they are. */
export function originOf({ origin, train, val, test }: Dataset): Origin {
  return (
    origin ?? { indexed: train.ids, ids: new Set([train, val, test].flatMap(({ ids }) => ids)) }
  );
}

/**
 * The hash of an image as its file has it, in its own channels and depth. What is made of it in a data set may depend
 * on other files: whether any is coloured, and how many bits they use.
 */
export function hashOfFile({ width, height, channels, values }: DeepImage): string {
  const area = width * height;
  const planes = values.slice();
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < area; p++) planes[c * area + p] = values[p * channels + c];
  }
  const { buffer, byteOffset, byteLength } = planes;
  // A hash takes whole numbers: the bits of floats.
  const whole = isFloat(planes) ? new Uint32Array(buffer, byteOffset, byteLength / 4) : planes;
  return pixelHash(whole, [channels, height, width]);
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
