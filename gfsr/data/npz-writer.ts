// Writes numpy's .npz archives: arrays of numbers and of text.

import { zipSync } from 'fflate';
import { joinBytes } from '../files/join-bytes.ts';

/** An array of numbers with its shape, or a list of texts. */
export type WritableArray =
  | { readonly shape: readonly number[]; readonly data: Float32Array | Int32Array | Uint8Array }
  | readonly string[];

/** The bytes of an archive, whose arrays `numpy.load` gives by name. */
export function encodeNpz(arrays: Readonly<Record<string, WritableArray>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]);
  // The same arrays give the same bytes: the archive has no time of its own.
  return zipSync(Object.fromEntries(files), { level: 6, mtime: '1980-01-01T00:00:00' });
}

/** The bytes of a .npy file, version 1. @throws RangeError if the data does not have the shape */
export function encodeNpy(array: WritableArray): Uint8Array {
  const [dtype, shape, bytes] = isText(array) ? encodeText(array) : encodeNumbers(array);
  return joinBytes([npyHeader(dtype, shape), bytes]);
}

/** What stands before the data of a .npy file. @param dtype as numpy writes it: `|u1` for bytes, `<f4` for floats */
export function npyHeader(dtype: string, shape: readonly number[]): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${dims}), }`;
  // Data begins at a multiple of 64 bytes.
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const out = new Uint8Array(10 + length);
  out.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, length & 255, length >> 8]);
  out.set(new TextEncoder().encode(`${header.padEnd(length - 1)}\n`), 10);
  return out;
}

const isText = (array: WritableArray): array is readonly string[] => Array.isArray(array);

type Encoded = readonly [dtype: string, shape: readonly number[], bytes: Uint8Array];

function encodeNumbers({ shape, data }: Exclude<WritableArray, readonly string[]>): Encoded {
  if (shape.reduce((size, n) => size * n, 1) !== data.length) {
    throw new RangeError(`encodeNpy: got ${data.length} values, expected [${shape.join(', ')}].`);
  }
  const dtype = data instanceof Float32Array ? '<f4' : data instanceof Int32Array ? '<i4' : '|u1';
  return [dtype, shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

/** UTF-32, each text as long as the longest. */
function encodeText(texts: readonly string[]): Encoded {
  const letters = texts.map((text) =>
    Array.from(text, (letter) => letter.codePointAt(0) as number),
  );
  const longest = Math.max(1, ...letters.map(({ length }) => length));
  const all = new Uint32Array(texts.length * longest);
  for (const [i, each] of letters.entries()) all.set(each, i * longest);
  return [`<U${longest}`, [texts.length], new Uint8Array(all.buffer)];
}
