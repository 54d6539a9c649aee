// Label Studio's run lengths of a brush: a stream of bits with runs of the bytes R, G, B, A of every pixel.

import type { Size } from '../../image/placement.ts';
import type { RunLengths } from '../annotations.ts';
import { decodeRunLengths, encodeRunLengths } from '../raster.ts';
import { emptyPlane } from './run-lengths.ts';

/** Bits of a run's length, of which two bits say which is used. */
const LENGTHS = [3, 4, 8, 16] as const;
const WORD = 8;

/**
 * A mask of the pixels whose alpha is above 0.
 *
 * Layout: 32 bits number of values, 5 bits word size − 1, four times 4 bits a length's size − 1; then for each run one
 * bit (1 = one value repeated), 2 bits which size, the length − 1, and the value or values. Source: brush.py of
 * label-studio-converter (HumanSignal, Apache-2.0), read for the layout.
 *
 * @throws RangeError if the stream ends early, or is not of four values per pixel of the image
 */
export function decodeBrush(
  bytes: readonly number[],
  [height, width]: Size,
  where: string,
): RunLengths {
  let at = 0;
  const read = (bits: number): number => {
    let value = 0;
    for (let i = 0; i < bits; i++, at++) {
      if (at >> 3 >= bytes.length)
        throw new RangeError(`${where}: brush ends after ${bytes.length} bytes. It is damaged.`);
      value = value * 2 + ((bytes[at >> 3] >> (7 - (at & 7))) & 1);
    }
    return value;
  };
  const count = read(32);
  if (count !== 4 * height * width) {
    throw new RangeError(
      `${where}: brush of ${count} values, expected ${4 * height * width} for ${height}×${width} pixels.`,
    );
  }
  const word = read(5) + 1;
  const lengths = LENGTHS.map(() => read(4) + 1);
  const plane = emptyPlane([height, width], where);
  for (let i = 0; i < count; ) {
    const repeats = read(1) === 1;
    const end = Math.min(count, i + 1 + read(lengths[read(2)]));
    let value = 0;
    for (let first = true; i < end; i++, first = false) {
      if (first || !repeats) value = read(word);
      if (i % 4 === 3 && value > 0) plane[i >> 2] = 1;
    }
  }
  return encodeRunLengths(plane, height, width);
}

/** The stream of a mask: all four values of a marked pixel are 255. */
export function encodeBrush(mask: RunLengths): number[] {
  const plane = decodeRunLengths(mask);
  const bits: number[] = [];
  const write = (value: number, count: number) => {
    for (let i = count - 1; i >= 0; i--) bits.push(Math.floor(value / 2 ** i) & 1);
  };
  write(4 * plane.length, 32);
  write(WORD - 1, 5);
  for (const length of LENGTHS) write(length - 1, 4);
  const longest = 2 ** 16;
  for (let p = 0; p < plane.length; ) {
    let end = p;
    while (end < plane.length && plane[end] === plane[p]) end++;
    for (let left = 4 * (end - p); left > 0; left -= longest) {
      const run = Math.min(left, longest);
      const kind = LENGTHS.findIndex((length) => run <= 2 ** length);
      write(1, 1);
      write(kind, 2);
      write(run - 1, LENGTHS[kind]);
      write(plane[p] * 255, WORD);
    }
    p = end;
  }
  return Array.from({ length: Math.ceil(bits.length / 8) }, (_, byte) =>
    Array.from({ length: 8 }, (_, i) => bits[byte * 8 + i] ?? 0).reduce(
      (sum, bit) => sum * 2 + bit,
      0,
    ),
  );
}
