// The marks of one person on a data set, beside those of others in the same file: in memory, wherever they are kept.

import { placementAt } from '../data/dataset.ts';
import type { Placement, Size } from '../image/placement.ts';
import {
  type Annotation,
  type AnnotationFile,
  parseAnnotations,
  type Stroke,
  serialiseAnnotations,
} from './annotations.ts';
import { bindToImages } from './binding.ts';
import { followPixels } from './follow-pixels.ts';
import { toFile, toFrame } from './frame-strokes.ts';
import type { MarkableImages } from './markable-images.ts';

/**
 * Marks of one annotator. Strokes come and go in the pixels of the data set's images; the text has those of the files.
 */
export class MarkSheet {
  readonly annotator: string;
  readonly #images: MarkableImages;
  /** The annotator's own, by image, in the pixels of the image's file. */
  #own: ReadonlyMap<number, readonly Stroke[]>;
  /** As they are in the file: of other people, and of images that are not training images here. */
  readonly others: readonly Annotation[];

  /** @param annotations of a file that was bound to these images, or may be */
  constructor(images: MarkableImages, annotator: string, annotations: readonly Annotation[] = []) {
    this.annotator = annotator;
    this.#images = images;
    const indexOf = new Map(images.ids.map((id, i) => [id, i]));
    const own = new Map<number, readonly Stroke[]>();
    const others: Annotation[] = [];
    for (const annotation of annotations) {
      const { image, annotator: who, strokes } = annotation;
      const i = indexOf.get(typeof image === 'number' ? images.indexed[image] : image);
      if (i === undefined || who !== annotator) others.push(annotation);
      else own.set(i, [...(own.get(i) ?? []), ...strokes]);
    }
    this.#own = own;
    this.others = others;
  }

  /**
   * The sheet of an annotation file.
   *
   * @param where start of error messages: the name of the file
   * @throws RangeError for a text that is damaged, or about other images
   */
  static parse(text: string, images: MarkableImages, annotator: string, where: string): MarkSheet {
    const file = parseAnnotations(text, undefined, where);
    return new MarkSheet(images, annotator, checked(file, images, where));
  }

  /** Indices of the images that the annotator has marked, in order. */
  get marked(): readonly number[] {
    return [...this.#own.keys()].sort((a, b) => a - b);
  }

  /** What is marked on one image; no strokes if nothing is. */
  of(image: number): readonly Stroke[] {
    const { placement, frame } = this.#geometry(image);
    return (this.#own.get(image) ?? []).map((each) => toFrame(each, placement, frame));
  }

  /**
   * The sheet with other strokes of the annotator on an image; this one stays as it is.
   *
   * @throws RangeError for an unknown image or strokes that the format does not allow
   */
  with(image: number, strokes: readonly Stroke[]): MarkSheet {
    const { ids } = this.#images;
    if (ids[image] === undefined) {
      throw new RangeError(`image is ${image}, expected 0 to ${ids.length - 1}.`);
    }
    const { placement, frame } = this.#geometry(image);
    // What has not changed stays as it is in the file: going to the frame and back would round it again and again. It
    // may also reach beyond a frame that shows only the middle of the image.
    const kept = new Map(
      (this.#own.get(image) ?? []).map((each) => [
        JSON.stringify(toFrame(each, placement, frame)),
        each,
      ]),
    );
    const inFile = strokes.map((each) => kept.get(JSON.stringify(each)));
    this.#check(strokes.filter((_, i) => !inFile[i]));
    const own = strokes.map((each, i) => inFile[i] ?? toFile(each, placement, frame));
    const next = new Map(this.#own);
    if (own.length > 0) next.set(image, own);
    else next.delete(image);
    const sheet = new MarkSheet(this.#images, this.annotator, this.others);
    sheet.#own = next;
    return sheet;
  }

  /** The sheet with the marks of another file beside these. @throws RangeError for marks of other images */
  adding(file: AnnotationFile, where: string): MarkSheet {
    const added = checked(file, this.#images, where);
    const annotations = [...this.file().annotations, ...added];
    return new MarkSheet(this.#images, this.annotator, annotations);
  }

  /** The annotation file, as text: others first, then the annotator's own by image. */
  serialise(): string {
    return serialiseAnnotations(this.file());
  }

  /** The annotation file. */
  file(): AnnotationFile {
    const { name: dataset } = this.#images;
    const annotations = [...this.others, ...this.marked.map((image) => this.annotation(image))];
    return { format: 'gfsr-annotations', version: 1, dataset, annotations };
  }

  /** What the file says of the annotator's marks on an image. */
  annotation(image: number): Annotation {
    const { ids, hashes } = this.#images;
    const strokes = [...(this.#own.get(image) ?? [])];
    return { image: ids[image], hash: hashes[image], annotator: this.annotator, strokes };
  }

  #geometry(image: number): { placement: Placement; frame: Size } {
    const { height, width } = this.#images;
    return { placement: placementAt(this.#images, image, this.#images), frame: [height, width] };
  }

  /** @throws RangeError for strokes that the format does not allow */
  #check(strokes: readonly Stroke[]): void {
    const { name: dataset, height, width } = this.#images;
    const annotations = [{ image: 0, annotator: this.annotator, strokes: [...strokes] }];
    const file = { format: 'gfsr-annotations', version: 1, dataset, annotations } as const;
    parseAnnotations(serialiseAnnotations(file), { height, width }, 'marks');
  }
}

/**
 * All annotations of a file, with the ids that the images have here. Those of images that are not trained on stay: they
 * must not get lost from the file.
 *
 * @throws RangeError as `bindToImages`
 */
function checked(
  given: AnnotationFile,
  images: MarkableImages,
  where: string,
): readonly Annotation[] {
  const { file } = followPixels(given, images);
  bindToImages(file, images, where);
  return file.annotations;
}
