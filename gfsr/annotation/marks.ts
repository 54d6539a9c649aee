// The result of strokes: planes of marks, one per annotator and image.

/** Values of an annotation plane. "Don't know" differs from "not marked", and both differ from "irrelevant". */
export const MARK = { none: 0, positive: 1, negative: 2, unknown: 3 } as const;

/**
 * How marks are shown, as red, green and blue of 0 to 255: colours that people with any kind of colour vision tell
 * apart.
 */
export const MARK_COLORS: Readonly<Record<number, readonly [number, number, number]>> = {
  [MARK.positive]: [255, 196, 0],
  [MARK.negative]: [0, 114, 230],
  [MARK.unknown]: [170, 170, 170],
};

/** The marks of one annotator on one image, [H·W] of `MARK` values. Without any mark the image is not annotated. */
export type AnnotationPlane = Uint8Array;

/** Marks on training images: image index → one plane [H, W] per annotator. */
export type Annotations = ReadonlyMap<number, readonly AnnotationPlane[]>;

/** Whether every annotator of an image says that nothing on it is relevant: each pixel has a negative mark. */
export const saysNothing = (planes: readonly AnnotationPlane[]): boolean =>
  planes.every((plane) => plane.every((mark) => mark === MARK.negative));

/**
 * Annotations without the images on which nobody could say anything: "don't know" alone is no evidence, so such an
 * image counts as one that nobody marked. [ours]
 */
export const decidedImages = (annotations: Annotations): Annotations =>
  new Map([...annotations].filter(([, planes]) => planes.some(decides)));

/** Whether a mark on it says what is relevant or irrelevant. */
export const decides = (plane: AnnotationPlane): boolean =>
  plane.includes(MARK.positive) || plane.includes(MARK.negative);

/** Whether all annotations are negative: no positive mark on any image. */
export const onlyStrikeOut = (annotations: Annotations): boolean =>
  ![...annotations.values()].flat().some((plane) => plane.includes(MARK.positive));

/**
 * Classes in which nothing is relevant: that is what the marks say of each of their images on which somebody decided.
 * Images without a finding are such a class; one of which a shortcut was struck out is not. [ours]
 *
 * @param labels class of every image
 */
export function emptyClasses(
  annotations: Annotations,
  labels: ArrayLike<number>,
): ReadonlySet<number> {
  const decided = [...decidedImages(annotations)];
  const classes = (images: typeof decided) => new Set(images.map(([image]) => labels[image]));
  const guided = classes(decided.filter(([, planes]) => !saysNothing(planes)));
  return new Set([...classes(decided)].filter((label) => !guided.has(label)));
}

/** One line about `emptyClasses` for a person; empty if there are none. */
export function describeEmptyClasses(
  annotations: Annotations,
  labels: ArrayLike<number>,
  classes: readonly string[],
): string {
  const names = [...emptyClasses(annotations, labels)].sort((a, b) => a - b).map((c) => classes[c]);
  if (names.length === 0) return '';
  return `images of ${names.join(', ')} are not guided: nothing is relevant on those that are marked`;
}

/**
 * Checks one annotation plane.
 *
 * @throws RangeError if it does not hold `size` values of `MARK`
 */
export function checkPlane(plane: AnnotationPlane, size: number): void {
  if (plane.length !== size) {
    throw new RangeError(
      `annotation plane: wrong length, got ${plane.length}, expected ${size} (height x width).`,
    );
  }
  const bad = plane.findIndex((mark) => mark > MARK.unknown);
  if (bad >= 0) {
    throw new RangeError(
      `annotation plane: bad mark at pixel ${bad}, got ${plane[bad]}, expected 0 none, 1 positive, 2 negative or 3 unknown.`,
    );
  }
}
