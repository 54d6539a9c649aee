// Binds marks to images: by id and by the hash of the pixels, whatever limit, size or shortcut came after the file.

import { placementAt } from '../data/dataset.ts';
import { checkLimit } from '../files/limits.ts';
import { quoted } from '../text/visible.ts';
import { type Annotation, type AnnotationFile, checkStrokeFits } from './annotations.ts';
import { followPixels } from './follow-pixels.ts';
import type { MarkableImages } from './markable-images.ts';

/** A file whose annotations name training images by id and hash, and what a person should know about it. */
export interface BoundAnnotations {
  readonly file: AnnotationFile;
  readonly notes: readonly string[];
}

/**
 * Finds the image of every annotation, by its pixels where it has another id than when it was marked. An index counts
 * the training images of the file as it is on disk, or all images of a folder without splits. Marks on images that are
 * not trained on are left out, with a note.
 *
 * @param where start of error messages: the name of the file
 * @throws RangeError for another data set, an unknown image, an image whose pixels have changed since it was marked,
 *   points that are shares of the image instead of pixels, or more annotators than the limit
 */
export function bindAnnotations(
  given: AnnotationFile,
  images: MarkableImages,
  where: string,
): BoundAnnotations {
  const { file, notes } = followPixels(given, images);
  const byHand = file.annotations.some(({ hash }) => hash === undefined);
  if (byHand) checkName(file, images, where);
  if (file.annotations.every(({ hash }) => hash === undefined)) checkPixels(file, where);
  const annotators = new Set(file.annotations.map(({ annotator }) => annotator)).size;
  checkLimit('annotators', annotators, where);
  const { indexed, known } = images;
  const idOf = (image: string | number, i: number): string => {
    const id = typeof image === 'string' ? image : indexed[image];
    if (id !== undefined && known.has(id)) return id;
    const expected =
      typeof image === 'string'
        ? `an id such as ${quoted(indexed[0])}`
        : `0 to ${indexed.length - 1}`;
    throw new RangeError(
      `${where}: annotations[${i}]: unknown image, got ${quoted(image)}, expected ${expected}. Is the file for another data set?`,
    );
  };
  const named = file.annotations.map((each, i) => ({ ...each, image: idOf(each.image, i) }));
  const annotations = withHashes(named, images, where);
  const byIndex = file.annotations.some(({ image }) => typeof image === 'number');
  const left = file.annotations.length - annotations.length;
  return {
    file: { ...file, annotations },
    notes: [
      ...notes,
      ...(byIndex ? ['indices count the images of the file, before any limit'] : []),
      ...(left > 0 ? [`${left} annotations of images that are not trained on are left out`] : []),
    ],
  };
}

/** The annotations of training images with the hash of each image. */
export function withHashes(
  annotations: readonly Annotation[],
  { ids, hashes }: MarkableImages,
  where: string,
): Annotation[] {
  const indexOf = new Map(ids.map((id, i) => [id, i]));
  return annotations.flatMap((annotation) => {
    const i = indexOf.get(annotation.image as string);
    if (i === undefined) return [];
    const { hash = hashes[i] } = annotation;
    if (hash === hashes[i]) return [{ ...annotation, hash }];
    throw new RangeError(
      `${where}: image ${quoted(annotation.image)} has other pixels than when it was marked, got hash ${hashes[i]}, expected ${quoted(hash)}. Use the data that was annotated. If it is the same image, take its hash out.`,
    );
  });
}

/**
 * Binds annotations to the training images, and checks that every stroke lies on its image.
 *
 * @throws RangeError as `bindAnnotations`, or naming the first stroke that does not
 */
export function bindToImages(
  file: AnnotationFile,
  images: MarkableImages,
  where: string,
): BoundAnnotations {
  const bound = bindAnnotations(file, images, where);
  checkFit(bound.file, images, where);
  return bound;
}

/** @throws RangeError naming the first stroke that lies outside its image, as the file of the image has it */
function checkFit({ annotations }: AnnotationFile, images: MarkableImages, where: string): void {
  const indexOf = new Map(images.ids.map((id, i) => [id, i]));
  for (const { image, strokes } of annotations) {
    const index = indexOf.get(image as string) as number;
    const [height, width] = placementAt(images, index, images).from;
    for (const [j, stroke] of strokes.entries()) {
      checkStrokeFits(stroke, { height, width }, `${where}: image ${quoted(image)}, strokes[${j}]`);
    }
  }
}

/** A planted shortcut adds to the name of the data. */
const plainName = (name: string): string => name.split('+')[0];

function checkName(
  { dataset: said }: AnnotationFile,
  { name }: MarkableImages,
  where: string,
): void {
  if (plainName(said) === plainName(name)) return;
  throw new RangeError(
    `${where}: dataset is ${quoted(said)}, but the data is ${quoted(plainName(name))}. If its images are the same, write this name into the file.`,
  );
}

function checkPixels({ annotations }: AnnotationFile, where: string): void {
  const points = annotations.flatMap(({ strokes }) => strokes).flatMap((stroke) => stroke.points);
  const inPixels = points.some(([x, y]) => x > 1 || y > 1);
  if (points.length === 0 || inPixels) return;
  throw new RangeError(
    `${where}: all points lie within 0…1, expected pixels. Multiply shares of the image by its width and height.`,
  );
}
