// SHA-256 of what decides a result: bytes, or plain data whatever the order of its keys (Node only).

import { createHash } from 'node:crypto';
import { sortedJson } from '../text/json.ts';

/** 64 hexadecimal digits of SHA-256 over text or bytes. */
export const contentHash = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** 16 hexadecimal digits of SHA-256 over JSON with sorted keys. */
export const valueHash = (value: unknown): string => contentHash(sortedJson(value)).slice(0, 16);
