// Changes inside files of parts, sealed again so that the reader gets past lengths and checksums to what they hold.

import { gunzipSync, gzipSync, unzipSync } from 'fflate';
import type { Random } from '../../engine/core/random.ts';
import { crc32 } from '../../gfsr/files/crc32.ts';
import { type ZipEntry, zip } from '../support/npz.ts';
import { BYTE_MUTATIONS, joined, type Mutation, pick } from './mutation.ts';
import { LINE_MUTATIONS } from './texts.ts';
import { bytesOf, mutateJson } from './values.ts';

/** The change of a part, whatever it does to the rest; undefined if the file cannot be taken apart. */
const attempt =
  (change: (bytes: Uint8Array, random: Random) => Uint8Array | undefined): Mutation =>
  (bytes, random) => {
    try {
      return change(bytes, random);
    } catch {
      return undefined;
    }
  };

const anyBytes: Mutation = (bytes, random) => pick(BYTE_MUTATIONS, random)(bytes, random);
const anyText: Mutation = (bytes, random) => pick(LINE_MUTATIONS, random)(bytes, random);

/** The header of a .npy array, with its true length. */
const npyHeader = attempt((bytes, random) => {
  const length = bytes[8] + 256 * bytes[9];
  const header = anyText(bytes.subarray(10, 10 + length), random) as Uint8Array;
  const size = Uint8Array.of(header.length & 255, header.length >> 8);
  return joined(bytes.subarray(0, 8), size, header, bytes.subarray(10 + length));
});

export const NPY_MUTATIONS: readonly Mutation[] = [npyHeader];

/** Integers that a zip directory may lie with. */
const LIES = [0, 1, 2 ** 20, 2 ** 31, 2 ** 32 - 1];

/** An archive with a changed, lost, doubled, renamed or misdescribed entry. */
const zipEntries = attempt((bytes, random) => {
  const isSmall = ({ originalSize }: { originalSize: number }) => originalSize < 2 ** 20;
  const whole = unzipSync(bytes, { filter: isSmall });
  const entries: ZipEntry[] = Object.entries(whole).map(([name, content]) => ({
    ...{ name, bytes: content, store: random.int(2) === 0 },
  }));
  const at = random.int(entries.length);
  const entry = entries[at];
  const change = random.int(9);
  if (change === 0) entries.splice(at, 1);
  else if (change === 1) entries.push({ ...entry });
  else if (change === 2) entry.name = pick(['', '../x.npy', 'train_images.npy', 'x'], random);
  else if (change === 3) entry.size = pick(LIES, random);
  else if (change === 4) entry.offset = pick(LIES, random);
  else if (change === 5) entry.crc = pick(LIES, random);
  else if (change === 6) entry.flags = random.int(2 ** 16);
  else
    entry.bytes = (pick([npyHeader, anyBytes], random)(entry.bytes, random) ?? entry.bytes).slice();
  return zip(entries, random.int(4) === 0);
});

export const ZIP_MUTATIONS: readonly Mutation[] = [zipEntries, zipEntries];

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** PNG with a changed, lost, doubled or moved chunk; checksums are right. */
const pngChunks = attempt((bytes, random) => {
  const chunks: Uint8Array[] = []; // type and data
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view(bytes).getUint32(at);
    chunks.push(bytes.slice(at + 4, at + 8 + length));
    at += 12 + length;
  }
  const from = random.int(chunks.length);
  const change = random.int(5);
  if (change === 0) chunks.splice(from, 1);
  else if (change === 1) chunks.splice(random.int(chunks.length), 0, chunks[from]);
  else if (change === 2) chunks.push(...chunks.splice(from, 1));
  else {
    const data = (anyBytes(chunks[from].subarray(4), random) ?? new Uint8Array()).slice();
    chunks[from] = joined(chunks[from].subarray(0, 4), data);
  }
  const sealed = chunks.map((chunk) => {
    const [length, crc] = [new Uint8Array(4), new Uint8Array(4)];
    view(length).setUint32(0, chunk.length - 4);
    view(crc).setUint32(0, crc32(chunk));
    return joined(length, chunk, crc);
  });
  return joined(bytes.subarray(0, 8), ...sealed);
});

export const PNG_MUTATIONS: readonly Mutation[] = [pngChunks, pngChunks];

/** A safetensors file whose header holds another value, in itself or in the JSON inside its metadata. */
const safetensorsHeader = attempt((bytes, random) => {
  const length = Number(view(bytes).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  const header = JSON.parse(text);
  const inner = Object.keys(header.__metadata__ ?? {}).filter((key) => key.startsWith('gfsr'));
  const key = pick([...inner, ''], random);
  let changed: Uint8Array | undefined;
  if (key !== '') {
    const value = mutateJson(bytesOf(header.__metadata__[key]), random) as Uint8Array;
    header.__metadata__[key] = new TextDecoder().decode(value);
    changed = bytesOf(JSON.stringify(header));
  } else changed = mutateJson(bytesOf(text), random) as Uint8Array;
  const size = new Uint8Array(8);
  view(size).setBigUint64(0, BigInt(changed.length), true);
  return joined(size, changed, bytes.subarray(8 + length));
});

export const SAFETENSORS_MUTATIONS: readonly Mutation[] = [safetensorsHeader, safetensorsHeader];

/** What a .gz file holds, changed and packed again. */
const gzipped = attempt((bytes, random) => {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined;
  return gzipSync(anyBytes(gunzipSync(bytes), random) ?? new Uint8Array());
});

export const GZIP_MUTATIONS: readonly Mutation[] = [gzipped];
