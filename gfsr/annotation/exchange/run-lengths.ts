// Run lengths as other programs write them: COCO's by columns, plain or as text, and parts of an image by rows.

import { checkLimit } from '../../files/limits.ts';
import type { Size } from '../../image/placement.ts';
import type { RunLengths } from '../annotations.ts';
import { decodeRunLengths, encodeRunLengths } from '../raster.ts';

/**
 * A plane of zeros, of a size that a file states.
 *
 * @param where begins the message: the place in the file
 * @throws RangeError for more pixels than an image may have
 */
export function emptyPlane([height, width]: Size, where: string): Uint8Array {
  checkPixels([height, width], where);
  return new Uint8Array(height * width);
}

function checkPixels([height, width]: Size, where: string): void {
  checkLimit('imagePixels', height * width, `${where}: mask of ${height}×${width} pixels`);
}

/**
 * Counts of COCO go down the columns.
 *
 * @param where begins the message: the place in the file
 * @throws RangeError if they do not cover the size, or if it is of more pixels than an image may have
 */
export function fromColumns(
  counts: readonly number[],
  [height, width]: Size,
  where: string,
): RunLengths {
  checkPixels([height, width], where);
  const columns = decodeRunLengths({ size: [width, height], counts: [...counts] });
  return encodeRunLengths(transposed(columns, width, height), height, width);
}

/** The same counts by columns. */
export function toColumns(mask: RunLengths): number[] {
  const [height, width] = mask.size;
  const columns = transposed(decodeRunLengths(mask), height, width);
  return encodeRunLengths(columns, width, height).counts;
}

function transposed(plane: Uint8Array, height: number, width: number): Uint8Array {
  const out = new Uint8Array(plane.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[x * height + y] = plane[y * width + x];
  }
  return out;
}

/**
 * COCO's text of counts: groups of 5 bits from the lowest on, a sixth bit where more follow, plus 48 as a character.
 * From the fourth count on, the difference to the count before the last.
 *
 * Source: maskApi.c of cocoapi (Dollár and Lin, 2015).
 */
export function encodeCounts(counts: readonly number[]): string {
  let text = '';
  for (const [i, count] of counts.entries()) {
    let rest = i > 2 ? count - counts[i - 2] : count;
    for (let more = true; more; ) {
      const bits = rest & 31;
      rest >>= 5;
      more = (bits & 16) === 0 ? rest !== 0 : rest !== -1;
      text += String.fromCharCode(48 + bits + (more ? 32 : 0));
    }
  }
  return text;
}

/** The counts in such a text. @throws RangeError for other characters, or a text that ends within a count */
export function decodeCounts(text: string): number[] {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let [value, shift, more] = [0, 0, true];
    while (more) {
      const code = at < text.length ? text.charCodeAt(at) - 48 : -1;
      if (code < 0 || code > 63 || shift > 30) {
        throw new RangeError(`run lengths: damaged at character ${at} of ${text.length}.`);
      }
      value |= (code & 31) << shift;
      shift += 5;
      at++;
      more = (code & 32) !== 0;
      if (!more && (code & 16) !== 0 && shift < 32) value |= -1 << shift;
    }
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
  }
  return counts;
}

/** A part of an image, cut out of a mask or put into one. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** [height, width] of 0 and 1. */
  readonly plane: Uint8Array;
}

/** The smallest part that holds all marked pixels; undefined for an empty mask. */
export function cropOf(mask: RunLengths): Crop | undefined {
  const [height, width] = mask.size;
  const plane = decodeRunLengths(mask);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let p = plane.indexOf(1); p >= 0; p = plane.indexOf(1, p + 1)) {
    const [y, x] = [Math.floor(p / width), p % width];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), y];
  }
  if (right < 0) return undefined;
  const [w, h] = [right - left + 1, bottom - top + 1];
  const part = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) {
    const start = (top + y) * width + left;
    part.set(plane.subarray(start, start + w), y * w);
  }
  return { left, top, width: w, height: h, plane: part };
}

/**
 * A mask of the whole image.
 *
 * @param where begins the message: the place in the file
 * @returns also the number of marked pixels that lay outside, which are cut
 * @throws RangeError for more pixels than an image may have
 */
export function placeCrop(
  { left, top, width: w, height: h, plane }: Crop,
  [height, width]: Size,
  where: string,
): { mask: RunLengths; cut: number } {
  const whole = emptyPlane([height, width], where);
  let cut = 0;
  for (let p = 0; p < plane.length; p++) {
    if (plane[p] === 0) continue;
    const [y, x] = [top + Math.floor(p / w), left + (p % w)];
    if (y < 0 || x < 0 || y >= height || x >= width || p >= w * h) cut++;
    else whole[y * width + x] = 1;
  }
  return { mask: encodeRunLengths(whole, height, width), cut };
}
