// Reads numpy's .npy arrays from bytes: format versions 1 to 3, both byte orders, C and Fortran order.

import { listed, quoted } from '../text/visible.ts';

export type NpyData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export interface NpyArray {
  shape: number[];
  /** numpy's type string, such as "|u1". */
  dtype: string;
  /** Values in C order, one per element; booleans are 0 and 1, float16 is widened to float32. */
  data: NpyData;
}

/** Kind and bytes per element of numpy's type string, without the byte order -> the array that holds such values. */
const DTYPES = new Map<string, { new (buffer: ArrayBuffer): NpyData; BYTES_PER_ELEMENT: number }>([
  ['b1', Uint8Array],
  ['u1', Uint8Array],
  ['u2', Uint16Array],
  ['u4', Uint32Array],
  ['u8', BigUint64Array],
  ['i1', Int8Array],
  ['i2', Int16Array],
  ['i4', Int32Array],
  ['i8', BigInt64Array],
  // Widened to float32 below: JavaScript's Float16Array is too new.
  ['f2', Uint16Array],
  ['f4', Float32Array],
  ['f8', Float64Array],
]);

const MOST_AXES = 64;
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
  const { dtype, shape, fortran } = parseHeader(header, where);
  const Type = /^[<>|=]/.test(dtype) ? DTYPES.get(dtype.slice(1)) : undefined;
  if (!Type) {
    throw new RangeError(
      `${where}: dtype, got ${listed([dtype])}, expected bool, whole numbers or floats: ${[...DTYPES.keys()].join(' ')}. ` +
        `${/^.O/.test(dtype) ? 'Pickled objects are not loaded, since they can run code. ' : ''}` +
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
  const copy = new Uint8Array(bytes.subarray(dataStart));
  if (dtype.startsWith('>')) reverseElements(copy, Type.BYTES_PER_ELEMENT);
  const stored = new Type(copy.buffer);
  const data = dtype.endsWith('f2') ? widened(stored as Uint16Array) : stored;
  return { shape, dtype, data: fortran && shape.length > 1 ? toCOrder(data, shape) : data };
}

/** Turns big-endian elements of `size` bytes to little-endian ones, in place. */
function reverseElements(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** Not `Float32Array.from`, which makes a list of all values first. */
function widened(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  halves.forEach((bits, i) => {
    out[i] = widen(bits);
  });
  return out;
}

/** The number that the 16 bits of an IEEE 754 binary16 stand for. */
function widen(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Values whose first axis is the fastest, as values whose last axis is. */
function toCOrder(data: NpyData, shape: readonly number[]): NpyData {
  const out = data.slice();
  const index = shape.map(() => 0);
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((size, n) => size * n, 1));
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < shape[axis]) break;
      from -= steps[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

/** The header is a Python dictionary literal: {'descr': '|u1', 'fortran_order': False, 'shape': (3, 4), } */
function parseHeader(header: string, where: string) {
  const dtype = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(header)?.[1];
  const fortran = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(header)?.[1];
  const dimensions = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (dtype === undefined || fortran === undefined || dimensions === undefined) {
    throw new RangeError(
      `${where}: header not understood, got ${quoted(header.trim())}, ` +
        "expected {'descr': '|u1', 'fortran_order': False, 'shape': (...)}.",
    );
  }
  const shape = dimensions
    .split(',')
    .map((length) => length.trim().replace(/L$/, ''))
    .filter((length) => length !== '')
    .map(Number);
  if (shape.length > MOST_AXES) {
    throw new RangeError(
      `${where}: shape, got ${shape.length} axes, expected at most ${MOST_AXES}, as numpy has.`,
    );
  }
  const elements = shape.reduce((size, length) => size * length, 1);
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(elements * 8)) {
    throw new RangeError(`${where}: shape too large, got ${quoted(`(${dimensions})`)}.`);
  }
  return { dtype, shape, fortran: fortran === 'True' };
}
