// Shapes of other programs as strokes, and strokes as shapes: labels say whether something is relevant.

import type { Size } from '../../image/placement.ts';
import type { Annotation, Stroke, StrokeKind, StrokeSign } from '../annotations.ts';
import type { Point, Shape, Tally } from './shapes.ts';

/** Labels that say that something is not relevant, or cannot be judged. Every other label marks it as relevant. */
const SIGNS = new Map<string, StrokeSign>([
  ...['irrelevant', 'negative', 'shortcut', 'background', '_background_'].map(
    (label): [string, StrokeSign] => [label, 'negative'],
  ),
  ...['unknown', 'uncertain', 'ignore', '__ignore__'].map((label): [string, StrokeSign] => [
    label,
    'unknown',
  ]),
]);

const LABELS: Readonly<Record<StrokeSign, string>> = {
  positive: 'relevant',
  negative: 'irrelevant',
  unknown: 'unknown',
};

const signOf = (label: string): StrokeSign => SIGNS.get(label.trim().toLowerCase()) ?? 'positive';

/** The strokes of a shape, in order. */
export function shapeStrokes(shape: Shape): Stroke[] {
  const sign = signOf(shape.label);
  const copied = (points: readonly Point[]): [number, number][] => points.map(([x, y]) => [x, y]);
  switch (shape.kind) {
    case 'polygon':
      return shape.parts.map((part) => ({ kind: 'polygon', sign, points: copied(part) }));
    case 'box':
      return [{ kind: 'box', sign, points: copied(shape.points) }];
    case 'line':
      return [{ kind: 'scribble', sign, points: copied(shape.points) }];
    case 'points':
      return shape.points.map((point) => ({ kind: 'click', sign, points: copied([point]) }));
    case 'disc': {
      const { centre, radius } = shape;
      return [{ kind: 'click', sign, points: copied([centre]), ...(radius > 0 && { radius }) }];
    }
    case 'mask':
      return [{ kind: 'mask', sign, points: [], mask: shape.mask }];
  }
}

/** The corners at the top left and at the bottom right: a box may be drawn from any corner, others expect these. */
function sortedCorners([[x0, y0], [x1, y1]]: readonly Point[]): [Point, Point] {
  return [
    [Math.min(x0, x1), Math.min(y0, y1)],
    [Math.max(x0, x1), Math.max(y0, y1)],
  ];
}

/**
 * The shapes of all strokes on an image. A stroke of the whole image is a box around it.
 *
 * @param size of the image; without it, what is said of the whole image is left out
 */
export function annotationShapes(
  { strokes }: Annotation,
  size: Size | undefined,
  tally: Tally,
): Shape[] {
  const drawn = strokes.filter(({ kind }) => kind !== 'class' && (kind !== 'image' || size));
  const lost = (which: StrokeKind, what: string) => {
    if (strokes.some((each) => each.kind === which && !drawn.includes(each))) tally.add(what);
  };
  lost('class', 'class of an image, left out');
  lost('image', 'mark on a whole image of unknown size, left out');
  return drawn.map(({ kind, sign, points, radius, mask }): Shape => {
    const label = LABELS[sign];
    if (kind === 'image' && size) {
      const [height, width] = size;
      return {
        label,
        kind: 'box',
        points: [
          [0, 0],
          [width, height],
        ],
      };
    }
    if (kind === 'mask' && mask) return { label, kind, mask };
    if (kind === 'box') return { label, kind, points: sortedCorners(points) };
    if (kind === 'polygon') return { label, kind, parts: [points] };
    if (kind === 'click' && radius !== undefined)
      return { label, kind: 'disc', centre: points[0], radius };
    if (radius !== undefined) tally.add('scribble of a radius of its own, which is lost');
    return { label, kind: kind === 'scribble' ? 'line' : 'points', points };
  });
}
