// Writes Protocol Buffers messages, as far as exports need them: numbers, floats, text, bytes and messages.

/** A field: its number, and a value that says its wire type. Absent values are left out. */
export type Field = readonly [number, Value | undefined];
type Value =
  | number
  | bigint
  | string
  | Uint8Array
  /** 32 bits. */
  | { readonly float: number }
  /** 64 bits. */
  | { readonly double: number }
  /** Messages, or repeated values. */
  | { readonly message: readonly Field[] }
  | { readonly repeated: readonly Value[] };

const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

/** The bytes of a message. */
export function encodeMessage(fields: readonly Field[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (value !== undefined) write(parts, number, value);
  }
  return joined(parts);
}

function write(parts: Uint8Array[], field: number, value: Value): void {
  if (typeof value === 'number' || typeof value === 'bigint') {
    parts.push(varint(field * 8 + VARINT), varint(value));
  } else if (typeof value === 'string') {
    write(parts, field, new TextEncoder().encode(value));
  } else if (value instanceof Uint8Array) {
    parts.push(varint(field * 8 + BYTES), varint(value.length), value);
  } else if ('float' in value) {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value.float, true);
    parts.push(varint(field * 8 + FIXED32), bytes);
  } else if ('double' in value) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value.double, true);
    parts.push(varint(field * 8 + FIXED64), bytes);
  } else if ('message' in value) {
    write(parts, field, encodeMessage(value.message));
  } else {
    for (const each of value.repeated) write(parts, field, each);
  }
}

/** Seven bits per byte, the lowest first; negative numbers as 64 bits. */
function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
