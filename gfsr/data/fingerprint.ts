// Detects whether a data set is still the one that results were made with (Node only).

import { createHash } from 'node:crypto';
import { contentHash } from '../files/content-hash.ts';
import type { Dataset, Split, SplitName } from './dataset.ts';
import { identifyingBytes, maskBytes } from './identifying-bytes.ts';
import { MaskStack, type Masks } from './masks.ts';
import { recalled, StoredPixels } from './pixels.ts';

/**
 * SHA-256 over the labels and pixels of all splits, and over their real masks if there are any: those decide simulated
 * marks and how alignment is measured.
 */
export function fingerprint(dataset: Pick<Dataset, SplitName>): string {
  const { train, val, test } = dataset;
  const compute = () => {
    const hash = createHash('sha256');
    for (const bytes of identifyingBytes(dataset)) hash.update(bytes);
    for (const bytes of maskBytes(dataset)) hash.update(bytes);
    return hash.digest('hex');
  };
  const names = JSON.stringify([train, val, test].map(nameOf));
  return recalled(train.images, `fingerprint ${names}`, compute);
}

/** Tells the content of a split from another, without reading what waits on a disk. */
const nameOf = ({ images, labels, masks }: Split): string[] => [
  images instanceof StoredPixels ? images.name : '',
  contentHash(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength)),
  ...(masks ? [namesOfMasks(masks)] : []),
];

function namesOfMasks(masks: Masks): string {
  const isStored = masks instanceof MaskStack && masks.rows instanceof StoredPixels;
  const rows = isStored ? masks.rows.name : [...masks.values()].map(contentHash);
  return contentHash(JSON.stringify([[...masks.keys()], rows]));
}
