// Annotations of other programs as marks on a data set: reads their files, and finds the image of each.

import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Dataset } from '../../data/dataset.ts';
import { decodeText } from '../../files/decode-text.ts';
import { filesBelow } from '../../files/folder-files.ts';
import { checkLimit } from '../../files/limits.ts';
import { readBytes } from '../../files/read-file.ts';
import type { AnnotationFile } from '../annotations.ts';
import { markableImages, sizesOf } from '../markable-images.ts';
import { ENDINGS, isKnown, type ReadShapes, readShapes } from './exchange.ts';
import { foreignMarks, isOwnFormat } from './foreign-marks.ts';
import { baseName, type ReadContext, type SourceFile } from './shapes.ts';
import { CLASSES } from './yolo.ts';

/** A file of annotations, or those in a folder, as they were when they were read. */
export interface FilesAt {
  readonly path: string;
  readonly isFolder: boolean;
  /** At least one. */
  readonly files: readonly SourceFile[];
}

/**
 * Reads the annotation files at a path.
 *
 * @throws RangeError if there is none, or if they are larger together than annotations may be
 */
export async function readFilesAt(path: string): Promise<FilesAt> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) {
    const bytes = await readBytes(path, 'annotationBytes');
    return { path, isFolder: false, files: [{ path: basename(path), bytes }] };
  }
  const names = (await filesBelow(path)).sort();
  const [documents, texts, pictures] = ENDINGS.map((ending) =>
    names.filter((name) => ending.test(name)),
  );
  // Pictures beside documents are hardly masks, even if the documents are of an unknown program.
  const kinds = [documents, texts, documents.length > 0 ? [] : pictures];
  if (kinds.every(({ length }) => length === 0))
    throw new RangeError(
      `${path}: got a folder without annotations, expected .json, .xml, .txt or .png files.`,
    );
  const classes = names.filter((name) => baseName(name) === CLASSES);
  let files: readonly SourceFile[] = [];
  // Other files may lie beside, such as notes: the first kind counts of which there are annotations.
  for (const kind of kinds.filter(({ length }) => length > 0)) {
    files = await readAll(path, [...new Set([...kind, ...classes])]);
    if (files.some((file) => baseName(file.path) !== CLASSES && isKnown(file))) break;
  }
  return { path, isFolder: true, files };
}

async function readAll(path: string, names: readonly string[]): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  let total = 0;
  // One by one: a process may have only a few thousand files open.
  for (const name of names) {
    const bytes = await readBytes(join(path, name), 'annotationBytes');
    total += bytes.length;
    checkLimit('annotationBytes', total, path);
    files.push({ path: name, bytes });
  }
  return files;
}

/**
 * The text of a file of GFSR's own format, or of no known one: our reader says what is wrong with it. Undefined for
 * what other programs wrote.
 */
export const ownText = ({ path, isFolder, files: [first] }: FilesAt): string | undefined =>
  isFolder || !isOwnFormat(first) ? undefined : decodeText(first.bytes, path);

/** Annotations at a path, in any format. */
export async function readShapesAt(
  path: string,
  sizeOf: ReadContext['sizeOf'],
): Promise<ReadShapes> {
  return readShapes((await readFilesAt(path)).files, path, sizeOf);
}

/**
 * Marks on the images of a data set from files of another program, as `foreignMarks`.
 *
 * @throws RangeError for damaged files, or files of no known format
 */
export async function importAnnotations(
  { path, files }: FilesAt,
  dataset: Dataset,
): Promise<{ file: AnnotationFile; notes: readonly string[] }> {
  const images = markableImages(dataset);
  return foreignMarks(files, path, { ...images, sizeOf: sizesOf(images) });
}
