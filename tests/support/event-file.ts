// A reader of TensorBoard's event files that shares no code with ours: records, checksums bit by bit, fields.

import * as assert from 'uvu/assert';

/** CRC-32C by its definition: the remainder of a division, bit by bit. */
function remainder(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** The checksum that a stored one stands for. */
function unmasked(stored: number): number {
  const rotated = (stored - 0xa282ead8) >>> 0;
  return ((rotated << 15) | (rotated >>> 17)) >>> 0;
}

export type Wire = bigint | Uint8Array;

/** Values of each field of a message, in order. */
export function fieldsOf(bytes: Uint8Array): Map<number, Wire[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields = new Map<number, Wire[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const kind = key & 7;
    const value = kind === 0 ? varint() : take(kind === 1 ? 8 : kind === 5 ? 4 : Number(varint()));
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

/** Events of a file, whose checksums hold. */
export function eventsOf(file: Uint8Array): Map<number, Wire[]>[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const events: Map<number, Wire[]>[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    assert.is(unmasked(view.getUint32(at + 8, true)), remainder(file.subarray(at, at + 8)));
    const event = file.subarray(at + 12, at + 12 + length);
    assert.is(unmasked(view.getUint32(at + 12 + length, true)), remainder(event));
    events.push(fieldsOf(event));
    at += length + 16;
  }
  return events;
}

export const text = (value: Wire | undefined) => new TextDecoder().decode(value as Uint8Array);
export const double = (value: Wire | undefined) => {
  const { buffer, byteOffset } = value as Uint8Array;
  return new DataView(buffer, byteOffset).getFloat64(0, true);
};
export const float = (value: Wire | undefined) => {
  const { buffer, byteOffset } = value as Uint8Array;
  return new DataView(buffer, byteOffset).getFloat32(0, true);
};

/** Every scalar of an event by name; none if it has no summary. */
export function scalarsOf(event: Map<number, Wire[]>): Record<string, number> {
  const [summary] = event.get(5) ?? [];
  const values = summary ? (fieldsOf(summary as Uint8Array).get(1) ?? []) : [];
  return Object.fromEntries(
    values.map((value) => {
      const fields = fieldsOf(value as Uint8Array);
      return [text(fields.get(1)?.[0]), float(fields.get(2)?.[0])];
    }),
  );
}
