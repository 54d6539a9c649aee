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
    paintStroke(stroke, height, width, (from, to) => {
      for (const sign of signs) planes[sign].fill(sign === stroke.sign ? 1 : 0, from, to);
    });
  }
  return planes;
}

/** The pixels of one stroke, [H, W] of 0 and 1. */
export function rasteriseStroke(stroke: Stroke, height: number, width: number): Uint8Array {
  const plane = new Uint8Array(height * width);
  paintStroke(stroke, height, width, (from, to) => plane.fill(1, from, to));
  return plane;
}

/** Takes the pixels `from` to `to` − 1, counted row by row. */
type Paint = (from: number, to: number) => void;

/** The pixels of one stroke. It costs what the stroke covers, however large the image is. */
function paintStroke(stroke: Stroke, height: number, width: number, paint: Paint): void {
  const { kind, points, mask } = stroke;
  const radius = stroke.radius ?? defaultRadius(height, width);
  switch (kind) {
    case 'click':
    case 'scribble':
      drawLine(paint, height, width, points, radius);
      break;
    case 'box': {
      const [[x0, y0], [x1, y1]] = points;
      fillPolygon(paint, height, width, [
        [x0, y0],
        [x1, y0],
        [x1, y1],
        [x0, y1],
      ]);
      break;
    }
    case 'polygon':
      fillPolygon(paint, height, width, points);
      break;
    case 'mask':
      if (mask?.size[0] !== height || mask.size[1] !== width) {
        throw new RangeError(
          `rasterise: mask is [${mask?.size.join(', ') ?? ''}], expected [${height}, ${width}].`,
        );
      }
      checkRuns(mask);
      paintRuns(paint, mask.counts);
      break;
    case 'image':
      paint(0, height * width);
      break;
    case 'class':
      break;
  }
}

/** The pixels whose centre lies within `radius` of the polyline, and the pixels that contain its points. */
function drawLine(
  paint: Paint,
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
    const covers = (x: number, y: number): boolean => {
      const px = x + 0.5 - x0;
      const py = y + 0.5 - y0;
      const along = squaredLength ? clamp((px * dx + py * dy) / squaredLength, 0, 1) : 0;
      return Math.hypot(px - along * dx, py - along * dy) <= radius;
    };
    const top = clamp(Math.floor(Math.min(y0, y1) - radius), 0, height - 1);
    const bottom = clamp(Math.floor(Math.max(y0, y1) + radius), 0, height - 1);
    for (let y = top; y <= bottom; y++) {
      // Only beside the part of the line that is near this row, with a pixel to spare for rounding.
      const near = [-1, 1].map((side) => (y + 0.5 + side * (radius + 1) - y0) / dy);
      const part = dy === 0 ? [0, 1] : near.map((share) => clamp(share, 0, 1));
      const [from, to] = part.map((share) => x0 + share * dx).sort((a, b) => a - b);
      const left = clamp(Math.floor(from - radius) - 1, 0, width - 1);
      const right = clamp(Math.floor(to + radius) + 1, 0, width - 1);
      for (let x = left; x <= right; x++) {
        const start = x;
        while (x <= right && covers(x, y)) x++;
        if (x > start) paint(y * width + start, y * width + x);
      }
    }
    const column = clamp(Math.floor(x1), 0, width - 1);
    const at = clamp(Math.floor(y1), 0, height - 1) * width + column;
    paint(at, at + 1);
  }
}

/** An edge of a polygon, and the rows whose middle it may cross. */
interface Edge {
  readonly ends: readonly [number, number, number, number];
  readonly first: number;
  readonly last: number;
}

/** Even-odd rule: a pixel is inside if a line from its centre to the left crosses the edges an odd number of times. */
function fillPolygon(
  paint: Paint,
  height: number,
  width: number,
  points: [number, number][],
): void {
  const edges = points
    .map(([x1, y1], i): Edge => {
      const [x0, y0] = points[(i + points.length - 1) % points.length];
      const first = clamp(Math.floor(Math.min(y0, y1)) - 1, 0, height);
      const last = clamp(Math.ceil(Math.max(y0, y1)), -1, height - 1);
      return { ends: [x0, y0, x1, y1], first, last };
    })
    .sort((a, b) => a.first - b.first);
  let [open, next] = [[] as Edge[], 0];
  for (let y = edges[0]?.first ?? height; y < height; y++) {
    if (open.length === 0 && next === edges.length) return;
    while (next < edges.length && edges[next].first <= y) open.push(edges[next++]);
    const middle = y + 0.5;
    const crossings: number[] = [];
    for (const { ends } of open) {
      const [x0, y0, x1, y1] = ends;
      // Half-open in y, so that a corner between two edges counts once.
      if (y0 <= middle === y1 <= middle) continue;
      crossings.push(x0 + ((middle - y0) / (y1 - y0)) * (x1 - x0));
    }
    open = open.filter(({ last }) => last > y);
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i] - 0.5));
      const to = Math.min(width, Math.ceil(crossings[i + 1] - 0.5));
      if (from < to) paint(y * width + from, y * width + to);
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
  checkRuns({ size: [height, width], counts });
  const plane = new Uint8Array(height * width);
  paintRuns((from, to) => plane.fill(1, from, to), counts);
  return plane;
}

function checkRuns({ size: [height, width], counts }: RunLengths): void {
  const covered = counts.reduce((sum, count) => sum + count, 0);
  if (covered !== height * width || counts.some((count) => count < 0)) {
    throw new RangeError(
      `decodeRunLengths: runs cover ${covered} pixels, expected ${height * width} ([${height}, ${width}]).`,
    );
  }
}

function paintRuns(paint: Paint, counts: readonly number[]): void {
  let at = 0;
  for (const [i, count] of counts.entries()) {
    if (i % 2 === 1) paint(at, at + count);
    at += count;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
