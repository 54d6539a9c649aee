// Shapes cut at the border of their image, and masks as outlines along the borders of pixels.

import { checkLimit } from '../../files/limits.ts';
import type { Size } from '../../image/placement.ts';
import { quoted } from '../../text/visible.ts';
import type { RunLengths } from '../annotations.ts';
import { decodeRunLengths } from '../raster.ts';
import {
  ellipse,
  type Outline,
  type Point,
  type Shape,
  type ShapeImage,
  type Tally,
} from './shapes.ts';

const CUT = 'shape partly outside its image, cut at the border';
const OUTSIDE = 'shape outside its image, left out';

/**
 * The shapes inside their image. What lies outside is cut, and what has no area is left out, with a count.
 *
 * @throws RangeError for a mask of another size than its image, or an image of more pixels than the limit
 */
export function fitShapes(image: ShapeImage, where: string, tally: Tally): ShapeImage {
  const { name, size } = image;
  if (size) {
    const what = `${where}: image ${quoted(name)} of ${size.join('×')} pixels`;
    checkLimit('imagePixels', size[0] * size[1], what);
  }
  const shapes = image.shapes.flatMap((shape): Shape[] => {
    if (shape.kind === 'mask') {
      const [height, width] = shape.mask.size;
      const what = `${where}: image ${quoted(name)}: mask of ${height}×${width} pixels`;
      checkLimit('imagePixels', height * width, what);
      if (size && (height !== size[0] || width !== size[1])) {
        throw new RangeError(
          `${where}: image ${quoted(name)}: mask is ${height}×${width}, expected ${size.join('×')} like the image.`,
        );
      }
      return [shape];
    }
    const { label } = shape;
    return withArea(shape, tally).flatMap((outline) =>
      (size ? cutShape(outline, size, tally) : [outline]).map((each) => ({ label, ...each })),
    );
  });
  return { ...image, shapes };
}

/** Nothing for shapes of too few points. */
function withArea(shape: Outline, tally: Tally): Outline[] {
  if (shape.kind !== 'polygon') return [shape];
  const parts = shape.parts.filter((part) => part.length >= 3);
  const few = shape.parts.length - parts.length;
  if (few > 0) tally.add('polygon of fewer than 3 points, which has no area, left out', few);
  return parts.length > 0 ? [{ ...shape, parts }] : [];
}

function cutShape(shape: Outline, [height, width]: Size, tally: Tally): Outline[] {
  const inside = ([x, y]: Point) => x >= 0 && y >= 0 && x <= width && y <= height;
  const report = (kept: readonly unknown[]) => tally.add(kept.length > 0 ? CUT : OUTSIDE);
  switch (shape.kind) {
    case 'box': {
      const [xs, ys] = [0, 1].map((axis) => {
        const ends = shape.points.map((point) => point[axis]).sort((a, b) => a - b);
        return ends.map((end) => Math.min(Math.max(end, 0), axis === 0 ? width : height));
      });
      const kept: Outline[] =
        xs[0] < xs[1] && ys[0] < ys[1]
          ? [
              {
                kind: 'box',
                points: [
                  [xs[0], ys[0]],
                  [xs[1], ys[1]],
                ],
              },
            ]
          : [];
      if (!shape.points.every(inside) || kept.length === 0) report(kept);
      return kept;
    }
    case 'polygon': {
      if (shape.parts.flat().every(inside)) return [shape];
      const parts = shape.parts
        .map((part) => clipPolygon(part, width, height))
        .filter(({ length }) => length >= 3);
      report(parts);
      return parts.length > 0 ? [{ ...shape, parts }] : [];
    }
    case 'disc': {
      if (inside(shape.centre)) return [shape];
      const { centre, radius } = shape;
      const parts = [ellipse(centre, [radius, radius])];
      return cutShape({ kind: 'polygon', parts }, [height, width], tally);
    }
    case 'line': {
      if (shape.points.every(inside)) return [shape];
      const lines = clipLine(shape.points, [width, height]);
      report(lines);
      return lines.map((points) => ({ ...shape, points }));
    }
    case 'points': {
      const points = shape.points.filter(inside);
      if (points.length < shape.points.length) report(points);
      return points.length > 0 ? [{ ...shape, points }] : [];
    }
    default:
      return [shape];
  }
}

/** The parts of a line in [0, width] × [0, height]: where it leaves and comes back, a new one begins. */
function clipLine(points: readonly Point[], size: Point): Point[][] {
  const lines: Point[][] = [];
  for (const [i, to] of points.slice(1).entries()) {
    const part = clipSegment(points[i], to, size);
    if (!part) continue;
    const line = lines.at(-1);
    if (line && line.at(-1) === part[0]) line.push(part[1]);
    else lines.push(part);
  }
  return lines;
}

