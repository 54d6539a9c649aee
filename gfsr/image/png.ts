// Reads PNG images through pngjs. Every size is checked before pngjs sees a byte.

import { PNG } from 'pngjs';
import { crc32 } from '../files/crc32.ts';
import { inflateExactly } from '../files/inflate.ts';
import { joinBytes } from '../files/join-bytes.ts';
import { checkLimit, limitOf } from '../files/limits.ts';
import { reasonOf } from '../text/reason.ts';

/** Pixels of a picture, row by row, channels last. */
export interface Image {
  width: number;
  height: number;
  /** 1 grey, 3 RGB, 4 RGBA. */
  channels: 1 | 3 | 4;
  /** [H, W, C], 0 to 255. */
  data: Uint8Array;
}

export interface PngOptions {
  /** Start of error messages; default "png". */
  where?: string;
  /** Maximum number of pixels of an image. Default 2^26 (67 million). */
  maxPixels?: number;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const GREY = 0;
const PALETTE = 3;
const GREY_ALPHA = 4;
/** Colour type → samples per pixel and allowed bit depths (PNG specification, table 11.1). */
const COLOUR_TYPES = new Map([
  [GREY, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, depths: [8, 16] }],
  [PALETTE, { samples: 1, depths: [1, 2, 4, 8] }],
  [GREY_ALPHA, { samples: 2, depths: [8, 16] }],
  [6, { samples: 4, depths: [8, 16] }],
]);
/** Adam7 interlacing: x and y of the first pixel of each pass, then the steps. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/**
 * Decodes a PNG of any kind to 8 bits per sample. Grey stays grey (1 channel), everything else becomes RGB. 16-bit
 * samples are rounded to 8 bits. Transparent pixels are blended with black.
 *
 * @throws RangeError for a damaged, truncated, oversized or hostile file
 */
export function decodePng(bytes: Uint8Array, options: PngOptions = {}): Image {
  const { width, height, grey, rgba } = readPngPixels(bytes, options, false);
  const channels = grey ? 1 : 3;
  const data = new Uint8Array(width * height * channels);
  for (let pixel = 0, to = 0; pixel < width * height; pixel++) {
    const alpha = rgba[pixel * 4 + 3];
    for (let channel = 0; channel < channels; channel++) {
      data[to++] = Math.round((rgba[pixel * 4 + channel] * alpha) / 255);
    }
  }
  return { width, height, channels, data };
}

/** A picture with one value per pixel, such as a mask. */
export interface Levels {
  readonly width: number;
  readonly height: number;
  /** [H, W], 0 to `full`; for a colour, its largest channel. */
  readonly levels: Uint16Array;
  /** White: 255, or 65,535 for a file with 16 bits per sample. */
  readonly full: number;
}

/**
 * Decodes a PNG of any kind to one value per pixel. 16-bit samples stay as they are. Transparent pixels are blended
 * with black.
 *
 * @throws RangeError for a damaged, truncated, oversized or hostile file
 */
export function decodeLevels(bytes: Uint8Array, options: PngOptions = {}): Levels {
  const { width, height, depth, rgba } = readPngPixels(bytes, options);
  const full = depth === 16 ? 65_535 : 255;
  const levels = new Uint16Array(width * height);
  for (let p = 0, at = 0; p < levels.length; p++, at += 4) {
    const largest = Math.max(rgba[at], rgba[at + 1], rgba[at + 2]);
    levels[p] = Math.round((largest * rgba[at + 3]) / full);
  }
  return { width, height, levels, full };
}

/** Pixels of a PNG before anything lies behind them. */
export interface PngPixels {
  readonly width: number;
  readonly height: number;
  /** Bits per sample of the file. */
  readonly depth: number;
  /** Grey, with or without alpha. */
  readonly grey: boolean;
  /** Of an animation; 1 otherwise. */
  readonly frames: number;
  /** [H, W, 4]: R, G, B and alpha, palette and transparent colour applied. */
  readonly rgba: ArrayLike<number>;
  /** Of a PNG with a palette: masks of classes mean the number of an entry, whatever its colour. */
  readonly palette?: () => PngPalette;
}

export interface PngPalette {
  /** The entry of each pixel, [H, W]. */
  readonly numbers: Uint8Array;
  /** R, G and B of each entry. */
  readonly colours: Uint8Array;
}

/**
 * Decodes a PNG of any kind to R, G, B and alpha: 0 to 255, and 0 to 65,535 of 16-bit samples if `wide`.
 *
 * @throws RangeError for a damaged, truncated, oversized or hostile file
 */
export function readPngPixels(bytes: Uint8Array, options: PngOptions = {}, wide = true): PngPixels {
  const { where = 'png', maxPixels = limitOf('imagePixels') } = options;
  const header = checkPng(bytes, where, maxPixels);
  const { end, width, height, depth, colourType, frames } = header;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, end);
  const grey = colourType === GREY || colourType === GREY_ALPHA;
  const read = (from: Buffer): Pixels => {
    try {
      return PNG.sync.read(from, { skipRescale: wide && depth === 16 }).data;
    } catch (error) {
      throw new RangeError(`${where}: damaged PNG${reasonOf(error)}.`);
    }
  };
  const rgba = read(file);
  if (header.transparent) restoreTransparent(rgba, header.transparent, depth, wide);
  const { palette } = header;
  return {
    ...{ width, height, depth, grey, frames, rgba },
    ...(palette && { palette: () => paletteOf(file, palette, read) }),
  };
}

