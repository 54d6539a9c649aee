// Decompresses data of known size; safe against files that unpack to more than they declare.

import { Inflate, Unzlib } from 'fflate';

/** Deflate cannot compress data by more than this factor. */
const MAX_DEFLATE_RATIO = 1032;
/** Size of the input chunks: limits how much a hostile stream can unpack before its length is checked. */
const STEP_BYTES = 1 << 12;

/**
 * Inflates `data` to exactly `size` bytes.
 *
 * @param format `deflate` is the raw stream of zip, `zlib` the wrapped one of PNG
 * @param where start of error messages
 * @throws RangeError if the data is damaged or truncated, or unpacks to another size
 */
export function inflateExactly(
  data: Uint8Array,
  size: number,
  format: 'deflate' | 'zlib',
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
  const receive = (chunk: Uint8Array) => {
    if (length + chunk.length > size) {
      throw new RangeError(
        `${where}: unpacks to more than it declares, expected ${size} bytes. The file is damaged or hostile.`,
      );
    }
    out.set(chunk, length);
    length += chunk.length;
  };
  const stream = format === 'zlib' ? new Unzlib(receive) : new Inflate(receive);
  try {
    for (let start = 0; start < data.length; start += STEP_BYTES) {
      stream.push(data.subarray(start, start + STEP_BYTES), start + STEP_BYTES >= data.length);
    }
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new RangeError(
      `${where}: compressed data is damaged or truncated (${(error as Error).message}).`,
    );
  }
  if (length !== size) {
    throw new RangeError(
      `${where}: unpacks to ${length} bytes, expected ${size}. The file is damaged or truncated.`,
    );
  }
  return out;
}
