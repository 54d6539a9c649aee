// Converts strokes into planes of 0 and 1, and planes into run lengths and back.

import type { RunLengths, Stroke, StrokeSign } from './annotations.ts';

/** One plane per sign, each [H, W] of 0 and 1. No pixel is 1 in two of them. */
export interface StrokePlanes {
  positive: Uint8Array;
  negative: Uint8Array;
  unknown: Uint8Array;
}

/** Default radius of a click or scribble, in pixels: 3 % of the longer side, at least 1. */
export function defaultRadius(height: number, width: number): number {
  return Math.max(1, 0.03 * Math.max(height, width));
}

/**
 * Draws strokes in order. A later stroke takes over the pixels that it covers, so mistakes can be painted over.
 *
 * A pixel belongs to a stroke if its centre does. The pixel under a point of a click or scribble always belongs.
 *
 * @throws RangeError for a mask of another size
 */
export function rasterise(strokes: Stroke[], height: number, width: number): StrokePlanes {
  const area = height * width;
  const planes: StrokePlanes = {
    positive: new Uint8Array(area),
    negative: new Uint8Array(area),
    unknown: new Uint8Array(area),
  };
  const signs: StrokeSign[] = ['positive', 'negative', 'unknown'];
  for (const stroke of strokes) {
    const covered = rasteriseStroke(stroke, height, width);
    for (let pixel = 0; pixel < area; pixel++) {
      if (covered[pixel] === 0) continue;
      for (const sign of signs) planes[sign][pixel] = sign === stroke.sign ? 1 : 0;
    }
  }
  return planes;
}

/** The pixels of one stroke, [H, W] of 0 and 1. */
export function rasteriseStroke(stroke: Stroke, height: number, width: number): Uint8Array {
  const { kind, points, mask } = stroke;
  const radius = stroke.radius ?? defaultRadius(height, width);
  const plane = new Uint8Array(height * width);
  switch (kind) {
    case 'click':
    case 'scribble':
      drawLine(plane, height, width, points, radius);
      return plane;
    case 'box': {
      const [[x0, y0], [x1, y1]] = points;
      fillPolygon(plane, height, width, [
        [x0, y0],
        [x1, y0],
        [x1, y1],
        [x0, y1],
      ]);
      return plane;
    }
    case 'polygon':
      fillPolygon(plane, height, width, points);
      return plane;
    case 'mask':
      if (mask?.size[0] !== height || mask.size[1] !== width) {
        throw new RangeError(
          `rasterise: mask is [${mask?.size.join(', ') ?? ''}], expected [${height}, ${width}].`,
        );
      }
      return decodeRunLengths(mask);
    case 'image':
      return plane.fill(1);
  }
}

/** Marks the pixels whose centre lies within `radius` of the polyline, and the pixels that contain its points. */
function drawLine(
  plane: Uint8Array,
  height: number,
  width: number,
  points: [number, number][],
  radius: number,
): void {
  for (const [i, [x1, y1]] of points.entries()) {
    const [x0, y0] = points[Math.max(i - 1, 0)];
    const dx = x1 - x0;
    const dy = y1 - y0;
    const squaredLength = dx * dx + dy * dy;
    const left = clamp(Math.floor(Math.min(x0, x1) - radius), 0, width - 1);
    const right = clamp(Math.floor(Math.max(x0, x1) + radius), 0, width - 1);
    const top = clamp(Math.floor(Math.min(y0, y1) - radius), 0, height - 1);
    const bottom = clamp(Math.floor(Math.max(y0, y1) + radius), 0, height - 1);
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const px = x + 0.5 - x0;
        const py = y + 0.5 - y0;
        const along = squaredLength ? clamp((px * dx + py * dy) / squaredLength, 0, 1) : 0;
        if (Math.hypot(px - along * dx, py - along * dy) <= radius) plane[y * width + x] = 1;
      }
    }
    const column = clamp(Math.floor(x1), 0, width - 1);
    plane[clamp(Math.floor(y1), 0, height - 1) * width + column] = 1;
  }
}

/** Even-odd rule: a pixel is inside if a line from its centre to the left crosses the edges an odd number of times. */
function fillPolygon(
  plane: Uint8Array,
  height: number,
  width: number,
  points: [number, number][],
): void {
  for (let y = 0; y < height; y++) {
    const middle = y + 0.5;
    const crossings: number[] = [];
    for (const [i, [x1, y1]] of points.entries()) {
      const [x0, y0] = points[(i + points.length - 1) % points.length];
      // Half-open in y, so that a corner between two edges counts once.
      if (y0 <= middle === y1 <= middle) continue;
      crossings.push(x0 + ((middle - y0) / (y1 - y0)) * (x1 - x0));
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i] - 0.5));
      const to = Math.min(width, Math.ceil(crossings[i + 1] - 0.5));
      if (from < to) plane.fill(1, y * width + from, y * width + to);
    }
  }
}

/** Run lengths of a [H, W] plane of 0 and 1, row by row, starting with a run of zeros. */
export function encodeRunLengths(plane: Uint8Array, height: number, width: number): RunLengths {
  if (plane.length !== height * width) {
    throw new RangeError(
      `encodeRunLengths: got ${plane.length} pixels, expected ${height * width} ([${height}, ${width}]).`,
    );
  }
  const counts: number[] = [];
  let value = 0;
  let start = 0;
  for (let pixel = 0; pixel <= plane.length; pixel++) {
    if (pixel < plane.length && (plane[pixel] > 0 ? 1 : 0) === value) continue;
    counts.push(pixel - start);
    start = pixel;
    value = 1 - value;
  }
  return { size: [height, width], counts };
}

/**
 * The plane of 0 and 1 that run lengths describe, [H, W].
 *
 * @throws RangeError if the runs do not cover the plane exactly
 */
export function decodeRunLengths({ size: [height, width], counts }: RunLengths): Uint8Array {
  const covered = counts.reduce((sum, count) => sum + count, 0);
  if (covered !== height * width || counts.some((count) => count < 0)) {
    throw new RangeError(
      `decodeRunLengths: runs cover ${covered} pixels, expected ${height * width} ([${height}, ${width}]).`,
    );
  }
  const plane = new Uint8Array(height * width);
  let at = 0;
  for (const [i, count] of counts.entries()) {
    if (i % 2 === 1) plane.fill(1, at, at + count);
    at += count;
  }
  return plane;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
