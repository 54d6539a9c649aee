// What the system says of a file that it does not open or write, in plain words.

import { quoted } from '../text/visible.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'your share of the disk is used up. Free some space',
  EEXIST: 'something of this name is there already',
  EIO: 'i/o error: the disk or its connection is broken',
  EISDIR: 'it is a folder, expected a file',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many open files in this process. Raise the limit (ulimit -n)',
  ENAMETOOLONG: 'a name in it is too long for the file system',
  ENFILE: 'too many open files in this system',
  ENOENT: 'no such file or folder',
  ENOSPC: 'the disk is full. Free some space',
  ENOTDIR: 'it, or a part of it, is a file, expected a folder',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'it is a program that is running',
};

/** Paths are shown up to here; longer ones are mistakes. */
export const LONGEST_PATH = 300;

/** The system refused a call: the message names the path and the reason. */
export class FileError extends Error {
  /** As in Node: "ENOSPC". */
  readonly code?: string;

  /** @param verb what was to be done with the path: "write" */
  constructor(verb: string, path: string, cause: NodeJS.ErrnoException) {
    super(`cannot ${verb} ${quoted(path, LONGEST_PATH)}: ${systemReason(cause)}.`, { cause });
    this.name = 'FileError';
    this.code = cause.code;
  }
}

/** Whether Node made the error of a failed call of the system. */
export const isOfSystem = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error;

/** Why a call of the system failed; for an error of another kind, what it says. */
export function systemReason(error: unknown): string {
  if (error instanceof FileError) return systemReason(error.cause);
  if (!isOfSystem(error)) return error instanceof Error ? error.message : String(error);
  return REASONS[error.code ?? ''] ?? error.message;
}

/** An error of the system as a `FileError`; others are returned as they are. */
export const namingPath = (verb: string, path: string, error: unknown): unknown =>
  isOfSystem(error) ? new FileError(verb, path, error) : error;

/** What calls of the system do, for people. */
const VERBS: Readonly<Record<string, string>> = {
  copyfile: 'copy',
  link: 'make',
  mkdir: 'make the folder',
  open: 'open',
  rename: 'move',
  rm: 'remove',
  rmdir: 'remove',
  unlink: 'remove',
  write: 'write',
};

/** What an error says; of one that Node made of a failed call of the system, in plain words. */
export function plainMessage(error: Error): string {
  if (!isOfSystem(error) || error.path === undefined) return error.message;
  return new FileError(VERBS[error.syscall ?? ''] ?? 'read', error.path, error).message;
}
