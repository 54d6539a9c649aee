// Where an image of any size lies in a frame of another size: scaled, moved and cut. The same for pixels and points.

import { type AxisOverlap, areaOverlap, areaSample } from './area-resize.ts';

/** Height and width. */
export type Size = readonly [number, number];

/** How an image lies in a frame. */
export interface Placement {
  /** Size of the image as its file has it. */
  readonly from: Size;
  /** Size that it is scaled to. */
  readonly scaled: Size;
  /** Row and column of its first pixel in the frame, after scaling. Negative if it is cut there. */
  readonly at: Size;
}

/** `resize` scales each axis by itself; `pad` keeps the whole image between bars; `crop` keeps the middle. */
export type Fit = 'resize' | 'pad' | 'crop';

/**
 * The placement of an image in a square frame.
 *
 * @param side of the frame, at least 1
 */
export function fitInto(from: Size, side: number, fit: Fit): Placement {
  if (fit === 'resize') return { from, scaled: [side, side], at: [0, 0] };
  const length = fit === 'pad' ? Math.max(...from) : Math.min(...from);
  const scale = (n: number) => Math.max(1, Math.round((n * side) / length));
  const scaled = [scale(from[0]), scale(from[1])] as const;
  const middle = (n: number) => Math.floor((side - n) / 2);
  return { from, scaled, at: [middle(scaled[0]), middle(scaled[1])] };
}

/** Whether the frame is the image, pixel for pixel. */
export const isWhole = ({ from, scaled, at }: Placement, frame: Size): boolean =>
  [0, 1].every(
    (axis) => from[axis] === frame[axis] && scaled[axis] === frame[axis] && at[axis] === 0,
  );

/** The point of the frame that shows a point [x, y] of the image; outside the frame if it is cut off. */
export function placePoint(
  [x, y]: readonly [number, number],
  { from, scaled, at }: Placement,
): [number, number] {
  return [(x * scaled[1]) / from[1] + at[1], (y * scaled[0]) / from[0] + at[0]];
}

/** Pixels of the image per pixel of the frame, along each axis. */
export const pixelsPerPixel = ({ from, scaled }: Placement): Size => [
  from[0] / scaled[0],
  from[1] / scaled[1],
];

/**
 * The point [x, y] of the image that a point of the frame shows. A point on a bar gives the nearest one of the edge.
 */
export function sourcePoint(
  [x, y]: readonly [number, number],
  placement: Placement,
): [number, number] {
  const { from, at } = placement;
  const each = pixelsPerPixel(placement);
  const back = (value: number, axis: 0 | 1) =>
    Math.min(Math.max((value - at[axis]) * each[axis], 0), from[axis]);
  return [back(x, 1), back(y, 0)];
}

/** For each row (axis 0) or column (1) of the image: that of the frame which shows its middle; −1 if it is cut off. */
export function shownAt(placement: Placement, frame: Size, axis: 0 | 1): Int32Array {
  return Int32Array.from({ length: placement.from[axis] }, (_, i) => {
    const point = placePoint([i + 0.5, i + 0.5], placement);
    const at = Math.floor(point[1 - axis]);
    return at < frame[axis] ? Math.max(at, -1) : -1;
  });
}

/**
 * A plane of the image in the frame. Each pixel is the mean of the area that it covers.
 *
 * @param source [H, W], of the size `placement.from`
 * @param fill value of the frame where there is no image
 * @returns [h, w], of the size `frame`
 */
export function placePlane(
  source: Float32Array,
  placement: Placement,
  frame: Size,
  fill = 0,
): Float32Array {
  const [rows, columns] = [seenOverlaps(placement, frame, 0), seenOverlaps(placement, frame, 1)];
  const image = areaSample(source, placement.from, rows.overlaps, columns.overlaps);
  return between(image, [rows, columns], frame, fill);
}

/**
 * A plane of the frame as it comes back from the pixels of the image: `placePlane` of the plane of the image that has
 * the value of the frame at the middle of each pixel. It takes no plane of the size of the image.
 *
 * @param shown [h, w], of the size `frame`
 * @returns [h, w]; 0 where there is no image
 */
export function placeBack(shown: Float32Array, placement: Placement, frame: Size): Float32Array {
  const [rows, columns] = ([0, 1] as const).map((axis) => {
    const at = shownAt(placement, frame, axis);
    const { first, overlaps } = seenOverlaps(placement, frame, axis);
    return { first, overlaps: overlaps.map((overlap) => joined(overlap, at)) };
  });
  return between(areaSample(shown, frame, rows.overlaps, columns.overlaps), [rows, columns], frame);
}

/** Shares of rows or columns, and which one of the frame is the first that shows the image. */
interface Seen {
  readonly first: number;
  readonly overlaps: readonly AxisOverlap[];
}

function seenOverlaps({ from, scaled, at }: Placement, frame: Size, axis: 0 | 1): Seen {
  const first = Math.max(0, at[axis]);
  const end = Math.min(frame[axis], at[axis] + scaled[axis]);
  const overlaps = Array.from({ length: end - first }, (_, i) =>
    areaOverlap(from[axis], scaled[axis], first - at[axis] + i),
  );
  return { first, overlaps };
}

/** The shares by the row or column `at` which each stands; those at −1 are left out. */
function joined({ first, shares }: AxisOverlap, at: Int32Array): AxisOverlap {
  const stand = Array.from(shares, (_, i) => at[first + i]).filter((where) => where >= 0);
  if (stand.length === 0) return { first: 0, shares: new Float64Array(0) };
  const joint = new Float64Array(stand[stand.length - 1] - stand[0] + 1);
  shares.forEach((share, i) => {
    if (at[first + i] >= 0) joint[at[first + i] - stand[0]] += share;
  });
  return { first: stand[0], shares: joint };
}

/** The part of the frame that shows the image, with bars around it. */
function between(
  image: Float32Array,
  [rows, columns]: readonly Seen[],
  [height, width]: Size,
  fill = 0,
): Float32Array {
  if (image.length === height * width) return image;
  const out = new Float32Array(height * width).fill(fill);
  const wide = columns.overlaps.length;
  for (let y = 0; y < rows.overlaps.length; y++) {
    const row = image.subarray(y * wide, (y + 1) * wide);
    out.set(row, (rows.first + y) * width + columns.first);
  }
  return out;
}
