// Opens a NIfTI-1 or NIfTI-2 file: the sizes, types and orientation of its volumes, and the stored voxels.
//
// Source: nifti1.h and nifti2.h of the NIfTI Data Format Working Group.

import { inflateAtMost } from '../../files/inflate.ts';
import { checkLimit } from '../../files/limits.ts';
import { type PixelValues, type ResolvedOptions, startsWith } from './format.ts';

/** A volume, or a series of them, as they are stored. */
export interface NiftiFile {
  /** Lengths of the axes, the fastest first; three of space, then time and others. */
  readonly shape: readonly number[];
  /** Numbers per voxel: 1, or 3 of RGB. */
  readonly samples: 1 | 3;
  /** Stored values, first axis fastest; `slope` and `intercept` make the real ones. */
  readonly stored: PixelValues;
  readonly slope: number;
  readonly intercept: number;
  /** Rows of the 3 × 3 part of the affine: how voxel axes (columns) run to the right, to the front, and up. */
  readonly directions: readonly (readonly number[])[];
  /** The values that the file wants shown as black and white, if it says so. */
  readonly shown?: { readonly black: number; readonly white: number };
}

interface Kind {
  readonly bytes: number;
  readonly make: new (length: number) => PixelValues;
  readonly read: (view: DataView, at: number, little: boolean) => number;
}

/** By the number of the data type; signed bytes and 64-bit whole numbers go into wider numbers. */
const KINDS = new Map<number, Kind>([
  [2, { bytes: 1, make: Uint8Array, read: (view, at) => view.getUint8(at) }],
  [4, { bytes: 2, make: Int16Array, read: (view, at, le) => view.getInt16(at, le) }],
  [8, { bytes: 4, make: Int32Array, read: (view, at, le) => view.getInt32(at, le) }],
  [16, { bytes: 4, make: Float32Array, read: (view, at, le) => view.getFloat32(at, le) }],
  [64, { bytes: 8, make: Float64Array, read: (view, at, le) => view.getFloat64(at, le) }],
  [128, { bytes: 1, make: Uint8Array, read: (view, at) => view.getUint8(at) }],
  [256, { bytes: 1, make: Int16Array, read: (view, at) => view.getInt8(at) }],
  [512, { bytes: 2, make: Uint16Array, read: (view, at, le) => view.getUint16(at, le) }],
  [768, { bytes: 4, make: Uint32Array, read: (view, at, le) => view.getUint32(at, le) }],
  [1024, { bytes: 8, make: Float64Array, read: (v, at, le) => Number(v.getBigInt64(at, le)) }],
  [1280, { bytes: 8, make: Float64Array, read: (v, at, le) => Number(v.getBigUint64(at, le)) }],
]);
const RGB = 128;

/** Bytes before the voxels, at least: header and extension flag. */
const HEADER_BYTES = { 1: 348, 2: 540 } as const;

const isGzip = (bytes: Uint8Array): boolean => startsWith(bytes, [0x1f, 0x8b]);

/** 1 or 2, and the byte order, from the length of the header, which comes first; undefined for another file. */
export function niftiVersion(bytes: Uint8Array): { version: 1 | 2; little: boolean } | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  for (const version of [1, 2] as const) {
    for (const little of [true, false]) {
      if (view.getInt32(0, little) === HEADER_BYTES[version]) return { version, little };
    }
  }
  return undefined;
}

/**
 * Reads the header and all voxels.
 *
 * @throws RangeError for a file that is damaged, truncated or too large, or a kind that is not read
 */
