// The stored values of a DICOM file, of every layout and transfer syntax that is read, before they mean anything.

import type { Element } from 'dicom-parser';
import { reasonOf } from '../../text/reason.ts';
import { decodeFrame, isNative } from './dicom-codecs.ts';
import type { DicomFile, PixelLayout } from './dicom-file.ts';
import { checkSize, type PixelValues, type ResolvedOptions } from './format.ts';

/** Values as they are stored, colours pixel by pixel. */
export interface StoredPixels {
  /** [frames, rows, columns, samples]; chroma of YBR_FULL_422 repeated to full width, single bits as 0 and 1. */
  readonly values: PixelValues;
  /** As the file says, or RGB where the codec has converted the colours. */
  readonly photometric: string;
}

/**
 * Reads and, where they are compressed, decompresses the pixels.
 *
 * @throws RangeError for pixels that are missing, truncated, damaged, or of a kind that is not read
 */
export async function readStored(file: DicomFile, options: ResolvedOptions): Promise<StoredPixels> {
  const { dataSet, layout, pixelTag, syntax } = file;
  const { rows, columns, frames, samples, photometric } = layout;
  checkSize({ width: columns, height: rows }, options, samples * 4, frames);
  const element = dataSet.elements[pixelTag];
  if (isNative(syntax)) return { values: readNative(file, element, options.where), photometric };
  const encoded = await splitFrames(file, element, options.where);
  const size = rows * columns * samples;
  const values = emptyValues(layout, frames * size);
  let shown = photometric;
  for (const [i, bytes] of encoded.entries()) {
    const frame = await decodeFrame(bytes, syntax, layout, options);
    values.set(frame.values, i * size);
    if (frame.isRgb) shown = 'RGB';
  }
  cutBits(values, layout);
  return { values, photometric: shown };
}

function emptyValues({ bitsAllocated, signed }: PixelLayout, length: number): PixelValues {
  if (bitsAllocated <= 8) return signed ? new Int16Array(length) : new Uint8Array(length);
  if (bitsAllocated === 16) return signed ? new Int16Array(length) : new Uint16Array(length);
  return signed ? new Int32Array(length) : new Uint32Array(length);
}

function readNative(file: DicomFile, element: Element, where: string): PixelValues {
  const { layout, bytes, pixelTag, bigEndian } = file;
  const { rows, columns, frames, samples, bitsAllocated } = layout;
  const halved = layout.photometric === 'YBR_FULL_422' && samples === 3;
  const count = frames * rows * columns * (halved ? 2 : samples);
  const needed = Math.ceil((count * bitsAllocated) / 8);
  if (element.length < needed || element.dataOffset + needed > bytes.length) {
    const got = Math.min(element.length, bytes.length - element.dataOffset);
    throw new RangeError(
      `${where}: DICOM pixels are truncated, got ${got} bytes, expected ${needed}.`,
    );
  }
  const data = bytes.subarray(element.dataOffset, element.dataOffset + needed);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (pixelTag !== 'x7fe00010') {
    const double = pixelTag === 'x7fe00009';
    if (bitsAllocated !== (double ? 64 : 32)) throw wrongBits(bitsAllocated, where);
    const floats = double ? new Float64Array(count) : new Float32Array(count);
    for (let i = 0; i < count; i++) {
      floats[i] = double ? view.getFloat64(i * 8, !bigEndian) : view.getFloat32(i * 4, !bigEndian);
    }
    return floats;
  }
  if (bitsAllocated > 32) throw wrongBits(bitsAllocated, where);
  const values = emptyValues(layout, count);
  if (bitsAllocated === 1) {
    for (let i = 0; i < count; i++) values[i] = (data[i >> 3] >> (i & 7)) & 1;
  } else if (bitsAllocated === 8) {
    // Big endian words hold the second of two bytes first.
    const swapped = bigEndian && element.vr === 'OW' ? 1 : 0;
    for (let i = 0; i < count; i++) values[i] = data[i ^ swapped] ?? 0;
  } else {
    const wide = bitsAllocated === 32;
    for (let i = 0; i < count; i++) {
      values[i] = wide ? view.getUint32(i * 4, !bigEndian) : view.getUint16(i * 2, !bigEndian);
    }
  }
  cutBits(values, layout);
  if (halved) return widenChroma(values, rows * columns * frames);
  return layout.planar && samples === 3 ? interleave(values, rows * columns, frames) : values;
}

const wrongBits = (bits: number, where: string): RangeError =>
  new RangeError(`${where}: DICOM pixels of ${bits} bits, expected 1, 8, 16 or 32, or floats.`);

/** Takes the stored bits out of the allocated ones, with their sign. */
function cutBits(
  values: PixelValues,
  { bitsAllocated, bitsStored, highBit, signed }: PixelLayout,
): void {
  const whole = bitsStored === bitsAllocated;
  if (bitsAllocated === 1 || (whole && !(signed && bitsAllocated === 8))) return;
  const [up, down] = [31 - highBit, 32 - bitsStored];
  for (let i = 0; i < values.length; i++) {
    const bits = values[i] << up;
    values[i] = signed ? bits >> down : bits >>> down;
  }
}

/** R…G…B… of each frame to RGBRGB…. */
function interleave(values: PixelValues, area: number, frames: number): PixelValues {
  const out = values.slice();
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * area * 3;
    for (let p = 0; p < area; p++) {
      for (let c = 0; c < 3; c++) out[start + p * 3 + c] = values[start + c * area + p];
    }
  }
  return out;
}

/** Y Y Cb Cr of each pair of pixels to Y Cb Cr Y Cb Cr. */
function widenChroma(values: PixelValues, pixels: number): PixelValues {
  const out = new Uint8Array(pixels * 3);
  for (let p = 0; p < pixels; p++) {
    const pair = (p >> 1) * 4;
    out[p * 3] = values[pair + (p & 1)];
    out[p * 3 + 1] = values[pair + 2];
    out[p * 3 + 2] = values[pair + 3];
  }
  return out;
}

/** The bytes of each frame: its fragments by the offset table, one each, or all of them. */
async function splitFrames(
  file: DicomFile,
  element: Element,
  where: string,
): Promise<Uint8Array[]> {
  const parser = (await import('dicom-parser')).default;
  const { dataSet, layout } = file;
  const { frames } = layout;
  const { fragments, basicOffsetTable: table } = element;
  if (!fragments?.length)
    throw new RangeError(`${where}: compressed DICOM pixels without fragments.`);
  const bytesOf = (first: number, count: number) =>
    Uint8Array.from(parser.readEncapsulatedPixelDataFromFragments(dataSet, element, first, count));
  try {
    if (frames === 1) return [bytesOf(0, fragments.length)];
    if (fragments.length === frames) return Array.from({ length: frames }, (_, i) => bytesOf(i, 1));
    if (table?.length === frames) {
      const starts = table.map((offset) => fragments.findIndex((each) => each.offset === offset));
      return starts.map((first, i) => bytesOf(first, (starts[i + 1] ?? fragments.length) - first));
    }
  } catch (error) {
    throw new RangeError(`${where}: damaged fragments of DICOM pixels${reasonOf(error)}.`);
  }
  throw new RangeError(
    `${where}: ${frames} frames in ${fragments.length} fragments without an offset table, expected one fragment per frame.`,
  );
}
