// Small image files to begin from: one of every kind that is read.

import { gzipSync, zlibSync } from 'fflate';
import jpegJs from 'jpeg-js';
import { encodePng } from '../../gfsr/image/png-encode.ts';
import { npy } from '../support/npz.ts';
import { chunk, IEND, idat, ihdr, png } from '../support/png.ts';

const SIDE = 8;
const gradient = (channels: number): Uint8Array =>
  Uint8Array.from({ length: SIDE * SIDE * channels }, (_, i) => (i * 7) % 256);

export const pngFiles = (): Uint8Array[] => [
  encodePng({ width: SIDE, height: SIDE, channels: 1, data: gradient(1) }),
  encodePng({ width: SIDE, height: SIDE, channels: 3, data: gradient(3) }),
  png(ihdr(2, 2, 16), idat([0, 0, 1, 2, 3, 0, 4, 5, 6, 7]), IEND),
  png(
    ihdr(4, 2, 8, 3),
    chunk('PLTE', [0, 0, 0, 255, 0, 0]),
    chunk('tRNS', [0, 128]),
    idat([0, 0, 1, 0, 1, 0, 1, 0, 1, 0]),
    IEND,
  ),
  png(ihdr(3, 3, 1, 0, 1), chunk('IDAT', zlibSync(new Uint8Array(12))), IEND),
];

export const jpegFiles = (): Uint8Array[] =>
  [30, 90].map((quality) => {
    const data = gradient(4);
    return new Uint8Array(jpegJs.encode({ width: SIDE, height: SIDE, data }, quality).data);
  });

const u16 = (value: number): number[] => [value & 255, (value >> 8) & 255];
const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** An element of a DICOM file, explicit and little endian. */
function element(tag: number, kind: string, value: string | readonly number[]): number[] {
  const bytes = typeof value === 'string' ? ascii(value) : [...value];
  if (bytes.length % 2 > 0) bytes.push(typeof value === 'string' ? 32 : 0);
  const isLong = kind === 'OW' || kind === 'OB';
  const length = isLong ? [0, 0, ...u16(bytes.length), 0, 0] : u16(bytes.length);
  return [...u16(tag >>> 16), ...u16(tag & 0xffff), ...ascii(kind), ...length, ...bytes];
}

const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
const UNCOMPRESSED = '1.2.840.10008.1.2.1';

interface Pixels {
  readonly syntax: string;
  readonly bits: number;
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
}

/** An image; `pixels` is its last element. */
function dicom(
  { syntax, bits, rows, columns, samples }: Pixels,
  pixels: readonly number[],
): Uint8Array {
  const meta = element(0x00020010, 'UI', `${syntax}\0`);
  return Uint8Array.from([
    ...new Array(128).fill(0),
    ...ascii('DICM'),
    ...element(0x00020000, 'UL', [...u16(meta.length), 0, 0]),
    ...meta,
    ...element(0x00280002, 'US', u16(samples)),
    ...element(0x00280004, 'CS', samples === 1 ? 'MONOCHROME2' : 'YBR_FULL_422'),
    ...element(0x00280008, 'IS', '1'),
    ...element(0x00280010, 'US', u16(rows)),
    ...element(0x00280011, 'US', u16(columns)),
    ...[0x00280100, 0x00280101].flatMap((tag) => element(tag, 'US', u16(bits))),
    ...element(0x00280102, 'US', u16(bits - 1)),
    ...element(0x00280103, 'US', u16(0)),
    ...element(0x00281050, 'DS', '40'),
    ...element(0x00281051, 'DS', '400'),
    ...pixels,
  ]);
}

/** Pixel data of one compressed frame. */
function encapsulated(frame: Uint8Array): number[] {
  const item = (bytes: ArrayLike<number>) => [
    ...[0xfe, 0xff, 0x00, 0xe0, ...u16(bytes.length), ...u16(bytes.length >> 16)],
    ...Array.from(bytes),
  ];
  const even = frame.length % 2 === 0 ? frame : [...frame, 0];
  const head = [...u16(0x7fe0), ...u16(0x0010), ...ascii('OB'), 0, 0, 255, 255, 255, 255];
  return [...head, ...item([]), ...item(even), 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];
}

export function dicomFiles(): Uint8Array[] {
  const values = [0, 40, 80, 120, 160, 200, 240, 280].flatMap(u16);
  const [jpeg] = jpegFiles();
  const grey = { syntax: UNCOMPRESSED, rows: 2, columns: 4, samples: 1 };
  return [
    dicom({ ...grey, bits: 16 }, element(0x7fe00010, 'OW', values)),
    dicom({ ...grey, bits: 8 }, element(0x7fe00010, 'OW', [1, 2, 3, 4, 5, 6, 7, 8])),
    dicom(
      { syntax: JPEG_BASELINE, bits: 8, rows: SIDE, columns: SIDE, samples: 3 },
      encapsulated(jpeg),
    ),
  ];
}

/** A NIfTI-1 file of 4 × 3 × 2 voxels of a type, as it is and packed. */
export function niftiFiles(): Uint8Array[] {
  return [
    [2, 1],
    [4, 2],
    [16, 4],
  ].flatMap(([type, size]) => {
    const bytes = new Uint8Array(352 + 24 * size);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, 348, true);
    [3, 4, 3, 2].forEach((n, i) => void view.setInt16(40 + i * 2, n, true));
    view.setInt16(70, type, true);
    view.setInt16(72, 8 * size, true);
    view.setFloat32(108, 352, true);
    view.setInt16(254, 1, true);
    for (let i = 0; i < 3; i++) view.setFloat32(280 + i * 20, 1, true);
    bytes.set(ascii('n+1'), 344);
    return [bytes, gzipSync(bytes)];
  });
}

export const npyFiles = (): Uint8Array[] => [
  npy([4, 4], new Uint8Array(16)),
  npy([4, 4, 3], new Uint8Array(48)),
  npy([2, 4, 4], Float32Array.from({ length: 32 }, Math.sqrt), '<f4'),
  npy([4, 4], new Int16Array(16), '<i2'),
  npy([4, 4], new Uint8Array(16), '|b1'),
  npy([2, 2], new Float64Array(4), '<f8'),
];
