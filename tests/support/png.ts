// Builds PNG files of any kind for tests, good ones and bad ones.

import { zlibSync } from 'fflate';
import { crc32 } from '../../gfsr/files/crc32.ts';

/** One chunk with a true checksum. */
export function chunk(type: string, data: ArrayLike<number>): number[] {
  const body = [...new TextEncoder().encode(type), ...Array.from(data)];
  return [...u32(data.length), ...body, ...u32(crc32(Uint8Array.from(body)))];
}

/** The header chunk. */
export function ihdr(
  width: number,
  height: number,
  depth = 8,
  colour = 0,
  interlace = 0,
): number[] {
  return chunk('IHDR', [...u32(width), ...u32(height), depth, colour, 0, 0, interlace]);
}

/** A file of the given chunks. */
export function png(...chunks: number[][]): Uint8Array {
  return Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...chunks.flat()]);
}

/** Image data from rows that include their filter byte. */
export function idat(bytes: ArrayLike<number>): number[] {
  return chunk('IDAT', zlibSync(Uint8Array.from(bytes)));
}

export const IEND = chunk('IEND', []);

function u32(n: number): number[] {
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
}
