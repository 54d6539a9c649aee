// The table of annotation formats, and the one way in and out of it: files to shapes, shapes to files.

import { listed } from '../../text/visible.ts';
import { coco } from './coco.ts';
import { cvat } from './cvat.ts';
import { fitShapes } from './geometry.ts';
import { labelStudio } from './label-studio.ts';
import { labelme } from './labelme.ts';
import { maskImages } from './mask-images.ts';
import { native } from './native.ts';
import { textOf } from './parse.ts';
import {
  type ExchangeFormat,
  type ReadContext,
  type ShapeImage,
  type SizedImage,
  type SourceFile,
  Tally,
  withoutEnding,
} from './shapes.ts';
import { CLASSES, yolo } from './yolo.ts';

/** Formats by the name of a flag. To add one: a file beside this, and its entry here. */
export const EXCHANGE_FORMATS = {
  gfsr: native,
  labelme,
  coco,
  cvat,
  'label-studio': labelStudio,
  yolo,
  masks: maskImages,
} as const satisfies Readonly<Record<string, ExchangeFormat>>;

export type ExchangeName = keyof typeof EXCHANGE_FORMATS;
export const EXCHANGE_NAMES = Object.keys(EXCHANGE_FORMATS) as readonly ExchangeName[];

/** What was read, and what a person should know about it, a sentence each. */
export interface ReadShapes {
  readonly images: readonly ShapeImage[];
  readonly format: ExchangeName;
  readonly notes: readonly string[];
}

/** Whether a file is of any of the formats. */
export const isKnown = (file: SourceFile): boolean =>
  EXCHANGE_NAMES.some((name) => EXCHANGE_FORMATS[name].recognises(file));

/** Files are tried in this order, so that the images beside the annotations are not taken for masks. */
export const ENDINGS = [/\.(json|xml)$/i, /\.txt$/i, /\.png$/i];

/**
 * Reads annotations of any format, told by the content of the files.
 *
 * @param where start of error messages
 * @throws RangeError for damaged files, or if none is of a known format
 */
export async function readShapes(
  files: readonly SourceFile[],
  where: string,
  sizeOf: ReadContext['sizeOf'],
  isLeftOut?: ReadContext['isLeftOut'],
): Promise<ReadShapes> {
  const classes = files.find(({ path }) => path.split('/').at(-1) === CLASSES);
  const names = classes
    ? textOf(classes.bytes)
        .split(/\r?\n/)
        .map((name) => name.trim())
    : [];
  const others = files.filter((file) => file !== classes);
  for (const ending of ENDINGS) {
    const own = others.filter(({ path }) => ending.test(path));
    const format = EXCHANGE_NAMES.find((name) =>
      own.some((file) => EXCHANGE_FORMATS[name].recognises(file)),
    );
    if (!format) continue;
    const tally = new Tally();
    const images: ShapeImage[] = [];
    for (const file of own) {
      if (!EXCHANGE_FORMATS[format].recognises(file)) {
        tally.add(`file that is not ${EXCHANGE_FORMATS[format].title}, left out`);
        continue;
      }
      const at = own.length > 1 ? `${where}: ${listed([file.path])}` : where;
      const context = { where: at, classes: names, tally, sizeOf, isLeftOut };
      const read = await EXCHANGE_FORMATS[format].read(file, context);
      for (const image of read) images.push(fitShapes(image, at, tally));
    }
    return { images, format, notes: tally.lines };
  }
  throw new RangeError(
    `${where}: got ${files.length} files of no known format, expected annotations of ${EXCHANGE_NAMES.map((name) => EXCHANGE_FORMATS[name].title).join(', ')}.`,
  );
}

/**
 * The files of a format.
 *
 * @param dataset name of the data, which only GFSR's own format keeps
 * @throws RangeError if the size of an image is not known, or if two images would share a file
 */
export function writeShapes(
  name: ExchangeName,
  images: readonly ShapeImage[],
  dataset: string,
): { files: Map<string, string | Uint8Array>; notes: readonly string[] } {
  const format: ExchangeFormat = EXCHANGE_FORMATS[name];
  const unsized = images.filter(({ size }) => size === undefined).map((image) => image.name);
  if (unsized.length > 0 && name !== 'gfsr') {
    throw new RangeError(
      `${name}: needs the size of every image, which is not known of ${listed(unsized)}. Name the folder of images with --images.`,
    );
  }
  const tally = new Tally();
  const sized = images as readonly SizedImage[];
  const files = format.write(format.isFolder ? onePerFile(sized, name) : sized, dataset, tally);
  return { files, notes: tally.lines };
}

/** The shapes of an image that occurs several times, as with several annotators, in one: its file has one name. */
function onePerFile(images: readonly SizedImage[], where: string): SizedImage[] {
  const files = new Map<string, SizedImage>();
  for (const image of images) {
    const file = withoutEnding(image.name);
    const other = files.get(file);
    if (other && (other.name !== image.name || other.size.join() !== image.size.join())) {
      throw new RangeError(
        `${where}: ${listed([other.name, image.name])} of ${other.size.join('×')} and ${image.size.join('×')} pixels would share a file, expected different names.`,
      );
    }
    files.set(file, other ? { ...other, shapes: [...other.shapes, ...image.shapes] } : image);
  }
  return [...files.values()];
}
