// What a reader of image files is: how it knows its files, and what it makes of one.

import { checkLimit } from '../../files/limits.ts';
import type { Window } from '../../image/window.ts';

/** Numbers of a pixel as a file stores them. */
export type PixelValues =
  | Uint8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

export const isFloat = (values: PixelValues): boolean =>
  values instanceof Float32Array || values instanceof Float64Array;

/** One image with the depth that its file has; `imagesToBytes` reduces it to 8 bits. */
export interface DeepImage {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB. */
  readonly channels: 1 | 3;
  /** [H, W, C]. */
  readonly values: PixelValues;
  /** Which values are black and white, where the file or its kind says so. */
  readonly window?: Window;
  /** High values are dark, in a file without a window. */
  readonly inverted?: boolean;
  /** Which of several images in its file: "frame 3". */
  readonly part?: string;
}

/** What a file holds. */
export interface ImageFile {
  /** At least one; all of one size and of as many channels. */
  readonly images: readonly DeepImage[];
  /** What was assumed or left out, a sentence each; never a word about a patient. */
  readonly notes: readonly string[];
}

/** From where slices of a volume are seen. */
export type SliceAxis = 'axial' | 'coronal' | 'sagittal';

/** How files are read. */
export interface ReadOptions {
  /** Start of error messages; default the file's name. */
  readonly where?: string;
  /** Most pixels one image may have; default 2^26 (67 million). */
  readonly maxPixels?: number;
  /** Most bytes that all images of one file may take, decoded; default 2 GiB. */
  readonly maxBytes?: number;
  /** What lies behind transparent pixels; default black. */
  readonly background?: 'black' | 'white';
  /** Direction in which a volume is sliced; default axial. */
  readonly axis?: SliceAxis;
  /** Slices of a volume: `[first, last]`, from 0 along the axis; default all. */
  readonly slices?: readonly [number, number];
}

/** The same, with every default in place. */
export type ResolvedOptions = Required<Omit<ReadOptions, 'slices'>> & Pick<ReadOptions, 'slices'>;

/** A kind of image file. */
export interface ImageFormat {
  /** For people: "PNG". */
  readonly name: string;
  /** Endings of file names, with the dot, in lower case. */
  readonly extensions: readonly string[];
  /** Whether a file begins as this kind does. */
  recognises(bytes: Uint8Array): boolean;
  /** @throws RangeError for a damaged, oversized or hostile file, or one that holds no images */
  read(bytes: Uint8Array, options: ResolvedOptions): Promise<ImageFile> | ImageFile;
}

/** @throws RangeError if an image is empty or larger than `maxPixels`, or `count` of them than `maxBytes` */
export function checkSize(
  { width, height }: { readonly width: number; readonly height: number },
  { where, maxPixels, maxBytes }: Pick<ResolvedOptions, 'where' | 'maxPixels' | 'maxBytes'>,
  bytesPerPixel = 1,
  count = 1,
): void {
  const size = `${width} × ${height} pixels`;
  if (!(width >= 1 && height >= 1)) {
    throw new RangeError(`${where}: image of ${size}, expected at least 1 × 1.`);
  }
  checkLimit('imagePixels', width * height, `${where}: image of ${size}`, maxPixels);
  const bytes = width * height * bytesPerPixel * count;
  checkLimit('dataBytes', bytes, `${where}: ${count} images of ${size}`, maxBytes);
}

/** Whether `bytes` has these values at `offset`. */
export const startsWith = (bytes: Uint8Array, values: readonly number[], offset = 0): boolean =>
  values.every((value, i) => bytes[offset + i] === value);
