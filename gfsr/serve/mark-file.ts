// An annotation file while one person adds to it: a change counts once it is on the disk, and no other mark is lost.

import { existsSync } from 'node:fs';
import { bindToImages } from '../annotation/annotation-source.ts';
import {
  type Annotation,
  type AnnotationFile,
  parseAnnotations,
  type Stroke,
  serialiseAnnotations,
} from '../annotation/annotations.ts';
import { type Dataset, placementAt } from '../data/dataset.ts';
import { hashesOf, originOf } from '../data/origin.ts';
import { writeAtomically } from '../files/atomic-file.ts';
import { valueHash } from '../files/content-hash.ts';
import { readText } from '../files/read-file.ts';
import type { Placement, Size } from '../image/placement.ts';
import { toFile, toFrame } from './frame-strokes.ts';

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
  readonly annotator: string;
  readonly #dataset: Dataset;
  readonly #hashes: readonly string[];
  /** The annotator's own, by image, in the pixels of the image's file. */
  readonly #own = new Map<number, readonly Stroke[]>();
  /** As they are in the file: of other people, and of images that are not training images here. */
  readonly #others: readonly Annotation[];

  private constructor(path: string, annotator: string, dataset: Dataset, file?: AnnotationFile) {
    this.path = path;
    this.annotator = annotator;
    this.#dataset = dataset;
    this.#hashes = hashesOf(dataset.train, dataset);
    const { ids } = dataset.train;
    const { indexed } = originOf(dataset);
    const indexOf = new Map(ids.map((id, i) => [id, i]));
    const others: Annotation[] = [];
    for (const annotation of file?.annotations ?? []) {
      const { image, annotator: who, strokes } = annotation;
      const i = indexOf.get(typeof image === 'number' ? indexed[image] : image);
      if (i === undefined || who !== annotator) others.push(annotation);
      else this.#own.set(i, [...(this.#own.get(i) ?? []), ...strokes]);
    }
    this.#others = others;
  }

  /**
   * Opens a file, or begins one that does not exist yet.
   *
   * @throws RangeError for a file that is damaged, or about other images
   */
  static async open(path: string, dataset: Dataset, annotator: string): Promise<MarkFile> {
    if (!existsSync(path)) return new MarkFile(path, annotator, dataset);
    const file = parseAnnotations(await readText(path, 'annotationBytes'), undefined, path);
    bindToImages(file, dataset, path); // for its checks; it leaves out marks that must stay in the file
    return new MarkFile(path, annotator, dataset, file);
  }

  /** Everything that the annotator has marked, by image. */
  all(): ImageMarks[] {
    return [...this.#own.keys()].sort((a, b) => a - b).map((image) => this.of(image));
  }

  /** What is marked on one image; no strokes if nothing is. */
  of(image: number): ImageMarks {
    const { placement, frame } = this.#geometry(image);
    const strokes = (this.#own.get(image) ?? []).map((each) => toFrame(each, placement, frame));
    return { image, strokes, revision: revisionOf(strokes) };
  }

  /**
   * Replaces the annotator's strokes on an image and writes the file.
   *
   * @param revision of the marks that the change is based on
   * @throws RangeError for an unknown image or strokes that the format does not allow; StaleMarksError if the marks
   *   have changed since; the error of the file system if the file cannot be written. The marks then stay as they were.
   */
  replace(image: number, strokes: readonly Stroke[], revision: string): ImageMarks {
    const { ids } = this.#dataset.train;
    if (ids[image] === undefined) {
      throw new RangeError(`image is ${image}, expected 0 to ${ids.length - 1}.`);
    }
    if (this.of(image).revision !== revision) {
      throw new StaleMarksError(`image ${image} was marked elsewhere since. Reload the page.`);
    }
    this.#check(strokes);
    const { placement, frame } = this.#geometry(image);
    // What has not changed stays as it is in the file: going to the frame and back would round it again and again.
    const kept = new Map(
      (this.#own.get(image) ?? []).map((each) => [
        JSON.stringify(toFrame(each, placement, frame)),
        each,
      ]),
    );
    const own = strokes.map(
      (each) => kept.get(JSON.stringify(each)) ?? toFile(each, placement, frame),
    );
    const next = new Map(this.#own);
    if (own.length > 0) next.set(image, own);
    else next.delete(image);
    writeAtomically(this.path, this.#serialise(next));
    if (own.length > 0) this.#own.set(image, own);
    else this.#own.delete(image);
    return this.of(image);
  }

  #geometry(image: number): { placement: Placement; frame: Size } {
    const { train, height, width } = this.#dataset;
    return { placement: placementAt(train, image, this.#dataset), frame: [height, width] };
  }

  /** @throws RangeError for strokes that the format does not allow */
  #check(strokes: readonly Stroke[]): void {
    const { name: dataset, height, width } = this.#dataset;
    const annotations = [{ image: 0, annotator: this.annotator, strokes: [...strokes] }];
    const file = { format: 'gfsr-annotations', version: 1, dataset, annotations } as const;
    parseAnnotations(serialiseAnnotations(file), { height, width }, 'marks');
  }

  #serialise(own: ReadonlyMap<number, readonly Stroke[]>): string {
    const { ids } = this.#dataset.train;
    const mine = [...own]
      .sort(([a], [b]) => a - b)
      .map(
        ([i, strokes]): Annotation => ({
          image: ids[i],
          hash: this.#hashes[i],
          annotator: this.annotator,
          strokes: [...strokes],
        }),
      );
    const annotations = [...this.#others, ...mine];
    const { name: dataset } = this.#dataset;
    return serialiseAnnotations({ format: 'gfsr-annotations', version: 1, dataset, annotations });
  }
}
