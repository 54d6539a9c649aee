// Turns images listed in a CSV manifest into a data set. The caller provides a function that reads a file.

import type { Image } from '../image/png.ts';
import { assembleDataset } from './assemble.ts';
import { type Dataset, numberedClasses, type Split, type SplitName } from './dataset.ts';
import { type ManifestRow, readManifest } from './manifest.ts';
import { MaskStack } from './masks.ts';
import { type Picture, type PictureOptions, type ReadFile, readPictures } from './picture-files.ts';
import { DerivedPixels, type Pixels } from './pixels.ts';
import { memoryShelf, type Shelf } from './shelf.ts';

export type ImageFolderOptions = Partial<PictureOptions>;

/**
 * A data set from a manifest with the columns file,label[,split][,mask][,patient or group].
 *
 * Labels are whole numbers from 0, or class names (classes are then sorted by name; `01` is one). Splits are train, val
 * or test; without the column each class is split 70/10/20, always in the same way, and the images of one patient or
 * group stay in one split. All images have one size, unless `fit` makes squares of them. They become grey if every one
 * is grey, RGB otherwise. A mask is a PNG of the same size; `readMaskLevels` says which of its pixels are relevant. If
 * the 16-bit images of a folder hold fewer bits, such as the 12 of a scanner, the largest number of these bits is
 * white, and a note says so. Images are PNG, JPEG, DICOM, NIfTI or NumPy files. If a file holds several images, such as
 * frames or slices, all of them have its label and split, and are one group unless a column says otherwise.
 *
 * @param manifest text of the file; columns are separated by commas, semicolons or tabs
 * @param readFile returns the bytes of a file in the manifest, whose path is relative to it
 * @throws RangeError that names the manifest line or the image
 */
export async function imageFolderDataset(
  manifest: string,
  readFile: ReadFile,
  options: ImageFolderOptions = {},
): Promise<Dataset> {
  const { name = 'image-folder' } = options;
  const { rows, splitsGiven } = readManifest(manifest, name);
  const { classes, labelOf } = readClasses(rows, name);
  const { pictures: read, notes } = await readPictures(rows, readFile, { ...options, name });
  const pictures = groupedByFile(read);
  const channels = Math.max(...new Set(pictures.map(({ image }) => image.channels)));
  const { width, height } = pictures[0].image;
  const splits: { [split in SplitName]?: Split } = {};
  for (const split of ['train', 'val', 'test'] as const) {
    const members = pictures.filter(({ row }) => row.split === split);
    if (members.length > 0) splits[split] = toSplit(members, channels, labelOf, options.shelf);
  }
  const dataset = assembleDataset({ name, classes, channels, height, width, notes }, splits);
  if (splitsGiven) return dataset;
  const indexed = pictures.map(({ id }) => id);
  return { ...dataset, origin: { indexed, ids: new Set(indexed) } };
}

function readClasses(rows: readonly ManifestRow[], name: string) {
  const labels = rows.map((row) => row.label);
  if (labels.every((label) => /^(0|[1-9]\d*)$/.test(label))) {
    return { classes: numberedClasses(labels.map(Number), `${name}: manifest`), labelOf: Number };
  }
  const classes = [...new Set(labels)].sort();
  const index = new Map(classes.map((label, i) => [label, i]));
  return { classes, labelOf: (label: string) => index.get(label) as number };
}

/** Images of one file, such as slices of a volume, are one group, where no column says what belongs together. */
function groupedByFile(pictures: readonly Picture<ManifestRow>[]): readonly Picture<ManifestRow>[] {
  const isKnown = pictures.some(({ row }) => row.group !== undefined);
  const isAlone = pictures.every(({ id, row }) => id === row.file);
  if (isKnown || isAlone) return pictures;
  return pictures.map((picture) => ({
    ...picture,
    row: { ...picture.row, group: picture.row.file },
  }));
}

function toSplit(
  members: readonly Picture<ManifestRow>[],
  channels: number,
  labelOf: (label: string) => number,
  shelf: Shelf = memoryShelf,
): Split {
  const { width, height } = members[0].image;
  const area = width * height;
  const masked = [...members.keys()].filter((i) => members[i].mask);
  const maskOf = (row: number) => members[masked[row]].mask?.() as Uint8Array;
  const stack = (count: number, size: number, row: (i: number) => Uint8Array): Pixels => {
    if (shelf !== memoryShelf) return new DerivedPixels({ count, size, name: 'read' }, row);
    const out = new Uint8Array(count * size);
    for (let i = 0; i < count; i++) out.set(row(i), i * size);
    return out;
  };
  const images = stack(members.length, channels * area, (i) => planes(members[i].image, channels));
  const masks =
    shelf === memoryShelf
      ? new Map(masked.map((image, row) => [image, maskOf(row)]))
      : new MaskStack(masked, stack(masked.length, area, maskOf));
  return {
    count: members.length,
    images,
    labels: Int32Array.from(members, ({ row }) => labelOf(row.label)),
    ids: members.map(({ id }) => id),
    ...(masks.size > 0 && { masks }),
    hashes: members.map(({ hash }) => hash),
    ...(members[0].placement && {
      placements: members.flatMap(({ placement }) => placement ?? []),
    }),
    ...(members[0].row.group !== undefined && {
      groups: members.map(({ row }) => row.group as string),
    }),
  };
}

/** [H, W, C] to [channels, H, W]. A grey image among coloured ones repeats its only channel. */
function planes({ width, height, channels: own, data }: Image, channels: number): Uint8Array {
  const area = width * height;
  const out = new Uint8Array(channels * area);
  for (let channel = 0; channel < channels; channel++) {
    const from = own === 1 ? 0 : channel;
    for (let pixel = 0; pixel < area; pixel++) {
      out[channel * area + pixel] = data[pixel * own + from];
    }
  }
  return out;
}
