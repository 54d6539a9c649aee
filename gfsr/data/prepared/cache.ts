// The cache of prepared data sets of this user: one folder per entry, prepared by one process and read by many.

import {
  existsSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LOCK, lockFolder } from '../../files/folder-lock.ts';
import { makeWritableFolder } from '../../files/make-folder.ts';
import { LONGEST_PATH, systemReason } from '../../files/system-error.ts';
import { inUserCache } from '../../files/user-cache.ts';
import { grouped } from '../../text/lines.ts';
import { quoted } from '../../text/visible.ts';
import type { Dataset } from '../dataset.ts';
import { type EntryIndex, openEntry, readIndex, writeEntry } from './entry.ts';
import { FileShelf } from './file-pixels.ts';

/** What a folder is called until it is whole. */
const PARTIAL = '.partial';
/** How often a process looks whether another one has finished preparing, in milliseconds. */
const LOOK_MS = 200;

/** Folder of the cache: `GFSR_CACHE`, else `gfsr/prepared` in the user's folder for caches. */
export const cacheFolder = (): string => process.env.GFSR_CACHE || inUserCache('prepared');

/** What is prepared, and how. */
export interface Preparation {
  /** Names the content: the same key, the same pixels. */
  readonly key: string;
  /** For people: the folder that is read. */
  readonly source: string;
  /** Bytes of all pixels, as far as they are known before reading. */
  readonly bytes: number;
  readonly say: (line: string) => void;
  readonly read: (shelf: FileShelf) => Promise<Dataset>;
}

/**
 * The prepared data set of a key, whose images stay on the disk. If there is none, or a damaged one, it is prepared.
 * One process prepares while others wait for it. What a killed process left behind is prepared again.
 *
 * @throws RangeError if the disk is too full, and whatever `read` throws
 */
export async function preparedDataset(preparation: Preparation): Promise<Dataset> {
  const { key, source, say } = preparation;
  const folder = join(cacheFolder(), key);
  const partial = `${folder}${PARTIAL}`;
  for (let waits = 0; ; waits++) {
    const index = readIndex(folder);
    if (index) return openEntry(folder, index);
    makeRoom(source, partial);
    const lock = tryLock(partial);
    if (!lock) {
      if (waits === 0) say(`another process prepares the images of ${source}: waiting for it`);
      await setTimeout(LOOK_MS);
      continue;
    }
    try {
      if (readIndex(folder)) continue; // finished just now
      if (existsSync(folder)) say(`the prepared images of ${source} are damaged: preparing anew`);
      await prepare(preparation, partial);
      rmSync(folder, { recursive: true, force: true });
      renameSync(partial, folder);
      rmSync(join(folder, LOCK), { force: true });
    } finally {
      // Only what is ours: another process may wait for this folder, and hold it as soon as it is free.
      empty(partial);
      lock.release();
      removeIfEmpty(partial);
    }
  }
}

async function prepare({ source, bytes, say, read }: Preparation, folder: string): Promise<void> {
  expectRoom(source, folder, bytes);
  empty(folder);
  say(
    `preparing the images of ${source}: about ${grouped(Math.ceil(bytes / 2 ** 20))} MiB in ${cacheFolder()}`,
  );
  const shelf = new FileShelf(join(folder, 'shelf'));
  try {
    writeEntry(folder, await read(shelf), source);
  } finally {
    shelf.close();
  }
}

function makeRoom(source: string, folder: string): void {
  try {
    makeWritableFolder(folder);
  } catch (error) {
    throw new RangeError(
      `${source}: its images cannot be prepared in ${quoted(cacheFolder(), LONGEST_PATH)}: ${systemReason(error)}. ` +
        'Set GFSR_CACHE to a folder in which you may write, or read them into memory with --cache never.',
    );
  }
}

/** Removes everything except the lock. */
function empty(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name !== LOCK) rmSync(join(folder, name), { recursive: true });
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {} // gone, or another process is in it
}

/** Pixels are written twice: as they come from their files, then split by split. */
function expectRoom(source: string, folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (2 * bytes <= bavail * bsize) return;
  throw new RangeError(
    `${source}: preparing takes about ${grouped(2 * bytes)} bytes of disk, but ${cacheFolder()} has ${grouped(bavail * bsize)} free. ` +
      'Reduce the images (--fit crop --side 128), or set GFSR_CACHE to a folder on another disk.',
  );
}

/** Undefined if another process holds the folder, or if it has just been taken away. */
function tryLock(folder: string) {
  try {
    return lockFolder(folder);
  } catch (error) {
    const isTaken = error instanceof RangeError;
    if (isTaken || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** An entry of the cache, for people. */
export interface CacheEntry {
  readonly key: string;
  readonly bytes: number;
  /** Absent for what is being prepared, or was left behind, or is damaged. */
  readonly index?: EntryIndex;
}

/** Everything in the cache. */
export function cacheEntries(): CacheEntry[] {
  const root = cacheFolder();
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const index = readIndex(join(root, name));
      return { key: name, bytes: bytesBelow(join(root, name)), ...(index && { index }) };
    });
}

/** Removes an entry, unless a process prepares it. @returns whether it was removed */
export function removeEntry(key: string): boolean {
  const folder = join(cacheFolder(), key);
  const lock = tryLock(folder);
  if (!lock) return false;
  rmSync(folder, { recursive: true, force: true });
  return true;
}

const bytesBelow = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesBelow(path) : statSync(path).size);
  }, 0);
