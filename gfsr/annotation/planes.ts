// Converts an annotation file into what guides training: one plane of marks per annotator and image.

import { type Dataset, placementAt } from '../data/dataset.ts';
import { inside } from '../data/resize.ts';
import { isWhole, type Placement, placePlane, type Size } from '../image/placement.ts';
import { type AnnotationFile, annotationsByImage, type Stroke } from './annotations.ts';
import { type AnnotationPlane, type Annotations, MARK, saysNothing } from './marks.ts';
import { rasterise } from './raster.ts';

/** The parts of a data set that are needed to assign annotations to images. */
interface Annotated extends Pick<Dataset, 'height' | 'width'> {
  readonly train: { readonly ids: readonly string[]; readonly placements?: readonly Placement[] };
}

/**
 * The marks on each annotated training image: index → planes [H, W] of `MARK`, one per annotator. All annotations of an
 * image by one annotator form one plane; images without marks are left out. Strokes use the pixels of the images as
 * their files have them. If images were reduced or made square, the marks go along.
 *
 * @throws RangeError for an image that train does not have, or a mask of another size
 */
export function annotationPlanes(file: AnnotationFile, dataset: Annotated): Annotations {
  const people = planesByAnnotator(file, dataset);
  return new Map([...people].map(([image, planes]) => [image, [...planes.values()]]));
}

/** The same with the name of the annotator of each plane. */
export function planesByAnnotator(
  file: AnnotationFile,
  { train, height, width }: Annotated,
): ReadonlyMap<number, ReadonlyMap<string, AnnotationPlane>> {
  const planes = new Map<number, ReadonlyMap<string, AnnotationPlane>>();
  for (const [image, annotations] of annotationsByImage(file, train)) {
    const placement = placementAt(train, image, { height, width });
    const strokes = new Map<string, Stroke[]>();
    for (const { annotator, strokes: drawn } of annotations) {
      const earlier = strokes.get(annotator);
      if (!earlier) strokes.set(annotator, [...drawn]);
      else for (const stroke of drawn) earlier.push(stroke);
    }
    const marked = [...strokes]
      .map(([annotator, drawn]): [string, AnnotationPlane] => {
        const plane = markPlane(drawn, ...placement.from);
        return [annotator, placeMarks(plane, placement, [height, width])];
      })
      .filter(([, plane]) => plane.some((mark) => mark !== MARK.none));
    if (marked.length > 0) planes.set(image, new Map(marked));
  }
  return planes;
}

/** The strokes of one annotator as a plane of `MARK`, [H, W]. */
export function markPlane(strokes: Stroke[], height: number, width: number): AnnotationPlane {
  const drawn = rasterise(strokes, height, width);
  const plane = new Uint8Array(height * width);
  // A loop: a person who marks waits for it.
  for (let p = 0; p < plane.length; p++) {
    if (drawn.positive[p]) plane[p] = MARK.positive;
    else if (drawn.negative[p]) plane[p] = MARK.negative;
    else if (drawn.unknown[p]) plane[p] = MARK.unknown;
  }
  return plane;
}

/**
 * A pixel takes the mark that covers most of it, as if one mask per mark went along with the image. Bars beside the
 * image have no mark, except where nothing on the image is relevant: then they are not relevant either.
 */
function placeMarks(plane: AnnotationPlane, placement: Placement, frame: Size): AnnotationPlane {
  if (isWhole(placement, frame)) return plane;
  const out = new Uint8Array(frame[0] * frame[1]);
  if (saysNothing([plane])) return out.fill(MARK.negative);
  const most = new Float32Array(out.length);
  for (const mark of [MARK.positive, MARK.negative, MARK.unknown]) {
    const marked = Float32Array.from(plane, (m) => Number(m === mark));
    const shares = placePlane(marked, placement, frame);
    inside(shares).forEach((is, p) => {
      if (!is || shares[p] <= most[p]) return;
      out[p] = mark;
      most[p] = shares[p];
    });
  }
  return out;
}
