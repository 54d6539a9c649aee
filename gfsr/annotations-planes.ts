/** Turns an annotation file into what guides training: one plane of marks an annotator and image. */
import { type AnnotationFile, annotationsByImage, type Stroke } from './annotations.ts';
import { rasterise } from './annotations-raster.ts';
import type { Dataset } from './data/dataset.ts';
import { type AnnotationPlane, MARK } from './evidence.ts';
import type { Annotations } from './masks.ts';

/**
 * The marks on each annotated train image: index → planes [H, W] of `MARK`, one an annotator. What one
 * annotator drew on an image in several goes counts as one; an image nobody marked is left out.
 *
 * @throws RangeError for an image that train does not have, or a mask of another size
 */
export function annotationPlanes(
  file: AnnotationFile,
  { train, height, width }: Pick<Dataset, 'train' | 'height' | 'width'>,
): Annotations {
  const planes = new Map<number, AnnotationPlane[]>();
  for (const [image, annotations] of annotationsByImage(file, train)) {
    const strokes = new Map<string, Stroke[]>();
    for (const { annotator, strokes: drawn } of annotations) {
      strokes.set(annotator, [...(strokes.get(annotator) ?? []), ...drawn]);
    }
    const marked = [...strokes.values()]
      .map((drawn) => markPlane(drawn, height, width))
      .filter((plane) => plane.some((mark) => mark !== MARK.none));
    if (marked.length > 0) planes.set(image, marked);
  }
  return planes;
}

/** One annotator's strokes as a plane of `MARK`, [H, W]. */
export function markPlane(strokes: Stroke[], height: number, width: number): AnnotationPlane {
  const drawn = rasterise(strokes, height, width);
  return Uint8Array.from(drawn.positive, (positive, p) => {
    if (positive) return MARK.positive;
    if (drawn.negative[p]) return MARK.negative;
    return drawn.unknown[p] ? MARK.unknown : MARK.none;
  });
}
