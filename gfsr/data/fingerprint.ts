// Detects whether a data set is still the one that results were made with (Node only).

import { createHash } from 'node:crypto';
import { contentHash } from '../files/content-hash.ts';
import { type Dataset, identifyingBytes, type SplitName } from './dataset.ts';
import { recalled, StoredPixels } from './pixels.ts';

/** SHA-256 over the labels and pixels of all splits. */
export function fingerprint(dataset: Pick<Dataset, SplitName>): string {
  const { train, val, test } = dataset;
  const compute = () => {
    const hash = createHash('sha256');
    for (const bytes of identifyingBytes(dataset)) hash.update(bytes);
    return hash.digest('hex');
  };
  const names = [train, val, test].map(({ images, labels }) => [
    images instanceof StoredPixels ? images.name : '',
    contentHash(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength)),
  ]);
  return recalled(train.images, `fingerprint ${JSON.stringify(names)}`, compute);
}
