// One process at a time in a folder: a lock file that a dead process cannot hold.

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { namingPath } from './system-error.ts';

/** Name of the lock in its folder. */
export const LOCK = 'lock.json';

const ownerSchema = v.object({
  pid: v.number(),
  host: v.string(),
  /** Distinguishes a process from a later one with the same ID, if the system allows it. */
  born: v.nullable(v.string()),
  since: v.string(),
});

type Owner = v.InferOutput<typeof ownerSchema>;

/** What locks of this process say that could not be removed: nobody holds them. */
const abandoned = new Set<string>();

export interface FolderLock {
  /** Releases the folder. A second call does nothing. */
  release(): void;
}

/**
 * Locks the folder `path`, which must exist. Takes over a lock that a dead process of this machine left behind.
 *
 * @throws RangeError naming the process that holds the folder
 */
export function lockFolder(path: string): FolderLock {
  const file = join(path, LOCK);
  const own: Owner = {
    ...{ pid: process.pid, host: hostname(), born: birthOf(process.pid) },
    since: new Date().toISOString(),
  };
  const text = `${JSON.stringify(own)}\n`;
  while (!createFile(file, text)) {
    const found = read(file);
    if (found === undefined) continue; // released just now
    const owner = parseOwner(found);
    if (owner && isAlive(owner) && !abandoned.has(found)) {
      throw new RangeError(
        `${path}: in use by process ${owner.pid} on ${owner.host} since ${owner.since}. Wait until it is done, or choose another folder with --out.${owner.host === hostname() ? '' : ` If that machine or container is gone, delete ${file}.`}`,
      );
    }
    clearAway(file, found);
  }
  let held = true;
  const release = () => {
    if (!held) return;
    held = false;
    try {
      if (read(file) === text) rmSync(file);
    } catch (error) {
      abandoned.add(text);
      throw namingPath('remove', file, error);
    }
  };
  return { release };
}

/**
 * Creates a file with all its content at once, so that nobody reads half an owner. Returns false if the file exists.
 */
function createFile(file: string, text: string): boolean {
  const beside = `${file}.new.${process.pid}`;
  try {
    writeFileSync(beside, text);
    linkSync(beside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw namingPath('write', file, error);
  } finally {
    try {
      rmSync(beside);
    } catch {} // it is in nobody's way, and whether the lock was taken is known
  }
}

/**
 * Removes the lock that was found, but no newer one. If several processes try, one moves the lock and checks what it
 * moved.
 */
function clearAway(file: string, found: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) === found) rmSync(aside);
  else renameSync(aside, file);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined for a damaged file, whose writer was killed while writing. */
function parseOwner(text: string): Owner | undefined {
  try {
    const result = v.safeParse(ownerSchema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing can be known about another machine, so its lock holds. */
function isAlive({ pid, host, born }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return born === birthOf(pid);
}

/** Start time of a process, in ticks since the machine started; null without /proc. */
function birthOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may contain spaces and brackets. The start time is the 20th field after it.
    const state = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie no longer runs, although its ID is taken.
    return state[0] === 'Z' ? 'ended' : state[19];
  } catch {
    return null;
  }
}
