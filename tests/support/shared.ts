// What is made once for all test files of a run: the first that needs it makes it, the others wait.

import { existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FolderLock, lockFolder } from '../../gfsr/files/folder-lock.ts';

/** Milliseconds between two looks at whether another test file has made it. */
const LOOK_MS = 200;

/**
 * The folder `name` as `make` fills it. `tests/run.ts` gives all test files a place for it; a file that runs alone
 * makes its own. Nobody may write into it afterwards.
 */
export function sharedFolder(name: string, make: (folder: string) => void): string {
  const place = process.env.GFSR_TESTS_SHARED ?? mkdtempSync(join(tmpdir(), 'gfsr-shared-'));
  const own = join(place, name);
  const [folder, unfinished] = [join(own, 'made'), join(own, `${process.pid}`)];
  mkdirSync(own, { recursive: true });
  for (;;) {
    const lock = tryLock(own);
    if (!lock) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
      continue;
    }
    try {
      if (existsSync(folder)) return folder;
      mkdirSync(unfinished);
      make(unfinished);
      renameSync(unfinished, folder);
      return folder;
    } finally {
      lock.release();
    }
  }
}

function tryLock(folder: string): FolderLock | undefined {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // another test file makes it
    throw error;
  }
}
