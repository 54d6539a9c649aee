// A folder on the disk as a store of files by name, for runs that a page begins on its server.

import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appendFrom } from '../files/append-file.ts';
import { writeAtomically } from '../files/atomic-file.ts';
import { filesBelow } from '../files/folder-files.ts';
import { LOCK, lockFolder } from '../files/folder-lock.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readIfThere } from '../files/read-file.ts';
import { INFO } from './run.ts';
import type { FileStore } from './stored-run.ts';

export interface FolderStore extends FileStore {
  /** Deletes all files. */
  clear(): Promise<void>;
  /** Lets other processes use the folder. */
  close(): void;
}

/**
 * Opens a folder that is new, empty or a run, and keeps other processes out until `close`.
 *
 * @throws RangeError if it holds something else, or is in use
 */
export async function openFolderStore(path: string): Promise<FolderStore> {
  makeFolder(path);
  const list = async () => (await filesBelow(path)).filter((name) => name !== LOCK);
  const [other] = await list();
  const store: FileStore = {
    list,
    read: async (name) => readIfThere(join(path, name)),
    write: async (name, content) => {
      makeFolder(dirname(join(path, name)));
      writeAtomically(join(path, name), content);
    },
    append: async (name, content, at) => appendFrom(join(path, name), content, at),
  };
  if (other !== undefined && !(await store.read(INFO))) {
    throw new RangeError(`${path}: is not a run (it contains ${other}). Choose a new folder.`);
  }
  const lock = lockFolder(path);
  return {
    ...store,
    async clear() {
      // The record goes last, so that a clearing that was interrupted leaves a folder that is still taken for a run.
      const names = await list();
      for (const name of [...names.filter((each) => each !== INFO), INFO]) {
        rmSync(join(path, name), { force: true });
      }
    },
    close: () => lock.release(),
  };
}
