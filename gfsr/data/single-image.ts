// A user's own image as a split, in the size and colours that a classifier needs.

import { decodePng } from '../image/png.ts';
import type { Split } from './dataset.ts';

/**
 * A PNG file as a split of one image, without a label. Colour is converted to grey (luma of Rec. 601, 0.299 R + 0.587 G
 * + 0.114 B), or grey to colour, as `channels` requires.
 *
 * @param where start of error messages: the name of the file
 * @throws RangeError if it is not a PNG image of `size` × `size` pixels
 */
export function singleImage(
  bytes: Uint8Array,
  { channels, size }: { readonly channels: number; readonly size: number },
  where: string,
): Split {
  const image = decodePng(bytes, { where });
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
