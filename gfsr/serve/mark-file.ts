// An annotation file while one person adds to it: a change counts once it is on the disk, and no other mark is lost.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, parse, relative, resolve } from 'node:path';
import type { Stroke } from '../annotation/annotations.ts';
import { importAnnotations, ownText, readFilesAt } from '../annotation/exchange/import-marks.ts';
import { MarkSheet } from '../annotation/mark-sheet.ts';
import { type MarkableImages, markableImages } from '../annotation/markable-images.ts';
import type { Dataset } from '../data/dataset.ts';
import { writeAtomically } from '../files/atomic-file.ts';
import { valueHash } from '../files/content-hash.ts';
import { decodeText } from '../files/decode-text.ts';
import { makeWritableFolder } from '../files/make-folder.ts';

/** What a person has marked on one image. */
export interface ImageMarks {
  /** Index among the training images. */
  readonly image: number;
  /** In the pixels of the data set's images. In the file they are in those of the image's file. */
  readonly strokes: readonly Stroke[];
  /** As `revisionOf`. */
  readonly revision: string;
}

/** Changes with the strokes of an image. */
export const revisionOf = (strokes: readonly Stroke[]): string => valueHash(strokes);

/** A change was based on marks that somebody has changed since. */
export class StaleMarksError extends Error {
  override readonly name = 'StaleMarksError';
  readonly code = 'GFSR_STALE_MARKS';
}

/** The marks of one annotator in a file that may hold those of others, too. */
export class MarkFile {
  readonly path: string;
  readonly #images: MarkableImages;
  #sheet: MarkSheet;
  /** The file as it was read or written last; undefined if it did not exist. */
  #text: string | undefined;

  private constructor(path: string, images: MarkableImages, sheet: MarkSheet, text?: string) {
    this.path = path;
    this.#images = images;
    this.#sheet = sheet;
    this.#text = text;
  }

  /**
   * Opens a file, or begins one that does not exist yet. Marks of another program stay as they are: they become those
   * of the annotator in a new file beside them, `<name>-marks.json`.
   *
   * @throws RangeError for a file that is damaged, or about other images, or if there is such a new file already
   */
  static async open(path: string, dataset: Dataset, annotator: string): Promise<MarkFile> {
    const images = markableImages(dataset);
    makeWritableFolder(dirname(path));
    if (!existsSync(path)) return new MarkFile(path, images, new MarkSheet(images, annotator));
    const files = await readFilesAt(path);
    const text = ownText(files);
    if (text !== undefined) {
      return new MarkFile(path, images, MarkSheet.parse(text, images, annotator, path), text);
    }
    const { file } = await importAnnotations(files, dataset);
    const annotations = file.annotations.map((each) => ({ ...each, annotator }));
    const sheet = new MarkSheet(images, annotator).adding({ ...file, annotations }, path);
    return MarkFile.#beside(path, images, sheet);
  }

  /** Begins the file of imported marks. */
  static #beside(path: string, images: MarkableImages, sheet: MarkSheet): MarkFile {
    const { dir, name } = parse(resolve(path));
    const own = join(relative('', dir), `${name}-marks.json`);
    if (existsSync(own)) {
      throw new RangeError(
        `${path}: holds marks of another program, which were imported before. Continue with --annotations ${own}, or remove that file.`,
      );
    }
    const text = sheet.serialise();
    writeAtomically(own, text);
    return new MarkFile(own, images, sheet, text);
  }

  get annotator(): string {
    return this.#sheet.annotator;
  }

  /** Everything that the annotator has marked, by image. */
  all(): ImageMarks[] {
    return this.#sheet.marked.map((image) => this.of(image));
  }

  /** What is marked on one image; no strokes if nothing is. */
  of(image: number): ImageMarks {
    const strokes = this.#sheet.of(image);
    return { image, strokes, revision: revisionOf(strokes) };
  }

  /**
   * Replaces the annotator's strokes on an image and writes the file. What another program has written into it since
   * stays.
   *
   * @param revision of the marks that the change is based on
   * @throws RangeError for an unknown image or strokes that the format does not allow; StaleMarksError if the marks
   *   have changed since; the error of the file system if the file cannot be written. The marks then stay as they were.
   */
  replace(image: number, strokes: readonly Stroke[], revision: string): ImageMarks {
    this.#readAgain();
    const next = this.#sheet.with(image, strokes);
    if (this.of(image).revision !== revision) {
      throw new StaleMarksError(`image ${image} was marked elsewhere since. Reload the page.`);
    }
    const text = next.serialise();
    writeAtomically(this.path, text);
    this.#text = text;
    this.#sheet = next;
    return this.of(image);
  }

  /** Takes the file as it is now, if it has changed: two people may mark into it at the same time. */
  #readAgain(): void {
    if (!existsSync(this.path)) return;
    const text = decodeText(readFileSync(this.path), this.path);
    if (text === this.#text) return;
    this.#sheet = MarkSheet.parse(text, this.#images, this.annotator, this.path);
    this.#text = text;
  }
}
