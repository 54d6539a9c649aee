// Changes to the bytes of a file, whatever it holds: bits, ranges, and integers that lie about sizes.

import type { Random } from '../../engine/core/random.ts';

/** A changed copy of a file, or undefined if the file is not of the kind that it changes. */
export type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array | undefined;

/** Integers at which sizes, counts and offsets go wrong. */
const EDGES = [0, 1, 2, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 2 ** 24];
const WIDE_EDGES = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1];

/** One of several values. */
export const pick = <T>(from: readonly T[], random: Random): T => from[random.int(from.length)];

/** A place in a file; half of all are in its header. */
const placeIn = (length: number, random: Random): number =>
  random.int(Math.max(1, random.int(2) === 0 ? Math.min(length, 512) : length));

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  copy[placeIn(copy.length, random)] ^= 1 << random.int(8);
  return copy;
}

function setByte(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  copy[placeIn(copy.length, random)] = random.int(256);
  return copy;
}

/** Writes an integer of 1, 2, 4 or 8 bytes in either order. */
function lie(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  const size = pick([1, 2, 4, 8], random);
  if (copy.length < size) return copy;
  const at = placeIn(copy.length - size + 1, random);
  const view = new DataView(copy.buffer, copy.byteOffset);
  const isLittle = random.int(2) === 0;
  const value = pick(size >= 4 ? [...EDGES, ...WIDE_EDGES] : EDGES, random);
  if (size === 1) copy[at] = value;
  else if (size === 2) view.setUint16(at, value, isLittle);
  else if (size === 4) view.setUint32(at, value, isLittle);
  else view.setBigUint64(at, BigInt(value) << BigInt(8 * random.int(5)), isLittle);
  return copy;
}

/** Between two places that are at most `most` bytes apart. */
function rangeIn(bytes: Uint8Array, random: Random, most: number): readonly [number, number] {
  const from = placeIn(bytes.length, random);
  return [from, Math.min(bytes.length, from + 1 + random.int(most))];
}

export const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat(parts));

function removeRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = rangeIn(bytes, random, 64);
  return joined(bytes.subarray(0, from), bytes.subarray(to));
}

function repeatRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = rangeIn(bytes, random, 64);
  const times = Array.from({ length: 1 + random.int(8) }, () => bytes.subarray(from, to));
  return joined(bytes.subarray(0, to), ...times, bytes.subarray(to));
}

function insertNoise(bytes: Uint8Array, random: Random): Uint8Array {
  const at = placeIn(bytes.length, random);
  const noise = Uint8Array.from({ length: 1 + random.int(16) }, () => random.int(256));
  return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
}

function fillRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = rangeIn(bytes, random, 64);
  return bytes.slice().fill(pick([0, 32, 255], random), from, to);
}

const cutOff = (bytes: Uint8Array, random: Random): Uint8Array =>
  bytes.slice(0, random.int(bytes.length + 1));

/** Changes that suit any file. */
export const BYTE_MUTATIONS: readonly Mutation[] = [
  ...[flipBit, setByte, lie, lie, removeRange, repeatRange, insertNoise, fillRange, cutOff],
];

/** Larger files would cost time, and find nothing else. */
const MOST_BYTES = 2 ** 22;
/** Most changes of one file. */
const MOST_CHANGES = 4;

/** A file with one to four changes; half of them are of its own kind, where it has any. */
export function mutate(
  file: Uint8Array,
  own: readonly Mutation[],
  random: Random,
): Uint8Array<ArrayBuffer> {
  let bytes = file;
  let changes = 1;
  while (changes < MOST_CHANGES && random.int(2) === 0) changes++;
  for (let i = 0; i < changes; i++) {
    const structured = own.length > 0 && random.int(2) === 0;
    const changed = structured ? pick(own, random)(bytes, random) : undefined;
    const next = changed ?? pick(BYTE_MUTATIONS, random)(bytes, random) ?? bytes;
    if (next.length <= MOST_BYTES) bytes = next;
  }
  return new Uint8Array(bytes);
}
