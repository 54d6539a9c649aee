// Run lengths of DICOM (PS3.5 annex G): one segment of PackBits per byte of a sample, the highest byte first.

import type { PixelLayout } from './dicom-file.ts';
import type { PixelValues } from './format.ts';

const HEADER_BYTES = 64;

/** @throws RangeError for segments that are damaged, or too few */
export function decodeRle(bytes: Uint8Array, layout: PixelLayout, where: string): PixelValues {
  const { rows, columns, samples, bitsAllocated } = layout;
  const area = rows * columns;
  const bytesPerSample = bitsAllocated / 8;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = bytes.length >= HEADER_BYTES ? view.getUint32(0, true) : 0;
  if (segments !== samples * bytesPerSample || segments > 15 || bytesPerSample > 2) {
    throw new RangeError(
      `${where}: RLE pixels with ${segments} segments, expected ${samples * bytesPerSample} for ${samples} samples of ` +
        `${bitsAllocated} bits.`,
    );
  }
  const values =
    bytesPerSample === 1 ? new Uint8Array(area * samples) : new Uint16Array(area * samples);
  for (let segment = 0; segment < segments; segment++) {
    const start = view.getUint32(4 + segment * 4, true);
    const end = segment + 1 < segments ? view.getUint32(8 + segment * 4, true) : bytes.length;
    const plane = unpackBits(bytes.subarray(start, end), area, where);
    const sample = Math.floor(segment / bytesPerSample);
    const shift = 8 * (bytesPerSample - 1 - (segment % bytesPerSample));
    for (let p = 0; p < area; p++) values[p * samples + sample] |= plane[p] << shift;
  }
  return values;
}

function unpackBits(data: Uint8Array, length: number, where: string): Uint8Array {
  const out = new Uint8Array(length);
  let to = 0;
  for (let at = 0; to < length && at < data.length; ) {
    const count = (data[at++] << 24) >> 24;
    if (count >= 0) {
      const literal = data.subarray(at, at + Math.min(count + 1, length - to));
      out.set(literal, to);
      to += literal.length;
      at += count + 1;
    } else if (count !== -128) {
      const run = Math.min(1 - count, length - to);
      out.fill(data[at++], to, to + run);
      to += run;
    }
  }
  if (to < length) {
    throw new RangeError(
      `${where}: RLE pixels are truncated, got ${to} bytes, expected ${length}.`,
    );
  }
  return out;
}
