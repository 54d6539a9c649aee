// The annotation file: who marked what on which image, as raw strokes, so that masks can be remade at any size.

import * as v from 'valibot';
import { parseJson } from '../text/json.ts';
import { cut, quoted } from '../text/visible.ts';

/**
 * How a stroke was drawn. See `points` of a stroke for what each kind needs. `image` is the whole image: with a
 * negative sign it says that nothing on the image is relevant, or nothing except what later strokes mark. `class`
 * covers nothing: it says of which class the image is, whatever the data says.
 */
export type StrokeKind = 'click' | 'scribble' | 'box' | 'polygon' | 'mask' | 'image' | 'class';
/** Look here; do not look here; cannot say. These are three different things. */
export type StrokeSign = 'positive' | 'negative' | 'unknown';

/** Run lengths of a 0/1 plane, row by row, starting with a run of zeros (which may have length 0). */
export interface RunLengths {
  /** [height, width] */
  size: [number, number];
  counts: number[];
}

/** One stroke of a pen, or one shape, on an image. */
export interface Stroke {
  kind: StrokeKind;
  sign: StrokeSign;
  /**
   * [x, y] in pixels from the top left corner of the image. Pixel (i, j) has its centre at (i + 0.5, j + 0.5).
   * click 1 point, scribble 1 or more, box 2 opposite corners, polygon 3 or more, mask, image and
   * class none.
   */
  points: [number, number][];
  /** In pixels, for a click or scribble. Default: 3 % of the longer side, at least 1. */
  radius?: number;
  /** For a mask. */
  mask?: RunLengths;
  /** For a class: its name. */
  label?: string;
}

/** The strokes of one annotator on one image. */
export interface Annotation {
  /** Id, or index in the split. */
  image: string | number;
  /** `pixelHash` of the image as its file has it. Files that people write may leave it out. */
  hash?: string;
  annotator: string;
  /** In drawing order. Where strokes overlap, the later one wins. */
  strokes: Stroke[];
}

/** Annotations of the training images of one data set. */
export interface AnnotationFile {
  format: 'gfsr-annotations';
  version: 1;
  dataset: string;
  annotations: Annotation[];
}

/** The images that annotations refer to: the parts of a data set and split that are needed to check them. */
export interface AnnotatedImages {
  /** Absent: images are not looked up. */
  ids?: string[];
  height: number;
  width: number;
}

const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const length = v.pipe(v.number(), v.integer(), v.minValue(1));
const coordinate = v.pipe(v.number(), v.finite());

const strokeSchema = v.strictObject({
  kind: v.picklist(['click', 'scribble', 'box', 'polygon', 'mask', 'image', 'class']),
  sign: v.picklist(['positive', 'negative', 'unknown']),
  points: v.array(v.strictTuple([coordinate, coordinate])),
  radius: v.optional(v.pipe(v.number(), v.finite(), v.gtValue(0))),
  mask: v.optional(
    v.strictObject({ size: v.strictTuple([length, length]), counts: v.array(index) }),
  ),
  label: v.optional(v.string()),
});

const fileSchema = v.strictObject({
  format: v.literal('gfsr-annotations'),
  version: v.literal(1),
  dataset: v.string(),
  annotations: v.array(
    v.strictObject({
      image: v.union([v.string(), index]),
      hash: v.optional(v.string()),
      annotator: v.string(),
      strokes: v.array(strokeSchema),
    }),
  ),
});

/** Kind → minimum and maximum number of points. */
const POINTS: Record<StrokeKind, [number, number]> = {
  click: [1, 1],
  scribble: [1, Number.POSITIVE_INFINITY],
  box: [2, 2],
  polygon: [3, Number.POSITIVE_INFINITY],
  mask: [0, 0],
  image: [0, 0],
  class: [0, 0],
};

/**
 * Reads an annotation file.
 *
 * @param text JSON
 * @param images the annotated images; if given, ids, coordinates and mask sizes are checked against them
 * @param where start of error messages, preferably the file name
 * @throws RangeError that names the place in the file
 */
export function parseAnnotations(
  text: string,
  images?: AnnotatedImages,
  where = 'annotations',
): AnnotationFile {
  const json = parseJson(text, where);
  const result = v.safeParse(fileSchema, json, { abortEarly: true });
  if (!result.success) throw new RangeError(`${where}: ${describe(result.issues[0])}`);
  const file = result.output as AnnotationFile;
  const find = images?.ids && imageFinder(images.ids);
  for (const [i, annotation] of file.annotations.entries()) {
    find?.(annotation.image, `${where}: annotations[${i}]`);
    for (const [j, stroke] of annotation.strokes.entries()) {
      const place = `${where}: annotations[${i}].strokes[${j}]`;
      checkStroke(stroke, place);
      if (images) checkStrokeFits(stroke, images, place);
    }
  }
  return file;
}

