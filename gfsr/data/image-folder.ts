// Turns images listed in a CSV manifest into a data set. The caller provides a function that reads a file.

import { checkLimit, limitOf } from '../files/limits.ts';
import { type DeepImage, decodeDeepPng, largestSample, toBytes } from '../image/deep-png.ts';
import { decodeLevels, type Image } from '../image/png.ts';
import { grouped } from '../text/lines.ts';
import { listed } from '../text/visible.ts';
import {
  assembleDataset,
  type Dataset,
  numberedClasses,
  type Split,
  type SplitName,
} from './dataset.ts';
import { type ManifestRow, readManifest } from './manifest.ts';
import { type MaskFile, readMaskLevels } from './mask-levels.ts';

export interface ImageFolderOptions {
  name?: string;
  /** Maximum number of pixels per image. Default 2^26. */
  maxPixels?: number;
  /** Maximum number of bytes for all pixels together. Default 2 GiB. */
  maxBytes?: number;
}

interface Picture {
  readonly row: ManifestRow;
  readonly deep: DeepImage;
  mask?: Uint8Array;
}

/**
 * A data set from a manifest with the columns file,label[,split][,mask][,patient or group].
 *
 * Labels are whole numbers from 0, or class names (classes are then sorted by name). Splits are train, val or test;
 * without the column each class is split 70/10/20, always in the same way, and the images of one patient or group stay
 * in one split. All images have one size. They become grey if every one is grey, RGB otherwise. A mask is a PNG of the
 * same size; `readMaskLevels` says which of its pixels are relevant. If the 16-bit images of a folder hold fewer bits,
 * such as the 12 of a scanner, the largest number of these bits is white, and a note says so.
 *
 * @param manifest text of the CSV file
 * @param readFile returns the bytes of a file in the manifest, whose path is relative to it
 * @throws RangeError that names the manifest line or the image
 */
export async function imageFolderDataset(
  manifest: string,
  readFile: (file: string) => Promise<Uint8Array> | Uint8Array,
  options: ImageFolderOptions = {},
): Promise<Dataset> {
  const { name = 'image-folder', maxPixels, maxBytes = limitOf('dataBytes') } = options;
  const { rows, splitsGiven } = readManifest(manifest, name);
  const { classes, labelOf } = readClasses(rows, name);
  const pictures: Picture[] = [];
  const masks = new Map<Picture, MaskFile>();
  for (const row of rows) {
    const where = `${name}: ${listed([row.file])}`;
    const deep = decodeDeepPng(await readFile(row.file), { where, maxPixels });
    expectSize(deep, pictures[0]?.deep ?? deep, where);
    const bytes = deep.samples.byteLength * rows.length;
    checkLimit('dataBytes', bytes, `${name}: ${grouped(rows.length)} images`, maxBytes);
    const picture = { row, deep };
    pictures.push(picture);
    if (row.mask) masks.set(picture, await readMask(row.mask, readFile, deep, name, maxPixels));
  }
  const reading = readMaskLevels([...masks.values()], name);
  for (const [i, picture] of [...masks.keys()].entries()) picture.mask = reading.masks[i];
  const channels = Math.max(...new Set(pictures.map(({ deep }) => deep.channels)));
  const { width, height } = pictures[0].deep;
  const depth = sharedDepth(pictures.map(({ deep }) => deep));
  const splits: { [split in SplitName]?: Split } = {};
  for (const split of ['train', 'val', 'test'] as const) {
    const members = pictures.filter(({ row }) => row.split === split);
    if (members.length > 0) splits[split] = toSplit(members, channels, depth.white, labelOf);
  }
  const notes = [reading.note, depth.note].filter((note) => note !== undefined);
  const dataset = assembleDataset({ name, classes, channels, height, width, notes }, splits);
  if (splitsGiven) return dataset;
  const indexed = rows.map(({ file }) => file);
  return { ...dataset, origin: { indexed, ids: new Set(indexed) } };
}

/** Depths that scanners have. */
const DEPTHS = [8, 10, 12, 14, 16];

/** What is white in the 16-bit images of a folder: the largest number of the fewest bits that hold them all. */
function sharedDepth(images: readonly DeepImage[]): { white: number; note?: string } {
  const deep = images.filter(({ samples }) => samples instanceof Uint16Array);
  const largest = deep.reduce((most, image) => Math.max(most, largestSample(image)), 0);
  const bits = DEPTHS.find((each) => largest < 2 ** each) as number;
  const white = 2 ** bits - 1;
  if (deep.length === 0 || bits === 16) return { white };
  const [most, full] = [largest, white].map(grouped);
  return {
    white,
    note: `16-bit images have values up to ${most}: taken as ${bits} bits, with ${full} as white.`,
  };
}

function readClasses(rows: readonly ManifestRow[], name: string) {
  const labels = rows.map((row) => row.label);
  if (labels.every((label) => /^\d+$/.test(label))) {
    return { classes: numberedClasses(labels.map(Number), `${name}: manifest`), labelOf: Number };
  }
  const classes = [...new Set(labels)].sort();
  const index = new Map(classes.map((label, i) => [label, i]));
  return { classes, labelOf: (label: string) => index.get(label) as number };
}

async function readMask(
  file: string,
  readFile: (file: string) => Promise<Uint8Array> | Uint8Array,
  like: Size,
  name: string,
  maxPixels: number | undefined,
): Promise<MaskFile> {
  const where = `${name}: mask ${listed([file])}`;
  const levels = decodeLevels(await readFile(file), { where, maxPixels });
  expectSize(levels, like, where);
  return { file, ...levels };
}

type Size = Readonly<Pick<Image, 'width' | 'height'>>;

function expectSize(got: Size, expected: Size, where: string): void {
  if (got.width !== expected.width || got.height !== expected.height) {
    throw new RangeError(
      `${where}: got ${got.width} x ${got.height} pixels, expected ${expected.width} x ${expected.height}. ` +
        'Resize all images and masks to one size.',
    );
  }
}

function toSplit(
  members: readonly Picture[],
  channels: number,
  white: number,
  labelOf: (label: string) => number,
): Split {
  const { width, height } = members[0].deep;
  const area = width * height;
  const images = new Uint8Array(members.length * channels * area);
  const masks = new Map<number, Uint8Array>();
  for (const [i, { deep, mask }] of members.entries()) {
    if (mask) masks.set(i, mask);
    const image = toBytes(deep, white);
    for (let channel = 0; channel < channels; channel++) {
      const start = (i * channels + channel) * area;
      // A grey image among coloured ones repeats its only channel.
      const from = image.channels === 1 ? 0 : channel;
      for (let pixel = 0; pixel < area; pixel++) {
        images[start + pixel] = image.data[pixel * image.channels + from];
      }
    }
  }
  return {
    count: members.length,
    images,
    labels: Int32Array.from(members, ({ row }) => labelOf(row.label)),
    ids: members.map(({ row }) => row.file),
    ...(masks.size > 0 && { masks }),
    ...(members[0].row.group !== undefined && {
      groups: members.map(({ row }) => row.group as string),
    }),
  };
}
