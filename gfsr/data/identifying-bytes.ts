// What a data set is known by: hashed here by the cryptography of browsers, in Node by `fingerprint`.

import { type Dataset, imageAt, type SplitName } from './dataset.ts';
import { allBytes, StoredPixels } from './pixels.ts';

/** What tells a data set from another: the bytes of labels and pixels of all splits. */
export function* identifyingBytes({
  train,
  val,
  test,
}: Pick<Dataset, SplitName>): Iterable<Uint8Array> {
  for (const split of [train, val, test]) {
    const { labels, images } = split;
    yield new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);
    if (images instanceof StoredPixels) {
      for (let i = 0; i < split.count; i++) yield imageAt(split, i);
    } else yield allBytes(images);
  }
}

/** The real masks of all splits, each after its split and image; nothing if there are none. */
export function* maskBytes({ train, val, test }: Pick<Dataset, SplitName>): Iterable<Uint8Array> {
  for (const [split, { masks = [] }] of [train, val, test].entries()) {
    for (const [image, mask] of masks) {
      yield new Uint8Array(Int32Array.of(split, image).buffer);
      yield mask;
    }
  }
}
