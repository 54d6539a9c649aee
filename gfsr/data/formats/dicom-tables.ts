// Look-up tables of DICOM files: modality and VOI tables of grey values, and palettes.

import type { DataSet } from 'dicom-parser';
import type { DicomFile } from './dicom-file.ts';
import type { PixelValues } from './format.ts';

/** What a stored value stands for. */
export interface LookupTable {
  /** Stored value of the first entry; lower ones take the first, higher ones the last. */
  readonly first: number;
  /** Bits of an entry. */
  readonly bits: number;
  readonly entries: Uint16Array;
}

/** The first table of a sequence (PS3.3 C.11.1 and C.11.2); undefined where there is none, or a broken one. */
export function readTable(file: DicomFile, sequence: string): LookupTable | undefined {
  const item = file.dataSet.elements[sequence]?.items?.[0]?.dataSet;
  return item && readEntries(item, file, 'x00283002', 'x00283006');
}

function readEntries(
  tags: DataSet,
  { bigEndian, layout, bytes }: DicomFile,
  descriptor: string,
  data: string,
): LookupTable | undefined {
  const element = tags.elements[data];
  const count = tags.uint16(descriptor, 0);
  const first = layout.signed ? tags.int16(descriptor, 1) : tags.uint16(descriptor, 1);
  const bits = tags.uint16(descriptor, 2);
  if (!element || count === undefined || first === undefined || !(bits && bits <= 16))
    return undefined;
  // No entries stands for 65,536, which 16 bits cannot say.
  const entries = new Uint16Array(count || 65_536);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = element.length < entries.length * 2;
  if (element.length < entries.length * (packed ? 1 : 2)) return undefined;
  for (let i = 0; i < entries.length; i++) {
    entries[i] = packed
      ? bytes[element.dataOffset + i]
      : view.getUint16(element.dataOffset + i * 2, !bigEndian);
  }
  return { first, bits, entries };
}

/** Every value replaced by its entry. */
export function applyTable(values: PixelValues, { first, entries }: LookupTable): Uint16Array {
  const last = entries.length - 1;
  return Uint16Array.from(values, (value) => {
    const at = Math.round(value) - first;
    return entries[at < 0 ? 0 : at > last ? last : at];
  });
}

/** Red, green and blue: tags of their descriptors, their data, and their data in segments. */
const PALETTE = [
  ['x00281101', 'x00281201', 'x00281221'],
  ['x00281102', 'x00281202', 'x00281222'],
  ['x00281103', 'x00281203', 'x00281223'],
] as const;

/**
 * [H, W] of indices as [H, W, 3] of colours, 0 to 255.
 *
 * @throws RangeError for a palette that is missing, damaged, or in segments
 */
export function readPalette(file: DicomFile, values: PixelValues, where: string): Uint8Array {
  const out = new Uint8Array(values.length * 3);
  for (const [channel, [descriptor, data, segmented]] of PALETTE.entries()) {
    const table = readEntries(file.dataSet, file, descriptor, data);
    if (!table) {
      const got = file.dataSet.elements[segmented] ? 'one in segments' : 'none, or a damaged one';
      throw new RangeError(
        `${where}: palette of a DICOM image, got ${got}, expected three whole tables.`,
      );
    }
    const { entries } = table;
    // Tables that are declared to have 16 bits hold 8 of them in some files.
    const shift = table.bits > 8 && entries.some((entry) => entry > 255) ? table.bits - 8 : 0;
    const colours = applyTable(values, table);
    for (let p = 0; p < colours.length; p++) out[p * 3 + channel] = colours[p] >> shift;
  }
  return out;
}
