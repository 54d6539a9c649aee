// Converts an annotation file into what guides training: one plane of marks per annotator and image.

import type { Dataset } from '../data/dataset.ts';
import { inside } from '../data/reduce.ts';
import { areaResize } from '../image/area-resize.ts';
import { type AnnotationFile, annotationsByImage, type Stroke } from './annotations.ts';
import { type AnnotationPlane, type Annotations, MARK } from './marks.ts';
import { rasterise } from './raster.ts';

/** The parts of a data set that are needed to assign annotations to images. */
type Annotated = Pick<Dataset, 'train' | 'height' | 'width' | 'original'>;

/**
 * The marks on each annotated training image: index → planes [H, W] of `MARK`, one per annotator. All annotations of an
 * image by one annotator form one plane; images without marks are left out. If images were reduced, strokes use the
 * pixels of the original images, and the marks are reduced like the images.
 *
 * @throws RangeError for an image that train does not have, or a mask of another size
 */
export function annotationPlanes(
  file: AnnotationFile,
  { train, height, width, original = [height, width] }: Annotated,
): Annotations {
  const planes = new Map<number, AnnotationPlane[]>();
  for (const [image, annotations] of annotationsByImage(file, train)) {
    const strokes = new Map<string, Stroke[]>();
    for (const { annotator, strokes: drawn } of annotations) {
      const earlier = strokes.get(annotator);
      if (!earlier) strokes.set(annotator, [...drawn]);
      else for (const stroke of drawn) earlier.push(stroke);
    }
    const marked = [...strokes.values()]
      .map((drawn) => reduceMarks(markPlane(drawn, ...original), original, [height, width]))
      .filter((plane) => plane.some((mark) => mark !== MARK.none));
    if (marked.length > 0) planes.set(image, marked);
  }
  return planes;
}

/** The strokes of one annotator as a plane of `MARK`, [H, W]. */
export function markPlane(strokes: Stroke[], height: number, width: number): AnnotationPlane {
  const drawn = rasterise(strokes, height, width);
  return Uint8Array.from(drawn.positive, (positive, p) => {
    if (positive) return MARK.positive;
    if (drawn.negative[p]) return MARK.negative;
    return drawn.unknown[p] ? MARK.unknown : MARK.none;
  });
}

/** A pixel takes the mark that covers most of it, as if `reduceImages` reduced one mask per mark. */
function reduceMarks(
  plane: AnnotationPlane,
  from: readonly [number, number],
  to: readonly [number, number],
): AnnotationPlane {
  if (from[0] === to[0] && from[1] === to[1]) return plane;
  const out = new Uint8Array(to[0] * to[1]);
  const most = new Float32Array(out.length);
  for (const mark of [MARK.positive, MARK.negative, MARK.unknown]) {
    const shares = areaResize(
      Float32Array.from(plane, (m) => Number(m === mark)),
      from,
      to,
    );
    inside(shares).forEach((is, p) => {
      if (!is || shares[p] <= most[p]) return;
      out[p] = mark;
      most[p] = shares[p];
    });
  }
  return out;
}
