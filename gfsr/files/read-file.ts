// Reads files that the user named, with errors that say which one and why.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** @throws RangeError naming the file if it cannot be read */
export async function readBytes(path: string): Promise<Uint8Array> {
  return await readFile(path).catch((error) => refuse(path, error));
}

/** The same, before anything else happens. */
export function readBytesSync(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    return refuse(path, error as NodeJS.ErrnoException);
  }
}

/** The same as `readBytes`, as text. */
export async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path));
}

function refuse(path: string, { code, message }: NodeJS.ErrnoException): never {
  throw new RangeError(`cannot read "${path}": ${code === 'ENOENT' ? 'no such file' : message}.`);
}
