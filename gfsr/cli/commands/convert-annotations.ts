// `gfsr annotations convert`: annotations of one program in the format of another.

import { basename, dirname, extname, join, parse, resolve } from 'node:path';
import {
  EXCHANGE_FORMATS,
  EXCHANGE_NAMES,
  type ExchangeName,
  writeShapes,
} from '../../annotation/exchange/exchange.ts';
import { imageFinder } from '../../annotation/exchange/foreign-marks.ts';
import { readShapesAt } from '../../annotation/exchange/import-marks.ts';
import { scaleShapes } from '../../annotation/exchange/scale-shapes.ts';
import { type ShapeImage, Tally } from '../../annotation/exchange/shapes.ts';
import { readImages } from '../../data/formats/read-images.ts';
import { writeAtomically } from '../../files/atomic-file.ts';
import { filesBelow } from '../../files/folder-files.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { readBytes } from '../../files/read-file.ts';
import type { Size } from '../../image/placement.ts';
import { defineCommand } from '../../terminal/command.ts';
import { row } from '../../text/lines.ts';
import { quoted } from '../../text/visible.ts';

export const convertAnnotations = defineCommand({
  name: 'annotations convert',
  help: 'convert annotations: GFSR, labelme, COCO, CVAT, Label Studio, YOLO and mask images',
  arguments: { from: 'one', to: 'one' },
  flags: {
    format: {
      kind: 'choice',
      choices: EXCHANGE_NAMES,
      help: 'format to write',
      usual: 'by the ending: .xml is cvat, .json is gfsr',
    },
    images: {
      kind: 'text',
      value: 'folder',
      help: 'the annotated images, for their names, and for sizes that the annotations do not tell',
    },
  },
  examples: [
    'annotations convert labelme-folder marks.json --images photos',
    'annotations convert coco.json masks --format masks',
  ],
  async run({ from, to, format = formatOf(to), images: folder }, out) {
    const target = folder === undefined ? undefined : await imagesIn(folder);
    const read = await readShapesAt(from, target?.sizeOf ?? (async () => undefined));
    const tally = new Tally();
    const images = target ? await onImages(read.images, target, from, tally) : read.images;
    const name = folder === undefined ? parse(resolve(from)).name : basename(resolve(folder));
    const { files, notes } = writeShapes(format, images, name);
    const isFolder = EXCHANGE_FORMATS[format].isFolder;
    for (const [file, content] of files) {
      const path = isFolder ? join(to, insideOnly(file)) : to;
      makeFolder(dirname(path));
      writeAtomically(path, content);
    }
    const shapes = images.reduce((sum, image) => sum + image.shapes.length, 0);
    out.result(
      row(
        'read',
        `${EXCHANGE_FORMATS[read.format].title}: ${shapes} shapes on ${images.length} images`,
      ),
    );
    const told = [...read.notes, ...tally.lines, ...notes];
    if (format === 'gfsr' && !target) {
      told.push(
        `The data is taken to be ${quoted(name)}. If it is not, name its folder with --images.`,
      );
    }
    for (const note of told) out.result(row('note', note));
    out.result(row('wrote', `${to}: ${EXCHANGE_FORMATS[format].title}`));
    return 0;
  },
});

/**
 * Names in annotations come from elsewhere: nothing is written outside the folder.
 *
 * @throws RangeError for a name that no system takes
 */
function insideOnly(path: string): string {
  if (path.includes('\0')) {
    throw new RangeError(`annotations convert: no file can be named ${quoted(path)}.`);
  }
  const parts = path.split(/[/\\]/).filter((part) => !/^(\.{0,2}|[a-z]:)$/i.test(part));
  return parts.join('/');
}

function formatOf(path: string): ExchangeName {
  const usual: Readonly<Record<string, ExchangeName>> = { '.xml': 'cvat', '.json': 'gfsr' };
  const found = usual[extname(path).toLowerCase()];
  if (found) return found;
  throw new RangeError(
    `annotations convert: which format is ${path} to have? Add --format ${EXCHANGE_NAMES.join(', ')}.`,
  );
}

/** A folder of images. */
interface ImageFolder {
  /** The file of an image, by the name that annotations have for it; undefined if there is none. */
  find(name: string): string | undefined;
  /** [height, width] of that file. */
  sizeOf(name: string): Promise<Size | undefined>;
}

/** Annotations may lie beside the images. */
const BESIDE = /\.(json|xml|txt)$/i;

/** The images in a folder, which are read as they are asked for. */
async function imagesIn(folder: string): Promise<ImageFolder> {
  const files = new Set((await filesBelow(folder)).filter((name) => !BESIDE.test(name)));
  const nearest = imageFinder(files);
  const find = (name: string) => (files.has(nearest(name)) ? nearest(name) : undefined);
  const sizes = new Map<string, Size>();
  const sizeOf = async (name: string) => {
    const file = find(name);
    if (file === undefined) return undefined;
    const earlier = sizes.get(file);
    if (earlier) return earlier;
    const { images } = await readImages(await readBytes(join(folder, file)), file);
    const size = [images[0].height, images[0].width] as const;
    sizes.set(file, size);
    return size;
  };
  return { find, sizeOf };
}

/** Shapes on the files of a folder, by the names and in the pixels of those. */
async function onImages(
  images: readonly ShapeImage[],
  { find, sizeOf }: ImageFolder,
  where: string,
  tally: Tally,
): Promise<ShapeImage[]> {
  const placed: ShapeImage[] = [];
  for (const image of images) {
    const file = find(image.name);
    if (file === undefined) tally.add('image that is not in the folder of images, as it is');
    const size = await sizeOf(image.name);
    const scaled = scaleShapes(image, size, where, tally);
    placed.push({ ...scaled, ...(size && { size }), name: file ?? image.name });
  }
  return placed;
}
