// Turns an .npz file in MedMNIST's layout into a data set, with real masks if the file has them.

import type { DataSettings } from '../config/data.ts';
import { checkLimit } from '../files/limits.ts';
import { rowAt } from '../image/rows.ts';
import { listed } from '../text/visible.ts';
import { assembleDataset } from './assemble.ts';
import { knownClasses } from './catalog.ts';
import { type Dataset, numberedClasses, type Split, type SplitName } from './dataset.ts';
import type { NpyArray } from './npy.ts';
import { type NpzOptions, readNpz } from './npz.ts';
import { byteReader, labelsOf } from './npz-arrays.ts';

const SPLITS: SplitName[] = ['train', 'val', 'test'];
const REQUIRED = ['train_images', 'train_labels', 'val_images', 'val_labels'];
const OPTIONAL = [
  'test_images',
  'test_labels',
  ...['ids', 'numbers', 'source', 'group', 'masks', 'mask_index'].map((name) => `*_${name}`),
];

/** How an .npz file is read. */
export interface MedmnistOptions extends Omit<NpzOptions, 'where'> {
  /** What becomes black and white in images that are neither in [0, 1] nor in [0, 255]. Default: percentiles. */
  readonly window?: DataSettings['window'];
}

/**
 * Reads the bytes of a MedMNIST-style .npz file.
 *
 * @param name file name without folder and extension; known names give the classes their names
 * @throws RangeError as `readNpz` and `medmnistDataset`
 */
export function readMedmnist(
  bytes: Uint8Array,
  name: string,
  { window, ...options }: MedmnistOptions = {},
): Dataset {
  return medmnistDataset(readNpz(bytes, { ...options, where: name }), name, window);
}

/**
 * A data set from arrays {train,val[,test]}_{images,labels}: images uint8 [N, H, W] or [N, H, W, 3], labels [N] or [N,
 * 1]. Optional, per split: `_ids` [N], or the number of each file in `_numbers` [N], with its collection in `_source`
 * [N] if several are numbered from 1; `_group` [N], such as patients; `_masks` [M, H, W] (above 0 = relevant), with
 * `_mask_index` [N] giving each image's row in it or -1. `assembleDataset` says what happens without test arrays.
 *
 * @throws RangeError if keys are missing, or if shapes or labels do not agree
 */
export function medmnistDataset(
  arrays: Map<string, NpyArray>,
  name: string,
  window?: DataSettings['window'],
): Dataset {
  if (!REQUIRED.every((key) => arrays.has(key))) {
    throw new RangeError(
      `${name}: not in MedMNIST's layout, got keys ${listed([...arrays.keys()]) || '(none)'}, ` +
        `expected ${REQUIRED.join(', ')} (optional ${OPTIONAL.join(', ')}).`,
    );
  }
  const present = SPLITS.filter((split) => arrays.has(`${split}_images`));
  const labels = new Map(present.map((split) => [split, readLabels(arrays, split, name)]));
  const all = [...labels.values()].flatMap((values) => Array.from(values));
  const numbered = numberedClasses(all, name);
  const classes = knownClasses(name, numbered.length) ?? numbered;
  const train = readArray(arrays, 'train_images', name);
  const size = imageSize(train, `${name}: train_images`);
  const { toBytes, note } = byteReader(train, window);
  const splits: { [split in SplitName]?: Split } = {};
  for (const [split, values] of labels) {
    splits[split] = readSplit(arrays, split, size, values, classes, name, toBytes);
  }
  return assembleDataset({ name, classes, ...size, ...(note && { notes: [note] }) }, splits);
}

interface ImageSize {
  height: number;
  width: number;
  channels: number;
}

function readSplit(
  arrays: Map<string, NpyArray>,
  split: SplitName,
  size: ImageSize,
  labels: Int32Array,
  classes: string[],
  name: string,
  toBytes: ReturnType<typeof byteReader>['toBytes'],
): Split {
  const where = `${name}: ${split}_images`;
  const array = readArray(arrays, `${split}_images`, name);
  const { height, width, channels } = imageSize(array, where);
  if (height !== size.height || width !== size.width || channels !== size.channels) {
    throw new RangeError(
      `${where}: got images of [${height}, ${width}, ${channels}], ` +
        `expected [${size.height}, ${size.width}, ${size.channels}] as in train_images.`,
    );
  }
  const count = array.shape[0];
  const masks = readMasks(arrays, split, count, size, name);
  const groups = readColumn(arrays, `${split}_group`, count, name);
  return {
    count,
    images: toPlanes(toBytes(array, where), count, height * width, channels),
    labels,
    ids: readIds(arrays, split, labels, classes, name),
    ...(masks && { masks }),
    ...(groups && { groups }),
  };
}

