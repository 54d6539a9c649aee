// Images of more than 8 bits whose files leave open what is black and white: those of one kind share a window.

import { bitsWindow, type Window } from '../image/window.ts';
import { grouped } from '../text/lines.ts';
import { type DeepImage, isFloat, type PixelValues } from './formats/format.ts';
import { usualRange } from './formats/numpy.ts';
import type { readImages } from './formats/read-images.ts';

/** What the images of one kind share. */
export interface SharedWindow {
  /** Absent where they share none, so that each file is shown by itself. */
  readonly window?: Window;
  /** What was found and assumed, as a sentence without its stop. */
  readonly found?: string;
}

/** How images find the window that they share, by their kind. Whole numbers and floats are not of one scale. */
const RULES = { PNG: sharedBits, 'NumPy floats': usualRange, 'NumPy whole numbers': usualRange };

type Kind = keyof typeof RULES;
type ImageFile = Awaited<ReturnType<typeof readImages>>;

/**
 * The kind with whose images those of this file share a window under the rule `auto`; undefined if they need none, or
 * are shown file by file.
 */
export function sharingKind({ format, images }: ImageFile): Kind | undefined {
  const [{ window, values }] = images;
  if (window) return undefined;
  if (format === 'NumPy') return isFloat(values) ? 'NumPy floats' : 'NumPy whole numbers';
  return format === 'PNG' ? 'PNG' : undefined;
}

/** The images of a file until it is known what all of their kind share. */
export interface Waiting {
  readonly kind: Kind;
  readonly images: readonly DeepImage[];
}

/** What the images of each kind share. */
export function sharedWindows(files: readonly Waiting[]): Map<Kind, SharedWindow> {
  const kinds = new Set(files.map(({ kind }) => kind));
  return new Map(
    [...kinds].map((kind) => {
      const images = files.flatMap((file) => (file.kind === kind ? file.images : []));
      return [kind, RULES[kind](valuesOf(images))];
    }),
  );
}

/** One after the other, since they may wait on a disk. */
function* valuesOf(images: readonly DeepImage[]) {
  for (const image of images) yield image.values;
}

/** White is the largest number of as many bits as the images use together. */
function sharedBits(images: Iterable<PixelValues>): SharedWindow {
  const { bits, largest, window } = bitsWindow(images);
  if (bits === 16) return { window };
  const [most, full] = [largest, window.white].map(grouped);
  const found = `16-bit images have values up to ${most}: taken as ${bits} bits, with ${full} as white`;
  return { window, found };
}
