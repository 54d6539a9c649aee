// Writes each file as a whole or not at all, so that after a kill the older version is still readable.

import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { namingPath } from './system-error.ts';

/**
 * Writes beside `path`, flushes to the disk, then takes its place in one step; a failure leaves nothing beside it.
 *
 * @throws Error that names the path and the reason
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  replaceWith(path, (beside) => writeFileSync(beside, content, { flush: true }));
}

/** The same with content that comes in parts, and need not fit in memory. */
export function writePartsAtomically(path: string, parts: Iterable<Uint8Array>): void {
  replaceWith(path, (beside) => {
    const file = openSync(beside, 'w');
    try {
      for (const part of parts) writeFileSync(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

function replaceWith(path: string, write: (beside: string) => void): void {
  // Another process may write the same file, and a process of another machine may have the same ID.
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    write(beside);
    renameSync(beside, path);
    flushFolder(dirname(path));
  } catch (error) {
    remove(beside);
    throw namingPath('write', path, error);
  }
}

/** Where the system does not let go of it either, what went wrong first is what counts. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** Without it, the new name may be lost when the power fails. Windows cannot open folders, and needs no such call. */
function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
