// Makes a folder and those above it (Node only).

import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { namingPath } from './system-error.ts';

/**
 * Makes what is missing of a path. Node's own `recursive` never returns for a folder below one in which the system lets
 * nobody make any, such as /proc.
 *
 * @throws Error that names the path and the reason
 */
export function makeFolder(path: string): void {
  try {
    make(path);
  } catch (error) {
    throw namingPath('make the folder', path, error);
  }
}

/**
 * `makeFolder` for files that are written after long work: says now, and not then, that nothing may be written there.
 *
 * @throws Error that names the path and the reason
 */
export function makeWritableFolder(path: string): void {
  makeFolder(path);
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw namingPath('write into', path, error);
  }
}

function make(path: string): void {
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) make(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have been faster.
    if (!isFolder(path)) throw error;
  }
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
