// The same hashes as in Node, by the cryptography of browsers, which answers later.

import { sortedJson } from '../text/json.ts';

/** 64 hexadecimal digits of SHA-256 over text or bytes; several parts count as one. */
export async function contentHashLater(
  ...parts: readonly (string | Uint8Array)[]
): Promise<string> {
  const bytes = await new Blob(parts as BlobPart[]).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** 16 hexadecimal digits of SHA-256 over JSON with sorted keys. */
export const valueHashLater = async (value: unknown): Promise<string> =>
  (await contentHashLater(sortedJson(value))).slice(0, 16);