/** The file as JSON text, with one annotation per line. */
export function serialiseAnnotations(file: AnnotationFile): string {
  const { format, version, dataset, annotations } = file;
  const head = JSON.stringify({ format, version, dataset }).slice(0, -1);
  const lines = annotations.map((annotation) => `\n${JSON.stringify(annotation)}`);
  return `${head},"annotations":[${lines.join(',')}\n]}\n`;
}

/**
 * All annotations of several files, in their order.
 *
 * @throws RangeError if there is no file, or if the files are about different data sets
 */
export function mergeAnnotations(files: readonly AnnotationFile[]): AnnotationFile {
  if (files.length === 0)
    throw new RangeError('mergeAnnotations: got no files, expected at least one.');
  const names = [...new Set(files.map(({ dataset }) => dataset))];
  if (names.length > 1) {
    throw new RangeError(
      `mergeAnnotations: the files are about ${names.join(' and ')}, expected a single data set.`,
    );
  }
  const annotations = files.flatMap((file) => file.annotations);
  return { format: 'gfsr-annotations', version: 1, dataset: names[0], annotations };
}

/**
 * Annotations by image index, in file order for each image (several annotators may have marked an image).
 *
 * @throws RangeError for an unknown image
 */
export function annotationsByImage(
  file: AnnotationFile,
  split: { readonly ids: readonly string[] },
): Map<number, Annotation[]> {
  const find = imageFinder(split.ids);
  const byImage = new Map<number, Annotation[]>();
  for (const [i, annotation] of file.annotations.entries()) {
    const image = find(annotation.image, `annotations[${i}]`);
    const others = byImage.get(image);
    if (others) others.push(annotation);
    else byImage.set(image, [annotation]);
  }
  return byImage;
}

/** Looks up the index of an image given by id or index. */
function imageFinder(ids: readonly string[]): (image: string | number, where: string) => number {
  const byId = new Map(ids.map((id, i) => [id, i]));
  return (image, where) => {
    const found = typeof image === 'string' ? byId.get(image) : image;
    if (found !== undefined && found < ids.length) return found;
    const expected =
      typeof image === 'string' ? `an id such as ${quoted(ids[0])}` : `0 to ${ids.length - 1}`;
    throw new RangeError(
      `${where}: unknown image, got ${quoted(image)}, expected ${expected}. ` +
        'Is the file for another data set?',
    );
  };
}

function checkStroke(stroke: Stroke, where: string): void {
  const { kind, points, radius, mask, label } = stroke;
  const [fewest, most] = POINTS[kind];
  if (points.length < fewest || points.length > most) {
    const expected = fewest === most ? fewest : `at least ${fewest}`;
    throw new RangeError(`${where}: ${kind} with ${points.length} points, expected ${expected}.`);
  }
  if (radius !== undefined && kind !== 'click' && kind !== 'scribble') {
    throw new RangeError(`${where}: ${kind} has a radius, expected none.`);
  }
  if ((mask !== undefined) !== (kind === 'mask')) {
    throw new RangeError(
      `${where}: ${kind} ${mask ? 'with' : 'without'} mask, expected the opposite.`,
    );
  }
  if ((label !== undefined) !== (kind === 'class')) {
    throw new RangeError(
      `${where}: ${kind} ${label === undefined ? 'without' : 'with'} label, expected the opposite.`,
    );
  }
  if (mask) {
    const [height, width] = mask.size;
    const covered = mask.counts.reduce((sum, count) => sum + count, 0);
    if (covered !== height * width) {
      throw new RangeError(
        `${where}: mask runs cover ${covered} pixels, expected ${height * width} ([${height}, ${width}]).`,
      );
    }
  }
}

/** @throws RangeError if a mask is not of the size of its image, or a point is outside it */
export function checkStrokeFits(
  { points, mask }: Stroke,
  { height, width }: Pick<AnnotatedImages, 'height' | 'width'>,
  where: string,
): void {
  if (mask && (mask.size[0] !== height || mask.size[1] !== width)) {
    throw new RangeError(
      `${where}: mask is [${mask.size.join(', ')}], expected [${height}, ${width}].`,
    );
  }
  const outside = points.find(([x, y]) => x < 0 || y < 0 || x > width || y > height);
  if (outside) {
    throw new RangeError(
      `${where}: point outside the image, got [${outside.join(', ')}], ` +
        `expected 0 to ${width} and 0 to ${height}.`,
    );
  }
}

/** One line about the first mistake, with its place in the file. */
function describe({ path, expected, received }: v.BaseIssue<unknown>): string {
  let place = '';
  for (const { key } of path ?? []) {
    place += typeof key === 'number' ? `[${key}]` : `${place && '.'}${String(key)}`;
  }
  if (expected === 'never') return `unknown key ${cut(place, 120)}. Remove it.`;
  if (received === 'undefined') return `${place} is missing.`;
  return `${place || 'the file'}: got ${cut(received, 120)}, expected ${expected}.`;
}
