// What marking and erasing do to the strokes of an image.

import type {
  RunLengths,
  Stroke,
  StrokeKind,
  StrokeSign,
} from '../../gfsr/annotation/annotations.ts';
import { maskBack } from '../../gfsr/annotation/frame-strokes.ts';
import { MARK } from '../../gfsr/annotation/marks.ts';
import { markPlane } from '../../gfsr/annotation/planes.ts';
import { encodeRunLengths, rasterise } from '../../gfsr/annotation/raster.ts';
import { placementAt } from '../../gfsr/data/dataset.ts';
import type { MarkedDataset } from '../storage/project.ts';

/** A mark on places of an image, not on the image. */
const isPlace = ({ kind }: Stroke): boolean => kind !== 'class';

/** Whether anything is marked on an image, apart from its class. */
export const isMarked = (strokes: readonly Stroke[]): boolean => strokes.some(isPlace);

/** Corrects the class of an image; undefined takes the correction back. */
export const withClass = (
  strokes: readonly Stroke[],
  label: string | undefined,
): readonly Stroke[] => [
  ...strokes.filter(isPlace),
  ...(label === undefined
    ? []
    : [{ kind: 'class', sign: 'unknown', points: [], label } satisfies Stroke]),
];

/** [height, width] of an image in pixels. */
export type Size = readonly [number, number];

/** A stroke that covers exactly a plane [H·W] of 0 and 1. */
export const planeStroke = (
  plane: Uint8Array,
  [height, width]: Size,
  sign: StrokeSign,
): Stroke => ({
  kind: 'mask',
  sign,
  points: [],
  mask: encodeRunLengths(plane, height, width),
});

/** Whether a stroke lies on the image at all, not beside it. */
export const isOnImage = (
  points: readonly (readonly [number, number])[],
  [height, width]: Size,
): boolean =>
  [width, height].every((length, axis) => {
    const places = points.map((point) => point[axis]);
    return Math.max(...places) >= 0 && Math.min(...places) <= length;
  });

/** A stroke of a pen or a shape, within the image, to hundredths of a pixel. */
export const shapeStroke = (
  kind: StrokeKind,
  points: readonly (readonly [number, number])[],
  [height, width]: Size,
  sign: StrokeSign,
): Stroke => {
  const inside = (value: number, most: number) =>
    Math.round(100 * Math.min(Math.max(value, 0), most)) / 100;
  return { kind, sign, points: points.map(([x, y]) => [inside(x, width), inside(y, height)]) };
};

/** How a mask of an image comes back from the pixels of its file, in which marks are kept. */
export type Back = (mask: RunLengths) => RunLengths;

/** `Back` for one image of a data set. */
export const backOf =
  (dataset: Pick<MarkedDataset, 'height' | 'width' | 'placements'>, image: number): Back =>
  (mask) =>
    maskBack(mask, placementAt(dataset, image, dataset), [dataset.height, dataset.width]);

const asMade: Back = (mask) => mask;

/** Whether a stroke is a mark of exactly this segment: as it was made, or as it came back. */
const isOf = ({ mask }: Stroke, segment: Stroke, back: Back): boolean => {
  const is = (other?: RunLengths) => JSON.stringify(mask) === JSON.stringify(other);
  return mask !== undefined && (is(segment.mask) || is(segment.mask && back(segment.mask)));
};

/** Marks a segment; marking it again in the same way takes the mark off. */
export function toggleSegment(
  strokes: readonly Stroke[],
  segment: Stroke,
  back = asMade,
): readonly Stroke[] {
  return markOn(strokes, segment, back) === segment.sign
    ? eraseSegment(strokes, segment, back)
    : setSegment(strokes, segment, back);
}

/** What a mark of exactly this segment says; undefined if it has none. */
export const markOn = (
  strokes: readonly Stroke[],
  segment: Stroke,
  back = asMade,
): StrokeSign | undefined => strokes.find((stroke) => isOf(stroke, segment, back))?.sign;

/** Marks a segment, whatever mark it had. */
export const setSegment = (
  strokes: readonly Stroke[],
  segment: Stroke,
  back = asMade,
): readonly Stroke[] => [...strokes.filter((stroke) => !isOf(stroke, segment, back)), segment];

/** Takes the mark off a segment, if it has one of its own. */
export const eraseSegment = (
  strokes: readonly Stroke[],
  segment: Stroke,
  back = asMade,
): readonly Stroke[] => {
  const others = strokes.filter((stroke) => !isOf(stroke, segment, back));
  return others.length === strokes.length ? strokes : others;
};

/** Says of a whole image that nothing on it is relevant. It replaces all marks; saying it again takes it back. */
export const toggleNothing = (strokes: readonly Stroke[]): readonly Stroke[] => [
  ...(saysNothing(strokes)
    ? []
    : [{ kind: 'image', sign: 'negative', points: [] } satisfies Stroke]),
  ...strokes.filter((stroke) => !isPlace(stroke)),
];

/** Whether somebody said that nothing on the image is relevant. */
export const saysNothing = (strokes: readonly Stroke[]): boolean => {
  const [first, ...others] = strokes.filter(isPlace);
  return others.length === 0 && first?.kind === 'image' && first.sign === 'negative';
};

/** What a mark says, for screen readers. */
export const SIGN_WORDS: Readonly<Record<StrokeSign, string>> = {
  positive: 'look here',
  negative: 'not here',
  unknown: 'cannot say',
};

/** What is marked on an image, for screen readers. */
export function inWords(strokes: readonly Stroke[]): string {
  if (saysNothing(strokes)) return 'nothing is relevant';
  const { length } = strokes.filter(isPlace);
  if (length === 0) return 'not marked';
  return length === 1 ? '1 mark' : `${length} marks`;
}

/** Removes the uppermost stroke that covers a point in pixels. */
export function eraseAt(
  strokes: readonly Stroke[],
  [x, y]: readonly [number, number],
  [height, width]: Size,
): readonly Stroke[] {
  const pixel = Math.floor(y) * width + Math.floor(x);
  const covers = (stroke: Stroke) =>
    rasterise([{ ...stroke, sign: 'positive' }], height, width).positive[pixel] === 1;
  const top = strokes.findLastIndex(covers);
  return top < 0 ? strokes : strokes.filter((_, i) => i !== top);
}

/** How a segment is marked by the strokes: by most of its pixels. */
export function signOf(
  strokes: readonly Stroke[],
  plane: Uint8Array,
  [height, width]: Size,
): StrokeSign | undefined {
  const marks = markPlane([...strokes], height, width);
  const pixels = Object.values(MARK).map(() => 0);
  for (let p = 0; p < plane.length; p++) if (plane[p] !== 0) pixels[marks[p]]++;
  const size = pixels.reduce((sum, count) => sum + count);
  return (['positive', 'negative', 'unknown'] as const).find(
    (sign) => 2 * pixels[MARK[sign]] > size,
  );
}
