// Event files read back by a reader of its own: records, checksums bit by bit, and every scalar and picture.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crc32c } from '../../../../gfsr/files/crc32.ts';
import { encodeEvents } from '../../../../gfsr/store/export/event-file.ts';

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

type Wire = bigint | Uint8Array;

/** Values of each field of a message, in order. */
function fieldsOf(bytes: Uint8Array): Map<number, Wire[]> {
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
function eventsOf(file: Uint8Array): Map<number, Wire[]>[] {
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

const text = (value: Wire | undefined) => new TextDecoder().decode(value as Uint8Array);
const double = (value: Wire | undefined) => {
  const { buffer, byteOffset } = value as Uint8Array;
  return new DataView(buffer, byteOffset).getFloat64(0, true);
};
const float = (value: Wire | undefined) => {
  const { buffer, byteOffset } = value as Uint8Array;
  return new DataView(buffer, byteOffset).getFloat32(0, true);
};

test('the checksum of the standard: CRC-32C of 123456789', () => {
  assert.is(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
});

test('scalars and pictures come back, with their steps and times', () => {
  const png = Uint8Array.from({ length: 300 }, (_, i) => i);
  const [version, first, second] = eventsOf(
    encodeEvents([
      { step: 1, seconds: 2.5, scalars: { crossEntropy: 0.75, valAccuracy: Number.NaN } },
      { step: 200, seconds: 5, pictures: { 'test-3': { png, width: 640, height: 20 } } },
    ]),
  );
  assert.is(text(version.get(3)?.[0]), 'brain.Event:2');
  assert.is(double(first.get(1)?.[0]), 2.5);
  assert.equal(first.get(2), [1n]);
  const scalars = (fieldsOf(first.get(5)?.[0] as Uint8Array).get(1) ?? []).map((value) => {
    const fields = fieldsOf(value as Uint8Array);
    return [text(fields.get(1)?.[0]), float(fields.get(2)?.[0])];
  });
  assert.equal(scalars, [
    ['crossEntropy', 0.75],
    ['valAccuracy', Number.NaN],
  ]);
  assert.equal(second.get(2), [200n]);
  const [value] = fieldsOf(second.get(5)?.[0] as Uint8Array).get(1) ?? [];
  const fields = fieldsOf(value as Uint8Array);
  assert.is(text(fields.get(1)?.[0]), 'test-3');
  const image = fieldsOf(fields.get(4)?.[0] as Uint8Array);
  assert.equal([image.get(1), image.get(2), image.get(3)], [[20n], [640n], [3n]]);
  assert.equal(image.get(4)?.[0], png);
});

test.run();
