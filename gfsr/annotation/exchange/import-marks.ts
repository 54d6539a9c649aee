// Annotations of other programs as marks on a data set: reads their files, and finds the image of each.

import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Dataset, placementAt } from '../../data/dataset.ts';
import { originOf } from '../../data/origin.ts';
import { filesBelow } from '../../files/folder-files.ts';
import { checkLimit } from '../../files/limits.ts';
import { readBytes } from '../../files/read-file.ts';
import type { Size } from '../../image/placement.ts';
import type { AnnotationFile } from '../annotations.ts';
import { type ReadShapes, readShapes } from './exchange.ts';
import { foreignMarks, isOwnFormat } from './foreign-marks.ts';
import { baseName, type ReadContext, type SourceFile } from './shapes.ts';

/** Endings of annotations. Those after the first that occurs are of images, or of something else. */
const ENDINGS = [/\.(json|xml)$/i, /\.txt$/i, /\.png$/i];

/**
 * The annotation files at a path: the file, or those in the folder.
 *
 * @throws RangeError if there is none, or if they are larger together than annotations may be
 */
export async function annotationFiles(path: string): Promise<SourceFile[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) {
    return [{ path: basename(path), bytes: await readBytes(path, 'annotationBytes') }];
  }
  const names = (await filesBelow(path)).sort();
  const ending = ENDINGS.find((each) => names.some((name) => each.test(name)));
  if (!ending)
    throw new RangeError(
      `${path}: got a folder without annotations, expected .json, .xml, .txt or .png files.`,
    );
  const own = names.filter((name) => ending.test(name) || baseName(name) === 'classes.txt');
  const files: SourceFile[] = [];
  let total = 0;
  // One by one: a process may have only a few thousand files open.
  for (const name of own) {
    const bytes = await readBytes(join(path, name), 'annotationBytes');
    total += bytes.length;
    checkLimit('annotationBytes', total, path);
    files.push({ path: name, bytes });
  }
  return files;
}

/** Annotations at a path, in any format. */
export async function readShapesAt(
  path: string,
  sizeOf: ReadContext['sizeOf'],
): Promise<ReadShapes> {
  return readShapes(await annotationFiles(path), path, sizeOf);
}

/**
 * Marks on the images of a data set from files of another program, as `foreignMarks`; undefined for GFSR's own format
 * and for files of no known one.
 *
 * @throws RangeError for damaged files, or an image that the data set does not have
 */
export async function importAnnotations(
  path: string,
  dataset: Dataset,
): Promise<{ file: AnnotationFile; notes: readonly string[] } | undefined> {
  const files = await annotationFiles(path);
  const [first] = files;
  // What is of no known format is told by the reader of our own.
  if (files.length === 1 && first.path === basename(path) && isOwnFormat(first)) return undefined;
  const { ids: known } = originOf(dataset);
  const sizeOf = sizesIn(dataset);
  return foreignMarks(files, path, { name: dataset.name, known, sizeOf });
}

/** Size of each image as its file has it, by its id. */
function sizesIn(dataset: Dataset): (id: string) => Size | undefined {
  const sizes = new Map<string, Size>();
  for (const split of [dataset.train, dataset.val, dataset.test]) {
    for (const [i, id] of split.ids.entries()) {
      if (!sizes.has(id)) sizes.set(id, placementAt(split, i, dataset).from);
    }
  }
  return (id) => sizes.get(id);
}
