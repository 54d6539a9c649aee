// Turns images listed in a CSV manifest into a data set. The caller provides a function that reads a file.

import { Random } from '../../engine/core/random.ts';
import { decodeLevels, decodePng, type Image } from '../image/png.ts';
import { parseCsv } from '../text/csv.ts';
import {
  assembleDataset,
  type Dataset,
  numberedClasses,
  type Split,
  type SplitName,
} from './dataset.ts';
import { type MaskFile, readMaskLevels } from './mask-levels.ts';

export interface ImageFolderOptions {
  name?: string;
  /** Seed of the split if the manifest has no split column. Default 0. */
  seed?: number | string;
  /** Maximum number of pixels per image. Default 2^26. */
  maxPixels?: number;
  /** Maximum number of bytes for all pixels together. Default 2 GiB. */
  maxBytes?: number;
}

interface Row {
  line: number;
  file: string;
  label: string;
  split: SplitName;
  mask: string;
}

interface Picture {
  row: Row;
  image: Image;
  mask?: Uint8Array;
}

const COLUMNS = ['file', 'label', 'split', 'mask'];

/**
 * A data set from a manifest with the columns file,label[,split][,mask].
 *
 * Labels are whole numbers from 0, or class names (classes are then sorted by name). Splits are train, val or test;
 * without the column each class is split 70/10/20 by `seed`. All images have one size. They become grey if every one is
 * grey, RGB otherwise. A mask is a PNG of the same size; `readMaskLevels` says which of its pixels are relevant.
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
  const { name = 'image-folder', seed = 0, maxPixels, maxBytes = 2 ** 31 } = options;
  const rows = readManifest(manifest, name, seed);
  const { classes, labelOf } = readClasses(rows, name);
  const pictures: Picture[] = [];
  const masks = new Map<Picture, MaskFile>();
  for (const row of rows) {
    const image = decodePng(await readFile(row.file), { where: `${name}: ${row.file}`, maxPixels });
    const first = pictures[0]?.image ?? image;
    expectSize(image, first, `${name}: ${row.file}`);
    if (image.data.length * rows.length > maxBytes) {
      throw new RangeError(
        `${name}: ${rows.length} images of ${image.width} x ${image.height} take more than ` +
          `${maxBytes} bytes. Use smaller images, or raise maxBytes.`,
      );
    }
    const picture = { row, image };
    pictures.push(picture);
    if (row.mask) masks.set(picture, await readMask(row.mask, readFile, image, name, maxPixels));
  }
  const reading = readMaskLevels([...masks.values()], name);
  for (const [i, picture] of [...masks.keys()].entries()) picture.mask = reading.masks[i];
  const channels = Math.max(...new Set(pictures.map(({ image }) => image.channels)));
  const { width, height } = pictures[0].image;
  const splits: { [split in SplitName]?: Split } = {};
  for (const split of ['train', 'val', 'test'] as const) {
    const members = pictures.filter(({ row }) => row.split === split);
    if (members.length > 0) splits[split] = toSplit(members, channels, labelOf);
  }
  const notes = reading.note ? [reading.note] : [];
  return assembleDataset({ name, classes, channels, height, width, notes }, splits);
}

function readManifest(text: string, name: string, seed: number | string): Row[] {
  const [header, ...body] = parseCsv(text, `${name}: manifest`);
  const columns = header?.fields.map((field) => field.trim().toLowerCase()) ?? [];
  const unique = new Set(columns).size === columns.length;
  if (!columns.includes('file') || !columns.includes('label') || !unique) {
    throw new RangeError(
      `${name}: manifest columns, got ${columns.join(',') || '(nothing)'}, expected file,label[,split][,mask].`,
    );
  }
  if (body.length === 0) throw new RangeError(`${name}: manifest lists no images.`);
  const [file, label, split, mask] = COLUMNS.map((column) => columns.indexOf(column));
  const rows = body.map(({ line, fields }): Row => {
    const where = `${name}: manifest line ${line}`;
    if (fields.length !== columns.length) {
      throw new RangeError(`${where}: got ${fields.length} fields, expected ${columns.length}.`);
    }
    const cell = (column: number) => (column < 0 ? '' : fields[column].trim());
    for (const path of [cell(file), cell(mask)]) checkPath(path, where);
    if (cell(file) === '' || cell(label) === '') {
      throw new RangeError(`${where}: file or label is empty.`);
    }
    return {
      line,
      file: cell(file),
      label: cell(label),
      split: split < 0 ? 'train' : readSplitName(cell(split), where),
      mask: cell(mask),
    };
  });
  if (split < 0) splitByClass(rows, new Random(seed, 'split'));
  return rows;
}

function readSplitName(text: string, where: string): SplitName {
  if (text === 'train' || text === 'val' || text === 'test') return text;
  throw new RangeError(`${where}: split, got "${text}", expected train, val or test.`);
}

/** A manifest may come from an untrusted source, so it must not reach files outside its folder. */
function checkPath(path: string, where: string): void {
  if (/^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)/i.test(path)) {
    throw new RangeError(
      `${where}: path leaves the folder, got "${path}", expected one inside it.`,
    );
  }
}

/** Of each class 70 % train, 10 % val, 20 % test. From 3 images on, each split has at least one. */
function splitByClass(rows: Row[], random: Random): void {
  for (const label of [...new Set(rows.map((row) => row.label))].sort()) {
    const members = random.shuffle(rows.filter((row) => row.label === label));
    const enough = members.length >= 3 ? 1 : 0;
    const test = Math.max(Math.round(members.length * 0.2), enough);
    const val = Math.max(Math.round(members.length * 0.1), enough);
    for (const [i, row] of members.entries()) {
      row.split = i < test ? 'test' : i < test + val ? 'val' : 'train';
    }
  }
}

function readClasses(rows: Row[], name: string) {
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
  like: Image,
  name: string,
  maxPixels: number | undefined,
): Promise<MaskFile> {
  const where = `${name}: mask ${file}`;
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

function toSplit(members: Picture[], channels: number, labelOf: (label: string) => number): Split {
  const { width, height } = members[0].image;
  const area = width * height;
  const images = new Uint8Array(members.length * channels * area);
  const masks = new Map<number, Uint8Array>();
  for (const [i, { image, mask }] of members.entries()) {
    if (mask) masks.set(i, mask);
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
  };
}
