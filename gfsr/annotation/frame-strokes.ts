// Strokes on an image as the page shows it, and the same strokes in the pixels of the image's file.

import { inside } from '../data/resize.ts';
import {
  isWhole,
  type Placement,
  pixelsPerPixel,
  placeBack,
  placePlane,
  placePoint,
  type Size,
  shownAt,
  sourcePoint,
} from '../image/placement.ts';
import type { RunLengths, Stroke } from './annotations.ts';
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
    const rows = shownAt(placement, frame, 0);
    const columns = shownAt(placement, frame, 1);
    const plane = new Uint8Array(height * width);
    for (let y = 0; y < height; y++) {
      if (rows[y] < 0) continue;
      for (let x = 0; x < width; x++) {
        if (columns[x] >= 0) plane[y * width + x] = shown[rows[y] * frame[1] + columns[x]];
      }
    }
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
    const plane = new Float32Array(decodeRunLengths(stroke.mask));
    changed.mask = encodeRunLengths(inside(placePlane(plane, placement, frame)), ...frame);
  }
  return changed;
}

/** The mask of `toFrame(toFile(stroke))`: some pixels at its edge can change, and those beside the image go. */
export function maskBack(mask: RunLengths, placement: Placement, frame: Size): RunLengths {
  if (isWhole(placement, frame)) return mask;
  const plane = new Float32Array(decodeRunLengths(mask));
  return encodeRunLengths(inside(placeBack(plane, placement, frame)), ...frame);
}

/** Pixels of the file per pixel of the frame; of both axes, where they differ. */
function meanScale(placement: Placement): number {
  const [down, across] = pixelsPerPixel(placement);
  return Math.sqrt(down * across);
}
