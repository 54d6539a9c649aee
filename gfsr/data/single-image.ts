// A user's own image as a split, in the size and colours that a classifier needs.

import type { DataSettings } from '../config/data.ts';
import { bitsWindow } from '../image/window.ts';
import { grouped } from '../text/lines.ts';
import type { Split } from './dataset.ts';
import { fitterOf } from './fit-pictures.ts';
import type { PixelValues } from './formats/format.ts';
import { imagesToBytes } from './formats/images-to-bytes.ts';
import { readImages } from './formats/read-images.ts';
import { readOptions } from './picture-files.ts';
import { sharedWindows, sharingKind } from './shared-windows.ts';

/** A 16-bit image without a larger value may hold fewer bits, as 12 of a scanner. */
const LEAST_WHITE = 2 ** 14;

/** Settings of a run that decide how its images were read. */
type Reading = 'window' | 'background' | 'axis' | 'slices' | 'side' | 'fit';

/** What an image is made for: the shape that a classifier takes, and how its images were read. */
export interface SingleImageOptions extends Partial<Pick<DataSettings, Reading>> {
  readonly channels: number;
  readonly size: number;
}

/**
 * An image file as a split of one image, without a label: with the settings of a run, the pixels that the run made of
 * it. Under the window `auto`, a NumPy image has the range of its own values, which may be another than that of all
 * images. Colour is converted to grey (luma of Rec. 601, 0.299 R + 0.587 G + 0.114 B), or grey to colour, as `channels`
 * requires. A fit makes a square of `size` from any image, and a `side` of `size` reduces a larger square.
 *
 * @param where start of error messages: the name of the file
 * @throws RangeError if it is not one image, has other than `size` × `size` pixels then, or is a dark one with 16 bits
 *   and the window `auto`, which looks at all images of a data set
 */
export async function singleImage(
  bytes: Uint8Array,
  { channels, size, window = 'auto', side, fit = 'none', ...reading }: SingleImageOptions,
  where: string,
): Promise<Split> {
  const file = await readImages(bytes, where, readOptions(reading, where));
  const { images: found } = file;
  if (found.length !== 1) {
    throw new RangeError(`${where}: got ${found.length} images in one file, expected one.`);
  }
  const [deep] = found;
  const kind = window === 'auto' ? sharingKind(file) : undefined;
  if (kind === 'PNG') refuseDark(deep.values, where);
  const shared = kind && sharedWindows([{ kind, images: found }]).get(kind)?.window;
  const shown = { ...deep, window: deep.window ?? shared };
  const [whole] = imagesToBytes([shown], window === 'auto' ? 'percentiles' : window);
  const isReduced = side === size && whole.width === whole.height && whole.width > size;
  const chosen = fit === 'none' && isReduced ? 'resize' : fit;
  const { background } = reading;
  const image = fitterOf({ fit: chosen, side: size, background })?.place(whole).image ?? whole;
  if (image.width !== size || image.height !== size) {
    throw new RangeError(
      `${where}: got ${image.width}×${image.height} pixels, expected ${size}×${size}. Resize the image.`,
    );
  }
  const area = size * size;
  const images = new Uint8Array(channels * area);
  for (let p = 0; p < area; p++) {
    const [r, g, b] = [0, 1, 2].map(
      (c) => image.data[p * image.channels + Math.min(c, image.channels - 1)],
    );
    const values = channels === 1 ? [Math.round(0.299 * r + 0.587 * g + 0.114 * b)] : [r, g, b];
    values.forEach((value, c) => {
      images[c * area + p] = value;
    });
  }
  return { count: 1, images, labels: new Int32Array(1), ids: [where] };
}

function refuseDark(values: PixelValues, where: string): void {
  const { largest } = bitsWindow([values]);
  if (largest >= LEAST_WHITE) return;
  throw new RangeError(
    `${where}: 16 bits per pixel with values up to ${grouped(largest)}, so it is unknown which one is white. ` +
      'Save it with 8 bits, as bright as the training images.',
  );
}
