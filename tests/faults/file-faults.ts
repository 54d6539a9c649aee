// Makes one file-system call of this process fail: the n-th of those that touch a folder.

import fs, { type PathLike } from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { placeOf } from './kinds.ts';

/** Errors of a full disk, a broken one, missing rights, too many open files, and a folder that was deleted. */
export const CODES = ['ENOSPC', 'EIO', 'EACCES', 'EMFILE', 'ENOENT'] as const;
export type Code = (typeof CODES)[number];

const WORDS: Readonly<Record<Code, string>> = {
  ENOSPC: 'no space left on device',
  EIO: 'i/o error',
  EACCES: 'permission denied',
  EMFILE: 'too many open files',
  ENOENT: 'no such file or directory',
};

const NAMES = [
  ...['openSync', 'readFileSync', 'writeFileSync', 'renameSync', 'mkdirSync', 'rmSync'],
  ...['fsyncSync', 'closeSync', 'linkSync', 'readdirSync', 'fstatSync', 'statSync'],
  ...['ftruncateSync', 'writeSync'],
] as const;

/** A call: its number among those watched, from 0, its name, the path that it was for, and what called it. */
export interface Call {
  readonly number: number;
  readonly name: string;
  readonly path: string;
  /** From `placeOf`; empty where a fault is injected. */
  readonly place: string;
}

/**
 * Watches all calls for paths below `root` until the returned function is called, and lets one of them fail.
 *
 * @param fault number of the call to fail, and how. Without it, calls are only listed
 * @returns what ends the watch, and the calls so far
 */
export function watchFiles(
  root: string,
  fault?: { readonly number: number; readonly code: Code },
): { readonly calls: readonly Call[]; end(): void } {
  const calls: Call[] = [];
  const paths = new Map<number, string>();
  const real = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  const originals = new Map(NAMES.map((name) => [name, real[name]]));
  const { open, stat } = promises;
  const pathOf = (target: unknown): string | undefined => {
    const path = typeof target === 'number' ? paths.get(target) : String(target);
    return path?.startsWith(root) ? path : undefined;
  };
  /** Notes the call. @throws if it is the one to fail */
  const note = (name: string, path: string, isDescriptor: boolean) => {
    const number = calls.length;
    calls.push({ number, name, path, place: fault ? '' : placeOf(new Error()) });
    if (number !== fault?.number) return;
    const call = name.replace(/Sync$/, '');
    const where = isDescriptor ? '' : ` '${path}'`; // as Node does it
    const message = `${fault.code}: ${WORDS[fault.code]}, ${call}${where}`;
    throw Object.assign(new Error(message), { code: fault.code, syscall: call });
  };
  // Node's own functions call one another through their modules' variables, so that only our calls are seen. The one
  // exception is writeFileSync, which calls writeSync as everybody does.
  for (const [name, original] of originals) {
    real[name] = (...args) => {
      const path = pathOf(args[0]);
      const isDescriptor = typeof args[0] === 'number';
      if (path !== undefined && name === 'closeSync') {
        original(...args); // a descriptor is gone even where its close fails
        paths.delete(args[0] as number);
        note(name, path, true);
        return undefined;
      }
      if (path !== undefined) note(name, path, isDescriptor);
      const result = original(...args);
      if (name === 'openSync') paths.set(result as number, String(args[0]));
      return result;
    };
  }
  promises.open = async (path: PathLike, ...rest): Promise<FileHandle> => {
    if (pathOf(path) !== undefined) note('open', String(path), false);
    return open(path, ...rest);
  };
  promises.stat = (async (path: PathLike, ...rest: []) => {
    if (pathOf(path) !== undefined) note('stat', String(path), false);
    return stat(path, ...rest);
  }) as typeof stat;
  syncBuiltinESMExports();
  const end = () => {
    Object.assign(fs, Object.fromEntries(originals));
    Object.assign(promises, { open, stat });
    syncBuiltinESMExports();
  };
  return { calls, end };
}
