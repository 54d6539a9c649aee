// SHA-256 of what decides a result: bytes, or plain data whatever the order of its keys.

import { createHash } from 'node:crypto';

/** 64 hexadecimal digits of SHA-256 over text or bytes. */
export const contentHash = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** 16 hexadecimal digits of SHA-256 over JSON with sorted keys. */
export function valueHash(value: unknown): string {
  const text = JSON.stringify(value, (_, each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
  return contentHash(text).slice(0, 16);
}
