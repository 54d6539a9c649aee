// Builds .npy arrays and .npz archives for tests, good ones and bad ones.

import { deflateSync } from 'fflate';
import { crc32 } from '../../gfsr/files/crc32.ts';

/** A version 1 .npy array; `header` replaces the usual one. */
export function npy(
  shape: number[],
  data: ArrayBufferView,
  dtype = '|u1',
  header = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`,
): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const bytes = new Uint8Array(10 + text.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  bytes.set(text, 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + text.length);
  return bytes;
}

export interface ZipEntry {
  name: string;
  bytes: Uint8Array;
  store?: boolean;
  /** Wrong values for the central directory. */
  size?: number;
  offset?: number;
  crc?: number;
  flags?: number;
}

/** A zip archive; `zip64` writes the sizes and the directory the zip64 way. */
export function zip(entries: ZipEntry[], zip64 = false): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  const push = (list: Uint8Array[], part: Uint8Array) => list.push(part);
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.name);
    const data = entry.store ? entry.bytes : deflateSync(entry.bytes);
    const method = entry.store ? 0 : 8;
    const size = entry.size ?? entry.bytes.length;
    const crc = entry.crc ?? crc32(entry.bytes);
    const offset = entry.offset ?? at;
    const common = [u16(entry.flags ?? 0), u16(method), u16(0), u16(0), u32(crc)];
    const wide = u32(0xffffffff);
    const extra = zip64 ? join(u16(1), u16(24), u64(size), u64(data.length), u64(offset)) : join();
    const sizes = zip64 ? [wide, wide] : [u32(data.length), u32(size)];
    const local = join(
      u32(0x04034b50),
      u16(20),
      ...common,
      ...sizes,
      u16(name.length),
      u16(0),
      name,
    );
    push(parts, local);
    push(parts, data);
    push(
      directory,
      join(
        ...[u32(0x02014b50), u16(20), u16(20), ...common, ...sizes],
        ...[u16(name.length), u16(extra.length), u16(0), u16(0), u16(0), u32(0)],
        ...[zip64 ? wide : u32(offset), name, extra],
      ),
    );
    at += local.length + data.length;
  }
  const central = join(...directory);
  const n = entries.length;
  const end64 = join(
    ...[u32(0x06064b50), u64(44), u16(45), u16(45), u32(0), u32(0), u64(n), u64(n)],
    ...[u64(central.length), u64(at)],
    ...[u32(0x07064b50), u32(0), u64(at + central.length), u32(1)],
  );
  const end = zip64
    ? [u32(0x06054b50), u32(0), u16(0xffff), u16(0xffff), u32(0xffffffff), u32(0xffffffff), u16(0)]
    : [u32(0x06054b50), u32(0), u16(n), u16(n), u32(central.length), u32(at), u16(0)];
  return join(...parts, central, ...(zip64 ? [end64] : []), ...end);
}

/** An .npz archive of arrays. */
export function npz(arrays: Record<string, Uint8Array>): Uint8Array {
  return zip(Object.entries(arrays).map(([name, bytes]) => ({ name: `${name}.npy`, bytes })));
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
const u16 = (n: number) => Uint8Array.of(n & 255, (n >> 8) & 255);
const u32 = (n: number) => join(u16(n & 0xffff), u16(n >>> 16));
const u64 = (n: number) => join(u32(n >>> 0), u32(Math.floor(n / 2 ** 32)));
