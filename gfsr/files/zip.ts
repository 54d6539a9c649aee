// Reads zip archives through their central directory. Every size is checked before memory is allocated.

import { quoted } from '../text/visible.ts';
import { crc32 } from './crc32.ts';
import { inflateExactly } from './inflate.ts';
import { checkLimit, limitOf } from './limits.ts';

/** Options of `readZip`, and of everything that reads through it. */
export interface ZipOptions {
  /** Start of error messages; default "zip". */
  where?: string;
  /** What the file is to a person, for messages: ".npz". Default "zip". */
  kind?: string;
  /** Maximum number of bytes that all entries together may unpack to. Default 4 GiB. */
  maxBytes?: number;
}

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Unpacks it. @throws RangeError if it is damaged */
  readonly read: () => Uint8Array;
}

interface Entry {
  name: string;
  method: number;
  crc: number;
  compressed: number;
  size: number;
  offset: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_END = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;

/** Images never shrink further than this; a file that says so is made to fill memory. */
const MOST_RATIO = 20;
const HARMLESS_BYTES = 2 ** 29;
const LARGEST_BYTES = 2 ** 32;

/** The bytes that an archive of a given size may unpack to, unless a person allows more. */
const usualMost = (bytes: number): number =>
  Math.min(LARGEST_BYTES, Math.max(HARMLESS_BYTES, MOST_RATIO * bytes));

/**
 * The files of a zip archive (stored or deflated, also zip64), in the order of their places in it.
 *
 * @throws RangeError for a damaged, truncated, encrypted or hostile archive
 */
export function readZip(bytes: Uint8Array, options: ZipOptions = {}): ZipEntry[] {
  const {
    where = 'zip',
    kind = 'zip',
    maxBytes = limitOf('dataBytes', usualMost(bytes.length)),
  } = options;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = findDirectory(view, where, kind);
  const entries = readDirectory(view, directory, where);
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  checkLimit('dataBytes', total, `${where}: unpacked`, maxBytes);
  let taken = 0;
  return entries
    .sort((a, b) => a.offset - b.offset)
    .map((entry): ZipEntry => {
      const at = `${where}: ${quoted(entry.name)}`;
      const start = dataStart(view, entry, at);
      if (entry.offset < taken || start + entry.compressed > directory.start) {
        throw new RangeError(`${at} overlaps another part of the archive. The file is damaged.`);
      }
      const end = start + entry.compressed;
      taken = end;
      return { name: entry.name, read: () => unpack(bytes.subarray(start, end), entry, at) };
    });
}

/** Finds the central directory from the end record, or from the zip64 end record if there is one. */
function findDirectory(view: DataView, where: string, kind: string) {
  const broken = (what: string) =>
    new RangeError(`${where}: not a complete ${kind} archive: ${what}.`);
  let end = view.byteLength - END_BYTES;
  const last = Math.max(0, end - 0xffff);
  while (end >= last && !isEnd(view, end)) end--;
  if (end < last) throw broken('no zip end record, so the file is truncated or of another kind');
  let count = view.getUint16(end + 10, true);
  let size = view.getUint32(end + 12, true);
  let start = view.getUint32(end + 16, true);
  const locator = end - 20;
  if (locator >= 0 && view.getUint32(locator, true) === ZIP64_LOCATOR) {
    const record = readUint64(view, locator + 8);
    if (record + 56 > locator || view.getUint32(record, true) !== ZIP64_END) {
      throw broken('bad zip64 end record');
    }
    count = readUint64(view, record + 32);
    size = readUint64(view, record + 40);
    start = readUint64(view, record + 48);
    end = record;
  }
  // An entry takes at least 46 bytes, so this also bounds `count`.
  if (start + size > end || count * 46 > size) throw broken('bad central directory');
  return { start, end: start + size, count };
}

function isEnd(view: DataView, at: number): boolean {
  if (view.getUint32(at, true) !== END) return false;
  return at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength;
}

function readDirectory(
  view: DataView,
  directory: { start: number; end: number; count: number },
  where: string,
): Entry[] {
  const names = new Set<string>();
  const entries: Entry[] = [];
  let at = directory.start;
  for (let i = 0; i < directory.count; i++) {
    if (at + 46 > directory.end || view.getUint32(at, true) !== CENTRAL) {
      throw new RangeError(`${where}: central directory is damaged at entry ${i}.`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > directory.end) {
      throw new RangeError(`${where}: central directory is damaged at entry ${i}.`);
    }
    const name = readName(view, at + 46, nameLength);
    if (names.has(name)) {
      throw new RangeError(`${where}: entry ${quoted(name)} occurs twice, expected once.`);
    }
    names.add(name);
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    if (flags & 1 || (method !== STORED && method !== DEFLATED)) {
      const got = flags & 1 ? 'encryption' : `compression method ${method}`;
      throw new RangeError(
        `${where}: ${quoted(name)} uses ${got}, expected stored or deflate. Save it with np.savez_compressed.`,
      );
    }
    const entry: Entry = {
      name,
      method,
      crc: view.getUint32(at + 16, true),
      compressed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    readZip64Sizes(view, at + 46 + nameLength, extraLength, entry, where);
    entries.push(entry);
    at = next;
  }
  return entries;
}

/** Sizes with all bits set are in the zip64 extra field instead, in this order, only those that are needed. */
function readZip64Sizes(view: DataView, at: number, length: number, entry: Entry, where: string) {
  const wide = (['size', 'compressed', 'offset'] as const).filter(
    (key) => entry[key] === 0xffffffff,
  );
  const end = at + length;
  while (wide.length > 0 && at + 4 <= end) {
    const fieldEnd = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1 && fieldEnd <= end) {
      for (let from = at + 4; wide.length > 0 && from + 8 <= fieldEnd; from += 8) {
        entry[wide.shift() as 'size'] = readUint64(view, from);
      }
    }
    at = fieldEnd;
  }
  if (wide.length > 0) {
    throw new RangeError(`${where}: ${quoted(entry.name)} lacks its zip64 sizes.`);
  }
}

/** Start of an entry's data. Only the local header knows it, and it is read for nothing else. */
function dataStart(view: DataView, entry: Entry, where: string): number {
  const at = entry.offset;
  if (at + 30 > view.byteLength || view.getUint32(at, true) !== LOCAL) {
    throw new RangeError(`${where}: no local header at byte ${at}. The file is damaged.`);
  }
  const nameLength = view.getUint16(at + 26, true);
  const start = at + 30 + nameLength + view.getUint16(at + 28, true);
  if (start > view.byteLength || readName(view, at + 30, nameLength) !== entry.name) {
    throw new RangeError(`${where}: local header names another entry. The file is damaged.`);
  }
  return start;
}

function unpack(data: Uint8Array, entry: Entry, where: string): Uint8Array {
  if (entry.method === STORED && entry.size !== data.length) {
    throw new RangeError(`${where}: stored ${data.length} bytes, expected ${entry.size}.`);
  }
  const bytes = entry.method === STORED ? data : inflateExactly(data, entry.size, 'deflate', where);
  const crc = crc32(bytes);
  if (crc !== entry.crc) {
    throw new RangeError(
      `${where}: checksum, got ${crc.toString(16)}, expected ${entry.crc.toString(16)}. The file is damaged.`,
    );
  }
  return bytes;
}

function readName(view: DataView, at: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}

/** A 64-bit size as a number. Above 2^53 it is inexact, but far too large to pass any check. */
function readUint64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}
