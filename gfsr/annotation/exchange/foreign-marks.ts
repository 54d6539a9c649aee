// Annotations of other programs as marks on a data set: finds the image of each.

import type { Size } from '../../image/placement.ts';
import type { AnnotationFile } from '../annotations.ts';
import { isKnown, readShapes } from './exchange.ts';
import { IMPORTED, native } from './native.ts';
import { scaleShapes } from './scale-shapes.ts';
import { baseName, type SourceFile, Tally, withoutEnding } from './shapes.ts';
import { shapeStrokes } from './strokes.ts';

/** The images that marks may be on. */
export interface ForeignTarget {
  /** Of the data set. */
  readonly name: string;
  /** Ids of all images of all splits. */
  readonly known: ReadonlySet<string>;
  /** [height, width] of an image as its file has it, by its id. */
  sizeOf(id: string): Size | undefined;
}

/**
 * Marks from files of another program. Images are found by their path, or else by their name without the folders, or
 * without the ending. What was drawn on a larger or smaller copy of an image is scaled.
 *
 * @param where start of error messages
 * @throws RangeError for damaged files, files of no known format, or images of another shape
 */
export async function foreignMarks(
  files: readonly SourceFile[],
  where: string,
  { name, known, sizeOf }: ForeignTarget,
): Promise<{ file: AnnotationFile; notes: readonly string[] }> {
  const idOf = imageFinder(known);
  const isLeftOut = (image: string) => known.has(idOf(image)) && !sizeOf(idOf(image));
  const sizeNamed = async (image: string) => sizeOf(idOf(image));
  const { images, notes } = await readShapes(files, where, sizeNamed, isLeftOut);
  const tally = new Tally();
  const annotations = images
    .map((drawn) => {
      const image = idOf(drawn.name);
      const { shapes } = scaleShapes(drawn, sizeOf(image), where, tally);
      return { image, annotator: IMPORTED, strokes: shapes.flatMap(shapeStrokes) };
    })
    .filter(({ strokes }) => strokes.length > 0);
  const [dataset] = name.split('+');
  return {
    file: { format: 'gfsr-annotations', version: 1, dataset, annotations },
    notes: [...notes, ...tally.lines],
  };
}

/** Whether a file is GFSR's own. What is of no known format counts as such: our reader says what is wrong. */
export const isOwnFormat = (file: SourceFile): boolean => native.recognises(file) || !isKnown(file);

/** Finds ids by paths that other programs know. What is not found, or more than once, stays as it is. */
export function imageFinder(ids: Iterable<string>): (name: string) => string {
  const known = new Set(ids);
  const tableBy = (key: (id: string) => string) => {
    const table = new Map<string, string | undefined>();
    for (const id of known) table.set(key(id), table.has(key(id)) ? undefined : id);
    return table;
  };
  const stems = tableBy(withoutEnding);
  const files = tableBy(baseName);
  const fileStems = tableBy((id) => withoutEnding(baseName(id)));
  return (name) => {
    const path = name.replace(/^(\.\/)+/, '');
    if (known.has(path)) return path;
    const file = baseName(path);
    // A name may have lost its ending already: what looks like one is then part of the name.
    return (
      stems.get(path) ??
      stems.get(withoutEnding(path)) ??
      files.get(file) ??
      fileStems.get(file) ??
      fileStems.get(withoutEnding(file)) ??
      path
    );
  };
}
