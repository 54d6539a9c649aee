// Writes PNG images, in Node and in browsers.

import { zlibSync } from 'fflate';
import { crc32 } from '../files/crc32.ts';
import { joinBytes } from '../files/join-bytes.ts';
import type { Image } from './png.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Colour types of 1 grey, 3 RGB and 4 RGBA channels (PNG specification, table 11.1). */
const COLOUR_TYPE = { 1: 0, 3: 2, 4: 6 } as const;
const DEPTH = 8;
/** The first filter of a row (PNG specification, table 9.1); 1 is from the left, 2 from above. */
const NONE = 0;

/**
 * Encodes 8-bit grey, RGB or RGBA pixels.
 *
 * @throws RangeError if the data does not have height x width x channels values
 */
export function encodePng({ width, height, channels, data }: Image): Uint8Array {
  if (data.length !== width * height * channels || data.length === 0) {
    throw new RangeError(
      `encodePng: got ${data.length} values, expected ${width * height * channels} ([${height}, ${width}, ${channels}]).`,
    );
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([DEPTH, COLOUR_TYPE[channels]], 8);
  const rows = filtered(data, height, width * channels, channels);
  return joinBytes([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', zlibSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/** Length, type, content and checksum. */
function chunk(type: string, content: Uint8Array): Uint8Array {
  const out = new Uint8Array(content.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, content.length);
  out.set(new TextEncoder().encode(type), 4);
  out.set(content, 8);
  view.setUint32(content.length + 8, crc32(out.subarray(4, content.length + 8)));
  return out;
}

/**
 * Each row with the filter before it, [H, 1 + row], as the difference from nothing, from the pixel to the left or from
 * the one above: whichever differs least, because that compresses best (PNG specification, section 12.7).
 */
function filtered(data: Uint8Array, height: number, row: number, step: number): Uint8Array {
  const out = new Uint8Array(height * (1 + row));
  const nothing = new Uint8Array(row);
  const left = new Uint8Array(row);
  let above: Uint8Array = nothing;
  for (let y = 0; y < height; y++) {
    const now = data.subarray(y * row, (y + 1) * row);
    left.set(now.subarray(0, row - step), step);
    let least = Number.POSITIVE_INFINITY;
    let best = NONE;
    let expected: Uint8Array = nothing;
    for (const [filter, values] of [nothing, left, above].entries()) {
      const sum = distance(now, values, least);
      if (sum >= least) continue;
      [best, expected, least] = [filter, values, sum];
    }
    const to = y * (1 + row);
    out[to] = best;
    for (let x = 0; x < row; x++) out[to + 1 + x] = now[x] - expected[x];
    above = now;
  }
  return out;
}

/** Sum of |a − b| of bytes that wrap around, or any number from `enough` on. */
function distance(a: Uint8Array, b: Uint8Array, enough: number): number {
  let sum = 0;
  for (let x = 0; x < a.length && sum < enough; x++) {
    const difference = (a[x] - b[x]) & 0xff;
    sum += difference < 128 ? difference : 256 - difference;
  }
  return sum;
}
