// Detects whether a data set is still the one that results were made with (Node only).

import { createHash } from 'node:crypto';
import { type Dataset, identifyingBytes, type SplitName } from './dataset.ts';

/** SHA-256 over the labels and pixels of all splits. */
export function fingerprint(dataset: Pick<Dataset, SplitName>): string {
  const hash = createHash('sha256');
  for (const bytes of identifyingBytes(dataset)) hash.update(bytes);
  return hash.digest('hex');
}
