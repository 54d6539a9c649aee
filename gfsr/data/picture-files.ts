// Reads the image files of a data set into 8-bit pictures of one size, and says what was assumed.

import type { DataSettings } from '../config/data.ts';
import { checkLimit, limitOf } from '../files/limits.ts';
import { decodeLevels, type Image, type Levels } from '../image/png.ts';
import { bitsWindow, type WindowRule } from '../image/window.ts';
import { grouped } from '../text/lines.ts';
import { listed } from '../text/visible.ts';
import { ahead } from './ahead.ts';
import { fitterOf, type PictureOrigin } from './fit-pictures.ts';
import type { DeepImage, ReadOptions } from './formats/format.ts';
import { imagesToBytes } from './formats/images-to-bytes.ts';
import { readImages } from './formats/read-images.ts';
import { type MaskFile, readMaskLevels } from './mask-levels.ts';
import { memoryShelf, type Shelf, shelve } from './shelf.ts';

export interface PictureOptions {
  /** Start of error messages. */
  readonly name: string;
  /** Maximum number of pixels per image. Default 2^26. */
  readonly maxPixels?: number;
  /** Maximum number of bytes for all pixels together. Default 2 GiB. */
  readonly maxBytes?: number;
  /**
   * How images of more than 8 bits become 8 where their file names no window. Default `auto`: 16-bit PNG images share
   * the number of bits that they use, others are cut at percentiles per file.
   */
  readonly window?: DataSettings['window'];
  /** What is behind transparent pixels. Default black. */
  readonly background?: DataSettings['background'];
  /** Direction in which volumes are sliced. Default axial. */
  readonly axis?: DataSettings['axis'];
  /** `all`, or slices from 0 as `first-last`. Default all. */
  readonly slices?: string;
  /** How images of any size become squares. Default none: all images have one size. */
  readonly fit?: DataSettings['fit'];
  /** Pixels along each side of these squares. */
  readonly side?: number;
  /** Decodes files elsewhere, several at once. Default: here, one after the other. */
  readonly decoder?: Decoder;
  /** Where pixels wait until all files are read. Default: in memory, of which `maxBytes` is the limit. */
  readonly shelf?: Shelf;
  /** Told of every file that cannot be read, which is then left out. Default: the first one is thrown. */
  readonly onFault?: (file: string, fault: RangeError) => void;
  /** Told after every file. */
  readonly onFile?: (done: number, all: number) => void;
}

/** Where files are decoded. */
export interface Decoder {
  readonly decode: typeof readImages;
  /** Number of files that it can work on at once. */
  readonly width: number;
}

/** In this thread. */
export const DECODED_HERE: Decoder = { decode: readImages, width: 1 };

/** Returns the bytes of a file of the data set, by its path in it. */
export type ReadFile = (file: string) => Promise<Uint8Array> | Uint8Array;

interface Row {
  readonly file: string;
  /** Path of its mask; empty if it has none. */
  readonly mask: string;
}

export interface Picture<R extends Row> {
  readonly row: R;
  /** The file, and which of its images this is, if it holds several. */
  readonly id: string;
  readonly image: Image;
  /** Gives its mask, [H, W] of 0 and 1, if it has one. */
  readonly mask?: () => Uint8Array;
  /** What it was, if a fit made a square of it. */
  readonly origin?: PictureOrigin;
}

/**
 * The images of all rows, in their order. A file that holds several images gives several pictures.
 *
 * @throws RangeError that names the file if it cannot be read, or has another size than the first one and no fit is
 *   chosen
 */
