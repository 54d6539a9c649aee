// A loss of the user's own as files: what a run keeps of it, and the hash that tells it from its other versions.

import { dirname, relative, resolve, sep } from 'node:path';
import { contentHash, valueHash } from '../files/content-hash.ts';
import { localFiles } from '../files/local-files.ts';
import { readBytesSync } from '../files/read-file.ts';
import { isOwnSource } from '../machine/code-version.ts';

/** The file of a loss with all that it imports from files beside it. */
export interface LossBundle {
  /** Contents by path below the folder that holds all of them; forward slashes. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Of names and contents. */
  readonly hash: string;
}

/**
 * Imports of packages are not followed, nor are the sources of this one.
 *
 * @throws RangeError naming the file if it cannot be read
 */
export function bundleLoss(path: string): LossBundle {
  const own = readBytesSync(path);
  const found = localFiles(path, isOwnSource);
  const files = new Map(found.size > 0 ? found : [[resolve(path), own]]);
  const root = commonFolder([...files.keys()]);
  const named = [...files].map(
    ([file, content]) => [relative(root, file).split(sep).join('/'), content] as const,
  );
  named.sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = valueHash(named.map(([name, content]) => [name, contentHash(content)]));
  return { files: new Map(named), hash };
}

function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]);
  while (!paths.every((path) => path.startsWith(folder === sep ? sep : folder + sep))) {
    folder = dirname(folder);
  }
  return folder;
}
