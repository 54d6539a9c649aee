// Reads numpy's .npy arrays (format versions 1 to 3; little-endian, C order) from bytes.

import { listed, quoted } from '../text/visible.ts';

export type NpyData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

export interface NpyArray {
  shape: number[];
  /** numpy's type string, such as "|u1". */
  dtype: string;
  /** Values in C order, one per element; booleans are 0 and 1. */
  data: NpyData;
}

const DTYPES = new Map<string, { new (buffer: ArrayBuffer): NpyData; BYTES_PER_ELEMENT: number }>([
  ['|u1', Uint8Array],
  ['|i1', Int8Array],
  ['|b1', Uint8Array],
  ['<u2', Uint16Array],
  ['<i2', Int16Array],
  ['<u4', Uint32Array],
  ['<i4', Int32Array],
  ['<i8', BigInt64Array],
  ['<f4', Float32Array],
  ['<f8', Float64Array],
]);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Reads one .npy array. The data is copied out of `bytes`.
 *
 * @param where start of error messages
 * @throws RangeError for a damaged, truncated or unsupported file
 */
export function parseNpy(bytes: Uint8Array, where = 'npy'): NpyArray {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new RangeError(`${where}: not a .npy array (no numpy signature).`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6];
  if (version < 1 || version > 3) {
    throw new RangeError(`${where}: .npy version, got ${version}, expected 1, 2 or 3.`);
  }
  const headerStart = version === 1 ? 10 : 12;
  const headerLength =
    version === 1 ? view.getUint16(8, true) : bytes.length < 12 ? 0 : view.getUint32(8, true);
  const dataStart = headerStart + headerLength;
  if (dataStart > bytes.length) {
    throw new RangeError(
      `${where}: truncated, header ends at byte ${dataStart}, got ${bytes.length} bytes.`,
    );
  }
  const header = new TextDecoder().decode(bytes.subarray(headerStart, dataStart));
  const { dtype, shape } = parseHeader(header, where);
  const Type = DTYPES.get(dtype);
  if (!Type) {
    throw new RangeError(
      `${where}: dtype, got ${listed([dtype])}, expected one of ${[...DTYPES.keys()].join(' ')}. ` +
        'Convert with array.astype(...) before np.savez.',
    );
  }
  const expected = shape.reduce((size, length) => size * length, Type.BYTES_PER_ELEMENT);
  const got = bytes.length - dataStart;
  if (expected !== got) {
    throw new RangeError(
      `${where}: shape [${shape.join(', ')}] of ${dtype} needs ${expected} bytes, got ${got}.`,
    );
  }
  // A copy has its own buffer, aligned for any type. Not slice(): for a Node Buffer that is a view.
  const copy = new Uint8Array(bytes.subarray(dataStart)).buffer;
  return { shape, dtype, data: new Type(copy) };
}

/** The header is a Python dictionary literal: {'descr': '|u1', 'fortran_order': False, 'shape': (3, 4), } */
function parseHeader(header: string, where: string): { dtype: string; shape: number[] } {
  const dtype = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(header)?.[1];
  const fortran = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(header)?.[1];
  const dimensions = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (dtype === undefined || fortran === undefined || dimensions === undefined) {
    throw new RangeError(
      `${where}: header not understood, got ${quoted(header.trim())}, ` +
        "expected {'descr': '|u1', 'fortran_order': False, 'shape': (...)}.",
    );
  }
  if (fortran === 'True') {
    throw new RangeError(
      `${where}: Fortran order, expected C order. Save np.ascontiguousarray(array) instead.`,
    );
  }
  const shape = dimensions
    .split(',')
    .map((length) => length.trim().replace(/L$/, ''))
    .filter((length) => length !== '')
    .map(Number);
  const elements = shape.reduce((size, length) => size * length, 1);
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(elements * 8)) {
    throw new RangeError(`${where}: shape too large, got ${quoted(`(${dimensions})`)}.`);
  }
  return { dtype, shape };
}
