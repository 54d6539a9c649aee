// Reads files that the user named, with errors that say which one and why.

import { readFile } from 'node:fs/promises';

/** @throws RangeError naming the file if it cannot be read */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RangeError(`cannot read "${path}": ${code === 'ENOENT' ? 'no such file' : message}.`);
  }
}

/** The same, as text. */
export async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path));
}
