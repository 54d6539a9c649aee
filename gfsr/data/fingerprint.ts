// Detects whether a data set is still the one that results were made with (Node only).

import { createHash } from 'node:crypto';
import type { Dataset, SplitName } from './dataset.ts';

/** SHA-256 over the labels and pixels of all splits. */
export function fingerprint({ train, val, test }: Pick<Dataset, SplitName>): string {
  const hash = createHash('sha256');
  for (const { labels, images } of [train, val, test]) hash.update(labels).update(images);
  return hash.digest('hex');
}