export function openNifti(
  file: Uint8Array,
  { where, maxBytes }: Pick<ResolvedOptions, 'where' | 'maxBytes'>,
): NiftiFile {
  const bytes = isGzip(file) ? inflateAtMost(file, maxBytes, 'gzip', where) : file;
  const found = niftiVersion(bytes);
  if (!found || bytes.length < HEADER_BYTES[found.version]) {
    throw new RangeError(
      `${where}: not a NIfTI file, or a truncated one of ${bytes.length} bytes.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(view, found.version, found.little);
  if (header.magic === 'ni1' || header.magic === 'ni2') {
    throw new RangeError(
      `${where}: header of a pair of .hdr and .img, expected one .nii file. Join them, for example with fslchfiletype.`,
    );
  }
  const kind = KINDS.get(header.type);
  if (!/^n\+[12]$/.test(header.magic) || !kind) {
    throw new RangeError(
      `${where}: NIfTI with data type ${header.type} and magic ${JSON.stringify(header.magic)}, expected real numbers or ` +
        'RGB in one file.',
    );
  }
  const samples = header.type === RGB ? 3 : 1;
  const length = header.shape.reduce((size, n) => size * n, samples);
  const start = Math.max(header.offset, HEADER_BYTES[found.version]);
  const positive = header.shape.every((n) => Number.isInteger(n) && n >= 1);
  const needed = start + length * kind.bytes;
  if (!positive || !Number.isInteger(start) || !(needed <= bytes.length)) {
    throw new RangeError(
      `${where}: NIfTI of [${header.shape.join(', ')}] voxels needs ${needed} bytes, got ${bytes.length}. ` +
        'The file is truncated or damaged.',
    );
  }
  checkLimit('dataBytes', length * kind.bytes, `${where}: voxels`, maxBytes);
  const stored = new kind.make(length);
  for (let i = 0; i < length; i++) {
    stored[i] = kind.read(view, start + i * kind.bytes, found.little);
  }
  const { shape, directions, shown } = header;
  const scaled = header.slope !== 0 && Number.isFinite(header.slope) && samples === 1;
  const [slope, intercept] = scaled ? [header.slope, header.intercept || 0] : [1, 0];
  return { shape, samples, stored, slope, intercept, directions, ...(shown && { shown }) };
}

/** Offsets in NIfTI-1; NIfTI-2 has the same fields, wider and elsewhere. */
function readHeader(view: DataView, version: 1 | 2, le: boolean) {
  const first = version === 1;
  const real = (one: number, two: number) =>
    first ? view.getFloat32(one, le) : view.getFloat64(two, le);
  const whole = (one: number, two: number, i = 0) =>
    first ? view.getInt16(one + i * 2, le) : Number(view.getBigInt64(two + i * 8, le));
  const code = (one: number, two: number) =>
    first ? view.getInt16(one, le) : view.getInt32(two, le);
  const reals = (one: number, two: number, count: number) =>
    Array.from({ length: count }, (_, i) => real(one + i * 4, two + i * 8));
  const dimensions = Math.min(Math.max(whole(40, 16), 0), 7);
  const shape = Array.from({ length: dimensions }, (_, i) => whole(40, 16, i + 1));
  while (shape.length < 3) shape.push(1);
  const zooms = reals(76, 104, 8);
  const black = real(128, 200);
  const white = real(124, 192);
  const directions =
    code(254, 348) > 0
      ? [0, 1, 2].map((row) => reals(280 + row * 16, 400 + row * 32, 3))
      : code(252, 344) > 0
        ? quaternionDirections(reals(256, 352, 3), zooms)
        : [0, 1, 2].map((row) => [0, 1, 2].map((column) => (row === column ? 1 : 0)));
  const magic = [0, 1, 2].map((i) => String.fromCharCode(view.getUint8((first ? 344 : 4) + i)));
  return {
    shape,
    type: view.getInt16(first ? 70 : 12, le),
    offset: first ? view.getFloat32(108, le) : Number(view.getBigInt64(168, le)),
    slope: real(112, 176),
    intercept: real(116, 184),
    ...(white > black && Number.isFinite(white - black) && { shown: { black, white } }),
    directions,
    magic: magic.join(''),
  };
}

/**
 * Rotation of the quaternion (a, b, c, d), a = √(1 − b² − c² − d²), times voxel sizes; zooms[0] < 0 mirrors the third
 * axis.
 */
function quaternionDirections([b, c, d]: number[], zooms: number[]): number[][] {
  const a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
  const mirror = zooms[0] < 0 ? -1 : 1;
  const rotation = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
  const sizes = [zooms[1], zooms[2], zooms[3] * mirror];
  return rotation.map((row) => row.map((value, i) => value * sizes[i]));
}
