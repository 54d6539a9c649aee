// Images and labels of an .npz file in the types that people save them in: bytes from any numbers, labels from one-hot.

import type { DataSettings } from '../config/data.ts';
import { applyWindow, findWindow } from '../image/window.ts';
import { grouped } from '../text/lines.ts';
import { listed } from '../text/visible.ts';
import { numberedClasses } from './dataset.ts';
import { pixelValues } from './formats/numpy.ts';
import type { NpyArray, NpyData } from './npy.ts';

/** Values of a wrong row that a message shows. */
const SHOWN = 10;

/**
 * Turns images of one type into bytes, all by the window that the training images have: floats in [0, 1] and numbers in
 * [0, 255] by that range, booleans as black and white, others by the rule.
 *
 * @param train the array of training images
 * @param window rule for images that are in neither range. Default: percentiles
 * @returns a function for the array of any split, and what was assumed, as a sentence
 */
export function byteReader(
  train: NpyArray,
  window: DataSettings['window'] = 'auto',
): { toBytes: (array: NpyArray, where: string) => Uint8Array; note?: string } {
  const known = pixelValues(train);
  const rule = window === 'auto' ? 'percentiles' : window;
  const found = known.window ?? findWindow([known.values], rule);
  const decided = `black is ${round(found.black)}, white ${round(found.white)} (${rule} of train)`;
  const note = known.window ? known.note : known.note && `${known.note.slice(0, -1)}: ${decided}.`;
  const toBytes = (array: NpyArray, where: string) => {
    if (array.dtype.slice(1) !== train.dtype.slice(1)) {
      throw new RangeError(
        `${where}: type, got ${listed([array.dtype])}, expected ${train.dtype} as in train_images.`,
      );
    }
    const isBytes = array.data instanceof Uint8Array && found.white === 255;
    return isBytes ? (array.data as Uint8Array) : applyWindow(pixelValues(array).values, found);
  };
  return { toBytes, ...(note !== undefined && { note }) };
}

const round = (value: number): number => Number(value.toPrecision(4));

/**
 * One label per image from [N], [N, 1], or one-hot rows [N, classes].
 *
 * @throws RangeError for another shape, labels that are not whole numbers from 0, or rows without exactly one 1
 */
export function labelsOf({ shape, data }: NpyArray, count: number, where: string): Int32Array {
  const width = data.length / count;
  const isMatrix = shape.length === 2 && shape[1] > 1;
  if (shape[0] !== count || data.length === 0 || (width !== 1 && !isMatrix)) {
    throw new RangeError(
      `${where}, got [${shape.join(', ')}], expected [${count}] or [${count}, 1], one label per image, ` +
        `or [${count}, classes], one-hot.`,
    );
  }
  // Value by value: a list of all of them would be far larger than the array.
  const labelOf = isMatrix
    ? (image: number) => oneOf(data, image, width, where)
    : (image: number) => Number(data[image]);
  const labels = Array.from({ length: count }, (_, image) => labelOf(image));
  // Checked before they become int32, which would wrap or truncate them to a plausible label.
  numberedClasses(labels, where);
  return Int32Array.from(labels);
}

/** The place of the only 1 in the row of an image. */
function oneOf(data: NpyData, image: number, classes: number, where: string): number {
  const row = data.subarray(image * classes, (image + 1) * classes);
  const [zero, one] = typeof row[0] === 'bigint' ? [0n, 1n] : [0, 1];
  const at = (row as Uint8Array).indexOf(one as number);
  const isOneHot = row.every((value, i) => value === (i === at ? one : zero));
  if (at >= 0 && isOneHot) return at;
  const rest = row.length > SHOWN ? ` and ${grouped(row.length - SHOWN)} more` : '';
  const shown = `${row.subarray(0, SHOWN).join(', ')}${rest}`;
  throw new RangeError(
    `${where}: row ${image}, got [${shown}], expected one-hot: a single 1 among zeros. ` +
      'Images with several labels are not supported.',
  );
}
