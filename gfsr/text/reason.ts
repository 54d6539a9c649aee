// What a library's decoder says of a file that it gives up, if a person can make something of it.

import { messageLine } from './visible.ts';

const LONGEST = 120;

/**
 * Its reason in brackets, with a space before them; empty if its own code failed, as a TypeError says, or if it throws
 * nothing that can be read.
 *
 * @param error anything: some libraries throw strings, or objects with an `exception`
 */
export function reasonOf(error: unknown): string {
  const isOwnFailure =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  if (isOwnFailure) return '';
  const { exception, message } = Object(error) as { exception?: unknown; message?: unknown };
  const said = typeof error === 'string' ? error : (exception ?? message);
  if (typeof said !== 'string' || said === '') return '';
  return ` (${messageLine(said.replace(/^dicomParser\.\w+: /, '')).slice(0, LONGEST)})`;
}
