// `gfsr annotations convert`: annotations of one program in the format of another.

import { basename, dirname, extname, join, resolve } from 'node:path';
import {
  EXCHANGE_FORMATS,
  EXCHANGE_NAMES,
  type ExchangeName,
  writeShapes,
} from '../../annotation/exchange/exchange.ts';
import { imageFinder } from '../../annotation/exchange/foreign-marks.ts';
import { readShapesAt } from '../../annotation/exchange/import-marks.ts';
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
      help: 'the annotated images, where the annotations do not tell their sizes',
    },
  },
  examples: [
    'annotations convert labelme-folder marks.json',
    'annotations convert coco.json masks --format masks',
  ],
  async run({ from, to, format = formatOf(to), images: folder }, out) {
    const sizeOf = folder === undefined ? async () => undefined : await sizesIn(folder);
    const read = await readShapesAt(from, sizeOf);
    const name = basename(resolve(folder ?? from)).replace(/\.\w+$/, '');
    const { files, notes } = writeShapes(format, read.images, name);
    const isFolder = EXCHANGE_FORMATS[format].isFolder;
    for (const [file, content] of files) {
      const path = isFolder ? join(to, insideOnly(file)) : to;
      makeFolder(dirname(path));
      writeAtomically(path, content);
    }
    const shapes = read.images.reduce((sum, image) => sum + image.shapes.length, 0);
    out.result(
      row(
        'read',
        `${EXCHANGE_FORMATS[read.format].title}: ${shapes} shapes on ${read.images.length} images`,
      ),
    );
    for (const note of [...read.notes, ...notes]) out.result(row('note', note));
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

/** Sizes of the images in a folder, as they are asked for. */
async function sizesIn(folder: string): Promise<(name: string) => Promise<Size | undefined>> {
  const names = await filesBelow(folder);
  const known = new Set(names);
  const find = imageFinder(names);
  return async (name) => {
    const file = find(name);
    if (!known.has(file)) return undefined;
    const { images } = await readImages(await readBytes(join(folder, file)), file);
    return [images[0].height, images[0].width];
  };
}
