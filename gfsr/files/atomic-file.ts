// Writes each file as a whole or not at all, so that after a kill the older version is still readable.

import { renameSync, writeFileSync } from 'node:fs';

/** Writes beside `path`, flushes to disk, and then renames in one step. */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const beside = `${path}.tmp`;
  writeFileSync(beside, content, { flush: true });
  renameSync(beside, path);
}

/** Indented JSON with a newline at the end. NaN and infinities become null, because JSON cannot represent them. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
