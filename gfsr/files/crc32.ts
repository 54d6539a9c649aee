// The checksums of zip, PNG and our own tensor files, and of TensorBoard: they find every flipped bit.

/** Remainders of all bytes. @param polynomial with its bits reversed */
const tableOf = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? polynomial ^ (c >>> 1) : c >>> 1;
    return c;
  });

const TABLE = tableOf(0xedb88320);
const CASTAGNOLI = tableOf(0x82f63b78);

/**
 * CRC-32 (ISO 3309), an unsigned integer.
 *
 * @param before checksum of the bytes that come before these
 */
export const crc32 = (bytes: Uint8Array, before = 0): number => remainder(TABLE, bytes, before);

/** CRC-32C (RFC 3720, Castagnoli), an unsigned integer. */
export const crc32c = (bytes: Uint8Array): number => remainder(CASTAGNOLI, bytes, 0);

function remainder(table: Uint32Array, bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]) & 0xff];
  return ~crc >>> 0;
}
