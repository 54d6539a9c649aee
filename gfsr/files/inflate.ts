// Decompresses data up to a limit; safe against files that unpack to more than they declare.

import { Gunzip, Inflate, Unzlib } from 'fflate';
import { reasonOf } from '../text/reason.ts';
import { crc32 } from './crc32.ts';
import { checkLimit } from './limits.ts';

/** Deflate cannot compress data by more than this factor. */
const MAX_DEFLATE_RATIO = 1032;
/** Size of the input chunks: limits how much a hostile stream can unpack before its length is checked. */
const STEP_BYTES = 1 << 12;

/** `deflate` is the raw stream of zip, `zlib` the wrapped one of PNG, `gzip` that of .gz files. */
export type DeflateFormat = 'deflate' | 'zlib' | 'gzip';

/**
 * Inflates `data` to exactly `size` bytes.
 *
 * @param where start of error messages
 * @throws RangeError if the data is damaged or truncated, or unpacks to another size
 */
export function inflateExactly(
  data: Uint8Array,
  size: number,
  format: DeflateFormat,
  where: string,
): Uint8Array {
  if (size > data.length * MAX_DEFLATE_RATIO) {
    throw new RangeError(
      `${where}: ${data.length} compressed bytes cannot hold the declared size, got ${size} bytes, ` +
        `expected at most ${data.length * MAX_DEFLATE_RATIO}. The file is damaged or hostile.`,
    );
  }
  const out = new Uint8Array(size);
  let length = 0;
  inflate(data, format, where, (chunk) => {
    if (length + chunk.length > size) {
      throw new RangeError(
        `${where}: unpacks to more than it declares, expected ${size} bytes. The file is damaged or hostile.`,
      );
    }
    out.set(chunk, length);
    length += chunk.length;
  });
  if (length !== size) {
    throw new RangeError(
      `${where}: unpacks to ${length} bytes, expected ${size}. The file is damaged or truncated.`,
    );
  }
  return out;
}

/**
 * Inflates data of any size up to `most` bytes, which are held once. Data that does not say its size is inflated twice.
 *
 * @param where start of error messages
 * @throws RangeError if the data is damaged, truncated, or unpacks to more
 */
export function inflateAtMost(
  data: Uint8Array,
  most: number,
  format: DeflateFormat,
  where: string,
): Uint8Array {
  const largest = Math.min(most, data.length * MAX_DEFLATE_RATIO);
  const out = new Uint8Array(format === 'gzip' ? Math.min(gzipSize(data), largest) : 0);
  let length = 0;
  inflate(data, format, where, (chunk) => {
    if (length + chunk.length <= out.length) out.set(chunk, length);
    length += chunk.length;
    checkLimit('dataBytes', length, `${where}: unpacked`, most);
  });
  return length === out.length ? out : inflateExactly(data, length, format, where);
}

/** The size in the last four bytes, which is that of the data unless the file has several parts, or lies. */
function gzipSize({ buffer, byteOffset, length }: Uint8Array): number {
  return length < 4 ? 0 : new DataView(buffer, byteOffset + length - 4).getUint32(0, true);
}

const STREAMS = { deflate: Inflate, zlib: Unzlib };

function inflate(
  data: Uint8Array,
  format: DeflateFormat,
  where: string,
  receive: (chunk: Uint8Array) => void,
): void {
  const stream =
    format === 'gzip' ? checkedGunzip(data, where, receive) : new STREAMS[format](receive);
  try {
    for (let start = 0; start < data.length; start += STEP_BYTES) {
      stream.push(data.subarray(start, start + STEP_BYTES), start + STEP_BYTES >= data.length);
    }
    // The last part has no other one behind it that would announce its end.
    if (stream instanceof Gunzip) stream.onmember?.(data.length);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new RangeError(`${where}: compressed data is damaged or truncated${reasonOf(error)}.`);
  }
}

/** Checksum and length at the end of each part. */
const TRAILER_BYTES = 8;

/** Compares each part with the checksum and the length at its end (RFC 1952), which fflate skips; zeros may follow. */
function checkedGunzip(
  data: Uint8Array,
  where: string,
  receive: (chunk: Uint8Array) => void,
): Gunzip {
  const { buffer, byteOffset, byteLength } = data;
  const view = new DataView(buffer, byteOffset, byteLength);
  let [sum, length] = [0, 0];
  const endsAt = (end: number) =>
    view.getUint32(end - 8, true) === sum && view.getUint32(end - 4, true) === length % 2 ** 32;
  const stream = new Gunzip((chunk) => {
    receive(chunk);
    sum = crc32(chunk, sum);
    length += chunk.length;
  });
  stream.onmember = (next) => {
    let end = next;
    while (end >= TRAILER_BYTES && !endsAt(end) && data[end - 1] === 0) end--; // padding
    if (end < TRAILER_BYTES || !endsAt(end)) {
      throw new RangeError(
        `${where}: what it unpacks to does not match its checksum. The file is damaged or truncated: get it again.`,
      );
    }
    [sum, length] = [0, 0];
  };
  return stream;
}
