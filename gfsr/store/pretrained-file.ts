// Reads the file of pretrained weights that a setting names.

import { isInitFile } from '../config/model.ts';
import { contentHash } from '../files/content-hash.ts';
import { readBytes } from '../files/read-file.ts';
import type { Pretrained } from '../train/classifier.ts';
import { decodePretrained } from './pretrained.ts';

/** Pretrained weights, and the SHA-256 of their file. */
export interface PretrainedFile extends Pretrained {
  readonly sha256: string;
}

/**
 * Reads the file that the setting `model.init` names; undefined if it names none.
 *
 * @throws RangeError naming a file that is missing or damaged, or says a normalisation that is none
 */
export async function readPretrained(init: string): Promise<PretrainedFile | undefined> {
  if (!isInitFile(init)) return undefined;
  const bytes = await readBytes(init);
  return { ...decodePretrained(bytes, init), sha256: contentHash(bytes) };
}