export async function readPictures<R extends Row>(
  rows: readonly R[],
  readFile: ReadFile,
  options: PictureOptions,
): Promise<{ pictures: Picture<R>[]; notes: string[] }> {
  const { name, maxBytes = limitOf('dataBytes'), window = 'auto' } = options;
  const fitted = fitterOf(options);
  const found: (Omit<Picture<R>, 'image' | 'mask'> & { image: Image | DeepImage })[] = [];
  const masks = new Map<number, MaskFile>();
  const notes = new Set<string>();
  let bytes = 0;
  const { decode, width } = options.decoder ?? DECODED_HERE;
  const { shelf = memoryShelf } = options;
  const read = async (row: R) => {
    const where = `${name}: ${listed([row.file])}`;
    const data = await readFile(row.file);
    const file = await decode(data, row.file, readOptions(options, where, maxBytes));
    if (row.mask && file.images.length > 1) {
      throw new RangeError(`${where}: one mask for ${file.images.length} images, expected none.`);
    }
    const mask = row.mask && (await readMask(row.mask, readFile, file.images[0], options));
    return { where, file, mask };
  };
  let done = 0;
  for await (const { item: row, result } of ahead(rows, width, read)) {
    options.onFile?.(++done, rows.length);
    try {
      const { where, file, mask } = result();
      const [first] = file.images;
      if (!fitted) expectSize(first, found[0]?.image ?? first, where);
      for (const note of file.notes) notes.add(note);
      const isOpen = file.images.some((image) => !image.window);
      const waits = isOpen && window === 'auto' && file.format === 'PNG';
      const depth = waits ? 2 : 1;
      const area = fitted && !waits ? fitted.side ** 2 : first.width * first.height;
      bytes += area * first.channels * file.images.length * depth;
      if (shelf === memoryShelf) {
        checkLimit('dataBytes', bytes, `${name}: ${grouped(rows.length)} images`, maxBytes);
      }
      if (mask) masks.set(found.length, shelve(shelf, mask, 'levels'));
      const rule = window === 'auto' ? 'percentiles' : window;
      if (isOpen && !waits) notes.add(RULE_NOTES[rule]);
      const images = waits ? file.images : imagesToBytes(file.images, rule);
      for (const [i, image] of images.entries()) {
        const { part } = file.images[i];
        const id = part === undefined ? row.file : `${row.file}#${part}`;
        const placed = fitted && !isDeep(image) ? fitted.place(image) : { image };
        found.push({ row, id, ...placed, image: shelved(placed.image, shelf) });
      }
    } catch (error) {
      if (!options.onFault || !(error instanceof RangeError)) throw error;
      options.onFault(row.file, error);
    }
  }
  if (found.length === 0)
    throw new RangeError(`${name}: none of ${rows.length} files can be read.`);
  const reading = readMaskLevels([...masks.values()], name);
  if (reading.note) notes.add(reading.note);
  const maskOf = new Map([...masks.keys()].map((picture, i) => [picture, reading.masks[i]]));
  const shared = sharedBits(found.map(({ image }) => image));
  if (shared?.note) notes.add(shared.note);
  const pictures = found.map(({ image, ...rest }, i): Picture<R> => {
    const shown = isDeep(image)
      ? imagesToBytes([{ ...image, window: shared?.window }], 'full-range')[0]
      : image;
    const fit = fitted && isDeep(image) ? fitted.place(shown) : { image: shown };
    const placed = { ...rest, ...fit, ...(isDeep(image) && { image: shelved(fit.image, shelf) }) };
    const mask = maskOf.get(i);
    if (!mask) return placed;
    const { origin } = placed;
    return { ...placed, mask: fitted && origin ? () => fitted.placeMask(mask(), origin) : mask };
  });
  if (fitted) notes.add(fitted.note(pictures.flatMap(({ origin }) => origin ?? [])));
  return { pictures, notes: [...notes] };
}

/** The image, with its pixels on the shelf. */
const shelved = <I extends Image | DeepImage>(image: I, shelf: Shelf): I =>
  (isDeep(image) ? shelve(shelf, image, 'values') : shelve(shelf, image, 'data')) as I;

const isDeep = (image: Image | DeepImage): image is DeepImage => 'values' in image;

const RULE_NOTES: Readonly<Record<WindowRule, string>> = {
  percentiles:
    'Images of more than 8 bits without a window of their own: the 0.5th percentile of a file is black, the 99.5th white.',
  'min-max':
    'Images of more than 8 bits without a window of their own: the least value of a file is black, the greatest white.',
  'full-range':
    'Images of more than 8 bits without a window of their own: the whole range of their type is shown.',
};

function* valuesOf(images: readonly DeepImage[]) {
  for (const image of images) yield image.values;
}

/** One window for the images that wait for it: white is the largest number of as many bits as they use together. */
function sharedBits(images: readonly (Image | DeepImage)[]) {
  const deep = images.filter(isDeep);
  if (deep.length === 0) return undefined;
  const { bits, largest, window } = bitsWindow(valuesOf(deep));
  if (bits === 16) return { window };
  const [most, full] = [largest, window.white].map(grouped);
  const note = `16-bit images have values up to ${most}: taken as ${bits} bits, with ${full} as white.`;
  return { window, note };
}

/** How a file of the data is read. @throws RangeError for slices in another form */
export function readOptions(
  options: Pick<PictureOptions, 'maxPixels' | 'background' | 'axis' | 'slices'>,
  where: string,
  maxBytes?: number,
): ReadOptions {
  const { maxPixels, background, axis, slices = 'all' } = options;
  const range = /^(\d+)-(\d+)$/.exec(slices);
  if (!range && slices !== 'all') {
    throw new RangeError(
      `data.slices: got "${slices}", expected all, or first-last such as 20-40.`,
    );
  }
  const [first, last] = [Number(range?.[1]), Number(range?.[2])];
  const chosen = range ? { slices: [first, last] as const } : {};
  return { where, maxPixels, maxBytes, background, axis, ...chosen };
}

async function readMask(
  file: string,
  readFile: ReadFile,
  like: Size,
  { name, maxPixels }: PictureOptions,
): Promise<MaskFile> {
  const where = `${name}: mask ${listed([file])}`;
  const levels: Levels = decodeLevels(await readFile(file), { where, maxPixels });
  expectSize(levels, like, where);
  return { file, ...levels };
}

type Size = Readonly<Pick<Image, 'width' | 'height'>>;

function expectSize(got: Size, expected: Size, where: string): void {
  if (got.width !== expected.width || got.height !== expected.height) {
    throw new RangeError(
      `${where}: got ${got.width} x ${got.height} pixels, expected ${expected.width} x ${expected.height}. ` +
        'Resize all images and masks to one size, or choose a fit (--fit crop --side 128).',
    );
  }
}
