// One image, or a stack of images, in a numpy array of any number type.

import { extremes, type Window } from '../../image/window.ts';
import { type NpyArray, type NpyData, parseNpy } from '../npy.ts';
import {
  checkSize,
  type DeepImage,
  type ImageFormat,
  type PixelValues,
  startsWith,
} from './format.ts';

export const numpy: ImageFormat = {
  name: 'NumPy',
  extensions: ['.npy'],
  recognises: (bytes) => startsWith(bytes, [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]),
  read(bytes, options) {
    const { where } = options;
    const array = parseNpy(bytes, where);
    const { count, height, width, channels } = imageShape(array, where);
    checkSize({ width, height }, options, channels * 4, count);
    const { values, window } = pixelValues(array);
    const size = width * height * channels;
    const images = Array.from(
      { length: count },
      (_, i): DeepImage => ({
        ...{ width, height, channels, window },
        values: values.subarray(i * size, (i + 1) * size),
        ...(count > 1 && { part: `image ${i}` }),
      }),
    );
    return { images, notes: [] };
  },
};

/** [H, W], [H, W, 1 or 3], [N, H, W] or [N, H, W, 1 or 3]. */
function imageShape({ shape }: NpyArray, where: string) {
  const last = shape[shape.length - 1];
  const coloured = shape.length > 2 && (last === 1 || last === 3);
  const plane = coloured ? shape.slice(0, -1) : shape;
  if (plane.length < 2 || plane.length > 3 || shape.includes(0)) {
    throw new RangeError(
      `${where}: shape, got [${shape.join(', ')}], expected images: [H, W], [H, W, 3], [N, H, W] or [N, H, W, 3].`,
    );
  }
  const [height, width] = plane.slice(-2);
  const channels: 1 | 3 = coloured && last === 3 ? 3 : 1;
  return { count: plane.length === 3 ? plane[0] : 1, height, width, channels };
}

/** Values with their window where the type tells it: of bytes and booleans. */
export function pixelValues({ data, dtype }: NpyArray): { values: PixelValues; window?: Window } {
  if (dtype.endsWith('b1')) return { values: data as Uint8Array, window: { black: 0, white: 1 } };
  if (data instanceof Uint8Array) return { values: data, window: { black: 0, white: 255 } };
  return { values: narrow(data) };
}

/** Scaling an image in [0, 1] overshoots at its edges, by less than this. In [0, 255], z-scores would look the same. */
const OVERSHOOT = 0.1;
/** Images in [0, 255] are brighter than this somewhere. In others, a few outliers would make all images black. */
const LEAST_BRIGHT = 16;

/**
 * The range that people save images in and that all values are in, [0, 1] or [0, 255], as a window; what was found and
 * assumed, as a sentence without its stop. Values a little outside of [0, 1] are cut.
 */
export function usualRange(images: Iterable<PixelValues>): { window?: Window; found: string } {
  const { black: least, white: most } = extremes(images);
  const isUnit = least >= -OVERSHOOT && most <= 1 + OVERSHOOT;
  const isByte = least >= 0 && most >= LEAST_BRIGHT && most <= 255;
  const values = `NumPy images have values in [${rounded(least)}, ${rounded(most)}]`;
  if (!isUnit && !isByte) {
    return { found: `${values}: neither [0, 1] nor [0, 255], so they are windowed` };
  }
  const white = isUnit ? 1 : 255;
  return { window: { black: 0, white }, found: `${values}: ${white} is taken as white` };
}

/** Four digits that count. */
export const rounded = (value: number): number => Number(value.toPrecision(4));

/** 8-bit signed and 64-bit whole numbers in arrays of numbers. `Float64Array.from` would make a list of them first. */
function narrow(data: NpyData): PixelValues {
  if (data instanceof Int8Array) return new Int16Array(data);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const values = new Float64Array(data.length);
    for (let i = 0; i < values.length; i++) values[i] = Number(data[i]);
    return values;
  }
  return data;
}
