// Writes files whole or not at all, so that a kill at any moment leaves the older version readable.

import { renameSync, writeFileSync } from 'node:fs';

/** Writes beside `path`, flushes to the disk, then takes its place in one step. */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const beside = `${path}.tmp`;
  writeFileSync(beside, content, { flush: true });
  renameSync(beside, path);
}

/** Pretty JSON with a last newline; NaN and infinities become null, for JSON has no word for them. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
