// Reads files that the user named. Errors name the file and the reason.

import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { quoted } from '../text/visible.ts';
import { decodeText } from './decode-text.ts';
import { checkLimit, type LimitName } from './limits.ts';
import { LONGEST_PATH, systemReason } from './system-error.ts';

/** Without waiting: a pipe that nobody writes to must not hold us up. Windows has no such flag, and no such pipes. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * @param limit of the file's size
 * @throws RangeError naming the file if it cannot be read, is no regular file, or is larger than the limit
 */
export async function readBytes(path: string, limit?: LimitName): Promise<Uint8Array> {
  const named = <T>(call: Promise<T>) => call.catch((error) => refuse(path, error));
  const file = await named(open(path, READ));
  try {
    checkKind(path, await named(file.stat()), limit);
    return await named(file.readFile());
  } finally {
    await named(file.close());
  }
}

/** The same, but synchronous. */
export function readBytesSync(path: string): Uint8Array {
  const file = attempt(path, () => openSync(path, READ));
  try {
    checkKind(
      path,
      attempt(path, () => fstatSync(file)),
    );
    return attempt(path, () => readFileSync(file));
  } finally {
    attempt(path, () => closeSync(file));
  }
}

/** The same as `readBytesSync`; undefined if there is no such file. */
export function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readBytesSync(path);
  } catch (error) {
    if (codeOf((error as Error).cause) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The same as `readBytesSync`, as text. @throws RangeError also if it is not UTF-8 */
export const readTextSync = (path: string): string => decodeText(readBytesSync(path), path);

/** The same as `readBytes`, as text. @throws RangeError also if it is not UTF-8 */
export async function readText(path: string, limit?: LimitName): Promise<string> {
  return decodeText(await readBytes(path, limit), path);
}

function checkKind(path: string, stat: Stats, limit?: LimitName): void {
  if (!stat.isFile()) {
    throw new RangeError(
      `cannot read ${quoted(path, LONGEST_PATH)}: it is a ${kindOf(stat)}, expected a regular file.`,
    );
  }
  if (limit) checkLimit(limit, stat.size, path);
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'folder';
  if (stat.isFIFO()) return 'pipe';
  return stat.isSocket() ? 'socket' : 'device';
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return refuse(path, error);
  }
}

function refuse(path: string, error: unknown): never {
  const why = codeOf(error) === 'ENOENT' ? 'no such file' : systemReason(error);
  throw new RangeError(`cannot read ${quoted(path, LONGEST_PATH)}: ${why}.`, { cause: error });
}

const codeOf = (error: unknown): string | undefined => Object(error).code;
