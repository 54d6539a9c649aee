// Appends to a file that grows for as long as a program runs, and whose cost must not grow with it.

import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { namingPath } from './system-error.ts';

/**
 * Replaces what follows byte `at` of a file, and flushes it to the disk. After a kill meanwhile, the file ends anywhere
 * in the new part.
 *
 * @throws Error that names the path and the reason
 */
export function appendFrom(path: string, content: Uint8Array, at: number): void {
  try {
    const file = openSync(path, 'r+');
    try {
      ftruncateSync(file, at);
      for (let done = 0; done < content.length; ) {
        done += writeSync(file, content, done, content.length - done, at + done);
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw namingPath('write', path, error);
  }
}