/** What `PngPixels.palette` returns, of a file that was checked. */
function paletteOf(
  file: Buffer,
  [from, to]: readonly [number, number],
  read: (file: Buffer) => Pixels,
): PngPalette {
  // pngjs gives only colours: with its number as the colour of each entry, those are the numbers.
  const numbered = Buffer.from(file);
  for (let at = from; at < to; at++) numbered[at] = Math.floor((at - from) / 3);
  numbered.writeUInt32BE(crc32(numbered.subarray(from - 4, to)), to);
  const rgba = read(numbered);
  const numbers = Uint8Array.from({ length: rgba.length / 4 }, (_, pixel) => rgba[4 * pixel]);
  return { numbers, colours: file.subarray(from, to) };
}

type Pixels = Uint8Array | Uint16Array;

/**
 * Gives transparent pixels the colour that the file has for them, since pngjs makes them black, and makes those of that
 * colour transparent that pngjs leaves out: it compares all 16 bits of the chunk, of which only `depth` count.
 */
function restoreTransparent(
  rgba: Pixels,
  [red, green = red, blue = red]: readonly number[],
  depth: number,
  wide: boolean,
): void {
  const most = 2 ** depth - 1;
  const full = depth === 16 && wide ? 65_535 : 255;
  const [r, g, b] = [red, green, blue].map((level) => Math.round(((level & most) * full) / most));
  const rounded = full < most;
  for (let at = 0; at < rgba.length; at += 4) {
    const same = rgba[at] === r && rgba[at + 1] === g && rgba[at + 2] === b;
    if (rgba[at + 3] === 0 || (same && !rounded)) rgba.set([r, g, b, 0], at);
  }
}

/**
 * Walks the chunks, checks the header and unpacks the pixels once with a limit, so that pngjs only ever sees a file
 * whose declared size is correct and small enough.
 */
function checkPng(bytes: Uint8Array, where: string, maxPixels: number) {
  if (bytes.length < 8 || SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    throw new RangeError(`${where}: not a PNG file (no PNG signature).`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pixels: Uint8Array[] = [];
  let header: ReturnType<typeof readHeader> | undefined;
  let frames = 1;
  let transparent: number[] | undefined;
  let palette: [from: number, to: number] | undefined;
  let at = 8;
  for (let type = ''; type !== 'IEND'; ) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : Number.POSITIVE_INFINITY;
    if (at + 12 + length > bytes.length) {
      throw new RangeError(`${where}: PNG is truncated after ${bytes.length} bytes.`);
    }
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if ((type === 'IHDR') !== (header === undefined)) {
      throw new RangeError(`${where}: damaged PNG, expected exactly one IHDR chunk, at the start.`);
    }
    if (type === 'IHDR') header = readHeader(view, at + 8, length, where, maxPixels);
    if (type === 'acTL' && length === 8) frames = view.getUint32(at + 8);
    if (type === 'tRNS' && header) transparent = readTransparent(view, at + 8, length, header);
    if (type === 'PLTE' && header?.colourType === PALETTE) palette = [at + 8, at + 8 + length];
    if (type === 'IDAT') pixels.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  if (!header) throw new RangeError(`${where}: damaged PNG without a header.`);
  inflateExactly(joinBytes(pixels), unpackedBytes(header), 'zlib', where);
  return { ...header, frames, transparent, palette, end: at };
}

/**
 * The transparent colour of grey and RGB, one number per sample; undefined for palettes, which have alpha per entry.
 */
function readTransparent(
  view: DataView,
  at: number,
  length: number,
  { colourType }: ReturnType<typeof readHeader>,
): number[] | undefined {
  const samples = colourType === GREY ? 1 : colourType === 2 ? 3 : 0;
  if (samples === 0 || length !== samples * 2) return undefined;
  return Array.from({ length: samples }, (_, i) => view.getUint16(at + i * 2));
}

function readHeader(view: DataView, at: number, length: number, where: string, maxPixels: number) {
  if (length !== 13) throw new RangeError(`${where}: IHDR of ${length} bytes, expected 13.`);
  const width = view.getUint32(at);
  const height = view.getUint32(at + 4);
  const depth = view.getUint8(at + 8);
  const colourType = view.getUint8(at + 9);
  const interlace = view.getUint8(at + 12);
  if (width === 0 || height === 0) {
    throw new RangeError(`${where}: PNG of ${width} x ${height} pixels, expected at least 1.`);
  }
  checkLimit('imagePixels', width * height, `${where}: PNG of ${width} x ${height}`, maxPixels);
  const colour = COLOUR_TYPES.get(colourType);
  if (!colour?.depths.includes(depth) || view.getUint16(at + 10) !== 0 || interlace > 1) {
    throw new RangeError(
      `${where}: damaged PNG header, got colour type ${colourType}, depth ${depth}, interlace ${interlace}.`,
    );
  }
  return { width, height, depth, colourType, interlace, bits: colour.samples * depth };
}

/** Bytes of all filtered rows. Each row takes one byte more than its pixels. */
function unpackedBytes(header: ReturnType<typeof readHeader>): number {
  const { width, height, bits, interlace } = header;
  let bytes = 0;
  for (const [x, y, stepX, stepY] of interlace ? PASSES : [[0, 0, 1, 1]]) {
    const columns = Math.ceil((width - x) / stepX);
    const rows = Math.ceil((height - y) / stepY);
    if (columns > 0 && rows > 0) bytes += rows * (1 + Math.ceil((columns * bits) / 8));
  }
  return bytes;
}
