// Strokes on an image as the page shows it, and the same strokes in the pixels of the image's file.

import { inside } from '../data/resize.ts';
import {
  isWhole,
  type Placement,
  pixelsPerPixel,
  placePlane,
  placePoint,
  type Size,
  sourcePoint,
} from '../image/placement.ts';
import type { Stroke } from './annotations.ts';
import { decodeRunLengths, encodeRunLengths } from './raster.ts';

type Point = [number, number];

/** To hundredths of a pixel, which no screen shows. */
const rounded = ([x, y]: Point): Point => [Math.round(100 * x) / 100, Math.round(100 * y) / 100];

/** A stroke in the pixels of the file, for a stroke in those of the frame that shows it. */
export function toFile(stroke: Stroke, placement: Placement, frame: Size): Stroke {
  if (isWhole(placement, frame)) return stroke;
  const [height, width] = placement.from;
  const changed: Stroke = {
    ...stroke,
    points: stroke.points.map((point) => rounded(sourcePoint(point, placement))),
  };
  if (stroke.radius !== undefined) changed.radius = stroke.radius * meanScale(placement);
  if (stroke.mask) {
    const shown = decodeRunLengths(stroke.mask);
    const plane = Uint8Array.from({ length: height * width }, (_, p) => {
      const middle: Point = [(p % width) + 0.5, Math.floor(p / width) + 0.5];
      const [x, y] = placePoint(middle, placement).map(Math.floor);
      return x >= 0 && y >= 0 && x < frame[1] && y < frame[0] ? shown[y * frame[1] + x] : 0;
    });
    changed.mask = encodeRunLengths(plane, height, width);
  }
  return changed;
}

/** A stroke in the pixels of the frame, for a stroke in those of the file. */
export function toFrame(stroke: Stroke, placement: Placement, frame: Size): Stroke {
  if (isWhole(placement, frame)) return stroke;
  const changed: Stroke = {
    ...stroke,
    points: stroke.points.map((point) => rounded(placePoint(point, placement))),
  };
  if (stroke.radius !== undefined) changed.radius = stroke.radius / meanScale(placement);
  if (stroke.mask) {
    const plane = Float32Array.from(decodeRunLengths(stroke.mask));
    changed.mask = encodeRunLengths(inside(placePlane(plane, placement, frame)), ...frame);
  }
  return changed;
}

/** Pixels of the file per pixel of the frame; of both axes, where they differ. */
function meanScale(placement: Placement): number {
  const [down, across] = pixelsPerPixel(placement);
  return Math.sqrt(down * across);
}
