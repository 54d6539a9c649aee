// Reads the image files of a data set into 8-bit pictures of one size, and says what was assumed.

import type { DataSettings } from '../config/data.ts';
import { checkLimit, limitOf } from '../files/limits.ts';
import type { Placement } from '../image/placement.ts';
import { decodeLevels, type Image, type Levels } from '../image/png.ts';
import type { WindowRule } from '../image/window.ts';
import { grouped } from '../text/lines.ts';
import { listed } from '../text/visible.ts';
import { ahead } from './ahead.ts';
import { fitterOf } from './fit-pictures.ts';
import type { DeepImage, ReadOptions } from './formats/format.ts';
import { imagesToBytes } from './formats/images-to-bytes.ts';
import { readImages } from './formats/read-images.ts';
import { type MaskFile, readMaskLevels } from './mask-levels.ts';
import { hashOfFile } from './origin.ts';
import { sharedWindows, sharingKind, type Waiting } from './shared-windows.ts';
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
   * the number of bits that they use, NumPy images a range of [0, 1] or [0, 255]; others are cut at percentiles per
   * file.
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
  /** `hashOfFile` of the image. */
  readonly hash: string;
  /** Where the image of the file lies in this one, if a fit made a square of it. */
  readonly placement?: Placement;
}

/** A file that was read: what it shows, or its images as they are while they wait for the window of their kind. */
interface FileRead<R extends Row> {
  readonly known: readonly Pick<Picture<R>, 'row' | 'id' | 'hash'>[];
  readonly shown?: readonly Picture<R>[];
  readonly waiting?: Waiting;
  readonly mask?: MaskFile;
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
  const files: FileRead<R>[] = [];
  const notes = new Set<string>();
  let size: Size | undefined;
  let bytes = 0;
  const { decode, width } = options.decoder ?? DECODED_HERE;
  const { shelf = memoryShelf } = options;
  const rule = window === 'auto' ? 'percentiles' : window;
  const show = (known: FileRead<R>['known'], images: readonly DeepImage[]): Picture<R>[] =>
    imagesToBytes(images, rule).map((image, i) => {
      const placed = fitted ? fitted.place(image) : { image };
      return { ...known[i], ...placed, image: shelve(shelf, placed.image, 'data') };
    });
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
      if (!fitted) expectSize(first, size ?? first, where);
      size ??= { width: first.width, height: first.height };
      for (const note of file.notes) notes.add(note);
      const kind = window === 'auto' ? sharingKind(file) : undefined;
      const depth = kind === undefined ? 1 : first.values.BYTES_PER_ELEMENT;
      const area = fitted && kind === undefined ? fitted.side ** 2 : first.width * first.height;
      bytes += area * first.channels * file.images.length * depth;
      if (shelf === memoryShelf) {
        checkLimit('dataBytes', bytes, `${name}: ${grouped(rows.length)} images`, maxBytes);
      }
      const known = file.images.map((image) => ({
        ...{ row, hash: hashOfFile(image) },
        id: image.part === undefined ? row.file : `${row.file}#${image.part}`,
      }));
      const kept = mask ? { mask: shelve(shelf, mask, 'levels') } : {};
      if (kind === undefined) {
        if (file.images.some((image) => !image.window)) notes.add(RULE_NOTES[rule]);
        files.push({ known, ...kept, shown: show(known, file.images) });
      } else {
        const images = file.images.map((image) => shelve(shelf, image, 'values'));
        files.push({ known, ...kept, waiting: { kind, images } });
      }
    } catch (error) {
      if (!options.onFault || !(error instanceof RangeError)) throw error;
      options.onFault(row.file, error);
    }
  }
  if (files.length === 0)
    throw new RangeError(`${name}: none of ${rows.length} files can be read.`);
  const masks = readMaskLevels(
    files.flatMap(({ mask }) => mask ?? []),
    name,
  );
  if (masks.note) notes.add(masks.note);
  const shared = sharedWindows(files.flatMap(({ waiting }) => waiting ?? []));
  for (const { window, found } of shared.values()) {
    if (found) notes.add(`${found}.`);
    if (!window) notes.add(RULE_NOTES[rule]);
  }
  let masked = 0;
  const pictures = files.flatMap(({ known, shown, waiting, mask: file }): readonly Picture<R>[] => {
    const window = waiting && shared.get(waiting.kind)?.window;
    const own = shown ?? show(known, waiting?.images.map((image) => ({ ...image, window })) ?? []);
    if (!file) return own;
    const mask = masks.masks[masked++];
    return own.map((picture) => {
      const { placement } = picture;
      const placed = fitted && placement && (() => fitted.placeMask(mask(), placement));
      return { ...picture, mask: placed ?? mask };
    });
  });
  if (fitted) notes.add(fitted.note(pictures.flatMap(({ placement }) => placement ?? [])));
  return { pictures, notes: [...notes] };
}

const RULE_NOTES: Readonly<Record<WindowRule, string>> = {
  percentiles:
    'Images of more than 8 bits without a window of their own: the 0.5th percentile of a file is black, the 99.5th white.',
  'min-max':
    'Images of more than 8 bits without a window of their own: the least value of a file is black, the greatest white.',
  'full-range':
    'Images of more than 8 bits without a window of their own: the whole range of their type is shown.',
};

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
