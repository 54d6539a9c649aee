// Marks follow their pixels to a copy of the data that has the same images in another order.

import type { AnnotationFile } from './annotations.ts';
import type { MarkableImages } from './markable-images.ts';

/** A file whose annotations have the ids of these images, and how many had others. */
export interface FollowedPixels {
  readonly file: AnnotationFile;
  readonly notes: readonly string[];
}

/**
 * Gives an annotation the id of the image that has its pixels, if the image of its own id has others. Ids that count
 * rows mean other images where a published file has its rows in another order. Without the hashes of the images, or
 * where no image has the pixels, an annotation stays as it is.
 */
export function followPixels(
  file: AnnotationFile,
  { knownHashes: hashes }: Pick<MarkableImages, 'knownHashes'>,
): FollowedPixels {
  if (!hashes) return { file, notes: [] };
  // The first image of several with the same pixels.
  const idOf = new Map([...hashes].reverse().map(([id, hash]) => [hash, id]));
  let moved = 0;
  const annotations = file.annotations.map((annotation) => {
    const { image, hash } = annotation;
    const id = hash === undefined ? undefined : idOf.get(hash);
    if (typeof image === 'number' || id === undefined || hashes.get(image) === hash) {
      return annotation;
    }
    moved++;
    return { ...annotation, image: id };
  });
  const note = `${moved} annotated images have another id in this data, and were found by their pixels`;
  return { file: { ...file, annotations }, notes: moved > 0 ? [note] : [] };
}