function readArray(arrays: Map<string, NpyArray>, key: string, name: string): NpyArray {
  const array = arrays.get(key);
  if (array) return array;
  throw new RangeError(`${name}: ${key} is missing, got keys ${listed([...arrays.keys()])}.`);
}

function imageSize({ shape }: NpyArray, where: string): ImageSize {
  const [count, height, width, channels = 1] = shape;
  const shaped = shape.length === 3 || (shape.length === 4 && (channels === 1 || channels === 3));
  if (!shaped || count < 1) {
    throw new RangeError(
      `${where}: got [${shape.join(', ')}], expected [N, H, W] or [N, H, W, 3].`,
    );
  }
  checkLimit('images', count, where);
  return { height, width, channels };
}

/** [N, H, W, C] to [N, C, H, W]. */
function toPlanes(data: Uint8Array, count: number, area: number, channels: number): Uint8Array {
  if (channels === 1) return data;
  const planes = new Uint8Array(data.length);
  for (let image = 0, from = 0; image < count; image++) {
    const start = image * channels * area;
    for (let pixel = 0; pixel < area; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        planes[start + channel * area + pixel] = data[from++];
      }
    }
  }
  return planes;
}

function readLabels(arrays: Map<string, NpyArray>, split: SplitName, name: string): Int32Array {
  const images = readArray(arrays, `${split}_images`, name);
  imageSize(images, `${name}: ${split}_images`);
  const [count] = images.shape;
  return labelsOf(readArray(arrays, `${split}_labels`, name), count, `${name}: ${split}_labels`);
}

/** One value per image as text; undefined if there is no such array. */
function readColumn(
  arrays: Map<string, NpyArray>,
  key: string,
  count: number,
  name: string,
): string[] | undefined {
  const values: ArrayLike<number | bigint> | undefined = arrays.get(key)?.data;
  if (values && values.length !== count) {
    throw new RangeError(
      `${name}: ${key}, got ${values.length} values, expected ${count}: one per image.`,
    );
  }
  return values && Array.from(values, String);
}

/** `_ids` as they are; `_numbers` as in BUSI's file names, "benign (35)"; or else the position. */
function readIds(
  arrays: Map<string, NpyArray>,
  split: SplitName,
  labels: Int32Array,
  classes: string[],
  name: string,
): string[] {
  const [ids, numbers, sources] = ['ids', 'numbers', 'source'].map((what) =>
    readColumn(arrays, `${split}_${what}`, labels.length, name),
  );
  const number = (i: number) => (sources ? `${sources[i]}-${numbers?.[i]}` : numbers?.[i]);
  return (
    ids ??
    Array.from(labels, (label, i) =>
      numbers ? `${classes[label]} (${number(i)})` : `${split}-${i}`,
    )
  );
}

function readMasks(
  arrays: Map<string, NpyArray>,
  split: SplitName,
  count: number,
  { height, width }: ImageSize,
  name: string,
): Map<number, Uint8Array> | undefined {
  const stack = arrays.get(`${split}_masks`);
  if (!stack) return undefined;
  const [rows, maskHeight, maskWidth] = stack.shape;
  if (stack.shape.length !== 3 || maskHeight !== height || maskWidth !== width) {
    throw new RangeError(
      `${name}: ${split}_masks, got [${stack.shape.join(', ')}], expected [M, ${height}, ${width}].`,
    );
  }
  const index = arrays.get(`${split}_mask_index`);
  const entries = index ? index.data.length : rows;
  if (entries !== count) {
    throw new RangeError(
      `${name}: ${split}_mask_index assigns masks to images, got ${entries} entries, expected ${count}.`,
    );
  }
  const rowOf = Array.from({ length: count }, (_, i) => (index ? Number(index.data[i]) : i));
  const masks = new Map<number, Uint8Array>();
  for (const [image, row] of rowOf.entries()) {
    if (!Number.isInteger(row) || row < -1 || row >= rows) {
      throw new RangeError(
        `${name}: ${split}_mask_index of image ${image}, got ${row}, expected -1 to ${rows - 1}.`,
      );
    }
    if (row === -1) continue;
    const area = height * width;
    const values = rowAt(stack.data as Uint8Array, row, area);
    masks.set(
      image,
      Uint8Array.from(values, (value) => (value > 0 ? 1 : 0)),
    );
  }
  return masks;
}
