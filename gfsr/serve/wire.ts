// Messages as lines of JSON, for pages and servers: arrays of numbers keep their type and their bits.

import { fromBase64, toBase64 } from '../text/base64.ts';

const ARRAYS = { Uint8Array, Int32Array, Float32Array } as const;
type ArrayName = keyof typeof ARRAYS;

/** One line without its end. Arrays of other types than those above are refused by nothing and arrive as objects. */
export const toLine = (message: unknown): string =>
  JSON.stringify(message, function (this: Readonly<Record<string, unknown>>, key, plain) {
    const { [key]: value } = this; // `plain` is what the toJSON of Node's Buffer makes of it
    if (!ArrayBuffer.isView(value)) return plain;
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    const name = value instanceof Uint8Array ? 'Uint8Array' : value.constructor.name;
    return { $array: name, base64: toBase64(bytes) };
  });

/** @throws SyntaxError for a line that was cut */
export const fromLine = (line: string): unknown =>
  JSON.parse(line, (_, value) => {
    const Type = ARRAYS[value?.$array as ArrayName];
    return Type ? new Type(fromBase64(value.base64).buffer) : value;
  });
