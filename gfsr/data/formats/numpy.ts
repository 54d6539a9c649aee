// One image, or a stack of images, in a numpy array of any number type.

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
    const { values, window, note } = pixelValues(array);
    const size = width * height * channels;
    const images = Array.from(
      { length: count },
      (_, i): DeepImage => ({
        ...{ width, height, channels, window },
        values: values.subarray(i * size, (i + 1) * size),
        ...(count > 1 && { part: `image ${i}` }),
      }),
    );
    return { images, notes: note === undefined ? [] : [note] };
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

/** Values with their window: that of bytes and booleans is known, for the others it is told by the values. */
export function pixelValues({ data, dtype }: NpyArray): {
  values: PixelValues;
  window?: { black: number; white: number };
  note?: string;
} {
  if (dtype.endsWith('b1')) return { values: data as Uint8Array, window: { black: 0, white: 1 } };
  if (data instanceof Uint8Array) return { values: data, window: { black: 0, white: 255 } };
  const values = narrow(data);
  const kind = data instanceof Float32Array || data instanceof Float64Array ? 'Floats' : 'Numbers';
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < least) least = values[i];
    if (values[i] > most) most = values[i];
  }
  const range = `in [${round(least)}, ${round(most)}]`;
  if (kind === 'Floats' && least >= 0 && most <= 1) {
    return {
      values,
      window: { black: 0, white: 1 },
      note: `Floats ${range}: 1 is taken as white.`,
    };
  }
  if (least >= 0 && most <= 255) {
    const note = `${kind} ${range}: 255 is taken as white.`;
    return { values, window: { black: 0, white: 255 }, note };
  }
  return { values, note: `${kind} ${range}: neither [0, 1] nor [0, 255], so they are windowed.` };
}

const round = (value: number): number => Number(value.toPrecision(4));

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
