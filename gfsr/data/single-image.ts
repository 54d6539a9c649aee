// A user's own image as a split, in the size and colours that a classifier needs.

import { decodeDeepPng, largestSample, toBytes } from '../image/deep-png.ts';
import { grouped } from '../text/lines.ts';
import type { Split } from './dataset.ts';

/** A 16-bit image without a larger value may hold fewer bits, as 12 of a scanner. */
const LEAST_WHITE = 2 ** 14;

/**
 * A PNG file as a split of one image, without a label. Colour is converted to grey (luma of Rec. 601, 0.299 R + 0.587 G
 * + 0.114 B), or grey to colour, as `channels` requires.
 *
 * @param where start of error messages: the name of the file
 * @throws RangeError if it is not a PNG image of `size` × `size` pixels, or is a dark one with 16 bits
 */
export function singleImage(
  bytes: Uint8Array,
  { channels, size }: { readonly channels: number; readonly size: number },
  where: string,
): Split {
  const deep = decodeDeepPng(bytes, { where });
  const largest = largestSample(deep);
  if (deep.samples instanceof Uint16Array && largest < LEAST_WHITE) {
    throw new RangeError(
      `${where}: 16 bits per pixel with values up to ${grouped(largest)}, so it is unknown which one is white. ` +
        'Save it with 8 bits, as bright as the training images.',
    );
  }
  const image = toBytes(deep);
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