/**
 * The part of a segment in [0, width] × [0, height] (Liang and Barsky 1984), with the very ends that lie inside.
 * Nothing for what only touches the border from outside.
 */
function clipSegment(from: Point, to: Point, size: Point): [Point, Point] | undefined {
  let [first, last] = [0, 1];
  for (const axis of [0, 1] as const) {
    const extent = to[axis] - from[axis];
    if (extent === 0 && (from[axis] < 0 || from[axis] > size[axis])) return undefined;
    if (extent === 0) continue;
    const [enters, leaves] = [0, size[axis]]
      .map((border) => (border - from[axis]) / extent)
      .sort((a, b) => a - b);
    [first, last] = [Math.max(first, enters), Math.min(last, leaves)];
  }
  if (first >= last) return undefined;
  const at = (share: number): Point => {
    const [x, y] = ([0, 1] as const).map((axis) =>
      Math.min(Math.max(from[axis] + share * (to[axis] - from[axis]), 0), size[axis]),
    );
    return [x, y];
  };
  return [first === 0 ? from : at(first), last === 1 ? to : at(last)];
}

/** The part of a polygon in [0, width] × [0, height], one border after the other (Sutherland and Hodgman 1974). */
function clipPolygon(points: readonly Point[], width: number, height: number): Point[] {
  const borders: (readonly [0 | 1, number, 1 | -1])[] = [
    ...([
      [0, 0, 1],
      [0, width, -1],
    ] as const),
    ...([
      [1, 0, 1],
      [1, height, -1],
    ] as const),
  ];
  return borders.reduce<Point[]>(
    (kept, [axis, at, sign]) => {
      const inside = (point: Point) => (point[axis] - at) * sign >= 0;
      return kept.flatMap((point, i) => {
        const before = kept[(i + kept.length - 1) % kept.length];
        const crossing: Point[] = [];
        if (inside(point) !== inside(before)) {
          const share = (at - before[axis]) / (point[axis] - before[axis]);
          const other = before[1 - axis] + share * (point[1 - axis] - before[1 - axis]);
          crossing.push(axis === 0 ? [at, other] : [other, at]);
        }
        return inside(point) ? [...crossing, point] : crossing;
      });
    },
    [...points],
  );
}

/**
 * The outlines of a mask along the borders of its pixels: those of its areas, and those of the holes in them. Filled
 * together by the even-odd rule they give the mask again, pixel for pixel.
 */
export function outlinesOf(mask: RunLengths): Point[][] {
  const [height, width] = mask.size;
  const plane = decodeRunLengths(mask);
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : plane[y * width + x];
  const key = (x: number, y: number) => y * (width + 1) + x;
  const next = new Map<number, number[]>();
  const edge = (x0: number, y0: number, x1: number, y1: number) => {
    const from = key(x0, y0);
    next.set(from, [...(next.get(from) ?? []), key(x1, y1)]);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (at(x, y) === 0) continue;
      if (at(x, y - 1) === 0) edge(x, y, x + 1, y);
      if (at(x + 1, y) === 0) edge(x + 1, y, x + 1, y + 1);
      if (at(x, y + 1) === 0) edge(x + 1, y + 1, x, y + 1);
      if (at(x - 1, y) === 0) edge(x, y + 1, x, y);
    }
  }
  const rings: Point[][] = [];
  for (const start of next.keys()) {
    for (let ring = follow(next, start); ring.length > 0; ring = follow(next, start)) {
      rings.push(
        corneredOnly(ring.map((k): Point => [k % (width + 1), Math.floor(k / (width + 1))])),
      );
    }
  }
  return rings;
}

/** Takes the edges of one closed way out of the map. */
function follow(next: Map<number, number[]>, start: number): number[] {
  const ring: number[] = [];
  for (let k = next.get(start)?.pop(); k !== undefined; k = next.get(k)?.pop()) {
    ring.push(k);
    if (k === start) break;
  }
  return ring;
}

/** Without the points in the middle of straight edges. */
const corneredOnly = (ring: readonly Point[]): Point[] =>
  ring.filter(([x, y], i) => {
    const [x0, y0] = ring[(i + ring.length - 1) % ring.length];
    const [x1, y1] = ring[(i + 1) % ring.length];
    return (x - x0) * (y1 - y) !== (y - y0) * (x1 - x);
  });

/**
 * One outline of several: the others are entered and left along the same line, which encloses nothing. Filled by the
 * even-odd rule it gives what all of them give together.
 */
export function joinOutlines([first, ...others]: readonly (readonly Point[])[]): Point[] {
  const [start] = first;
  const ways = others.flatMap((other) => [...other, other[0], start]);
  return ways.length > 0 ? [...first, start, ...ways] : [...first];
}
