// Images and labels of an .npz file in the types that people save them in: bytes from any numbers, labels from one-hot.

import type { DataSettings } from '../config/data.ts';
import { applyWindow, findWindow, type Window } from '../image/window.ts';
import { grouped } from '../text/lines.ts';
import { listed } from '../text/visible.ts';
import { numberedClasses } from './dataset.ts';
import { pixelValues, rounded, usualRange } from './formats/numpy.ts';
import type { NpyArray, NpyData } from './npy.ts';

/** Values of a wrong row that a message shows. */
const SHOWN = 10;

/**
 * Turns images of one type into bytes, all by the window that the training images have: booleans as black and white,
 * bytes as they are, other numbers by the rule. The rule `auto` is the range [0, 1] or [0, 255] of numbers that are in
 * it, and percentiles of others.
 *
 * @param train the array of training images
 * @returns a function for the array of any split, and what was assumed, as a sentence
 */
export function byteReader(
  train: NpyArray,
  window: DataSettings['window'] = 'auto',
): { toBytes: (array: NpyArray, where: string) => Uint8Array; note?: string } {
  const { found, note } = trainWindow(train, window);
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

function trainWindow(
  train: NpyArray,
  window: DataSettings['window'],
): { found: Window; note?: string } {
  const { values, window: own } = pixelValues(train);
  if (own) return { found: own };
  const usual = window === 'auto' ? usualRange([values]) : undefined;
  if (usual?.window) return { found: usual.window, note: `${usual.found}.` };
  const rule = window === 'auto' ? 'percentiles' : window;
  const found = findWindow([values], rule);
  const start = usual?.found ?? 'NumPy images are windowed';
  const [black, white] = [found.black, found.white].map(rounded);
  const note = `${start}: black is ${black}, white ${white} (${rule} of train).`;
  return { found, note };
}

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
