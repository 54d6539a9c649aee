// Walks the segments of a JPEG stream: its size and kind, how it is to be turned, and the stream without metadata.

import { joinBytes } from '../../files/join-bytes.ts';

/** What the segments before the first scan say. */
export interface JpegHeader {
  /** Number of the SOF marker: 0 baseline, 1 extended, 2 progressive, 3 lossless, 9 and more arithmetic; 55 JPEG-LS. */
  readonly process: number;
  /** Bits per sample. */
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** The components are called R, G and B. */
  readonly namedRgb: boolean;
  /** Colour transform of the Adobe marker: 0 none, 1 YCbCr, 2 YCCK; absent without a whole marker. */
  readonly adobe?: number;
  readonly jfif: boolean;
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number;
  readonly hasProfile: boolean;
  /** Where the first scan (SOS) begins. */
  readonly scan: number;
  /** Start and end of the segments that a decoder needs. */
  readonly needed: readonly (readonly [number, number])[];
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP = 0xe0;
const JPEG_LS = 0xf7;

/** Markers that begin a frame: SOF0 to SOF15 except DHT, JPG and DAC, and that of JPEG-LS. */
const isFrame = (marker: number): boolean =>
  marker === JPEG_LS || (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker));

/**
 * Reads the segments up to the first scan.
 *
 * @param where start of error messages
 * @throws RangeError for a stream without a frame, or one that ends before its first scan
 */
export function readJpegHeader(bytes: Uint8Array, where: string): JpegHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const needed: [number, number][] = [];
  let frame: Pick<JpegHeader, 'process' | 'precision' | 'width' | 'height' | 'components'> | null =
    null;
  let namedRgb = false;
  let adobe: number | undefined;
  let orientation: number | undefined;
  let jfif = false;
  let hasProfile = false;
  const truncated = () =>
    new RangeError(`${where}: JPEG is truncated or damaged in its first ${bytes.length} bytes.`);
  if (bytes[0] !== 0xff || bytes[1] !== SOI) {
    throw new RangeError(`${where}: not a JPEG file (no start of image).`);
  }
  for (let at = 2; ; ) {
    // Any number of 0xff may stand before a marker, and stray bytes after a segment of a wrong length are passed over.
    while (at < bytes.length && !(bytes[at] === 0xff && isMarker(bytes[at + 1]))) at++;
    if (at + 4 > bytes.length) throw truncated();
    const marker = bytes[at + 1];
    const start = at + 4;
    const end = at + 2 + view.getUint16(at + 2);
    if (marker === EOI || end < start || end > bytes.length) throw truncated();
    if (marker === SOS) {
      if (!frame) throw new RangeError(`${where}: damaged JPEG, a scan without a frame.`);
      const found = { namedRgb, adobe, jfif, hasProfile, orientation: orientation ?? 1 };
      return { ...frame, ...found, scan: at, needed };
    }
    const segment = bytes.subarray(start, end);
    if (isFrame(marker)) {
      if (frame || segment.length < 6 || segment.length < 6 + 3 * segment[5]) {
        throw new RangeError(`${where}: damaged JPEG, expected one whole frame header.`);
      }
      frame = {
        process: marker === JPEG_LS ? 55 : marker - 0xc0,
        precision: segment[0],
        height: view.getUint16(start + 1),
        width: view.getUint16(start + 3),
        components: segment[5],
      };
      namedRgb = [6, 9, 12].map((i) => String.fromCharCode(segment[i] ?? 0)).join('') === 'RGB';
    }
    if (marker === APP) jfif ||= begins(segment, 'JFIF\0');
    if (marker === APP + 1) orientation ??= exifOrientation(segment);
    if (marker === APP + 2) hasProfile ||= begins(segment, 'ICC_PROFILE\0');
    if (marker === APP + 14 && begins(segment, 'Adobe') && segment.length >= 12) {
      adobe = segment[11];
    }
    const isMetadata = (marker >= APP && marker <= APP + 15) || marker === 0xfe;
    if (!isMetadata) needed.push([at, end]);
    at = end;
  }
}

const isMarker = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0xc0 && byte !== 0xff && !(byte >= 0xd0 && byte <= SOI);

const begins = (segment: Uint8Array, text: string): boolean =>
  [...text].every((letter, i) => segment[i] === letter.charCodeAt(0));

/** Tag 0x0112 of the first directory; undefined where the segment is no EXIF or damaged. */
function exifOrientation(segment: Uint8Array): number | undefined {
  if (!begins(segment, 'Exif\0\0') || segment.length < 14) return undefined;
  const view = new DataView(segment.buffer, segment.byteOffset + 6, segment.byteLength - 6);
  const little = view.getUint16(0) === 0x4949;
  const start = view.getUint32(4, little);
  if (start + 2 > view.byteLength) return undefined;
  const count = view.getUint16(start, little);
  for (let i = 0; i < count; i++) {
    const entry = start + 2 + i * 12;
    if (entry + 12 > view.byteLength) return undefined;
    if (view.getUint16(entry, little) !== 0x0112) continue;
    const value = view.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** The stream without metadata; with an Adobe marker of this colour transform, if one is given. */
export function withoutMetadata(
  bytes: Uint8Array,
  { needed, scan }: JpegHeader,
  adobe?: number,
): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0xff, SOI)];
  if (adobe !== undefined) {
    parts.push(
      Uint8Array.of(0xff, APP + 14, 0, 14, 65, 100, 111, 98, 101, 0, 100, 0, 0, 0, 0, adobe),
    );
  }
  for (const [start, end] of needed) parts.push(bytes.subarray(start, end));
  parts.push(bytes.subarray(scan));
  return joinBytes(parts);
}
