// Light augmentation on the host: mirrors, shifts, rotates, scales and relights images at random, with their masks.

import { Random } from '../../engine/core/random.ts';
import { describeValues, isValue } from '../../model/setting.ts';
import { type AugmentationPart, trainSettings } from '../config/train.ts';

/** Parts joined by `-`, such as `flip-shift`; or `none`. */
export type Augmentation = string;

/**
 * The transform of one image, in this order: it is mirrored, scaled and rotated about its centre, and shifted. Then its
 * brightness and contrast change.
 */
export interface AffineTransform {
  /** Left to right. */
  readonly flip: boolean;
  /** Top to bottom. */
  readonly vflip: boolean;
  /** Shares of the height and the width. */
  readonly down: number;
  readonly right: number;
  /** Radians, clockwise. */
  readonly angle: number;
  /** Above 1 enlarges. */
  readonly zoom: number;
  /** A pixel x becomes gain·x + offset. */
  readonly gain: number;
  readonly offset: number;
}

/** Largest shift, as a share of the side: 2 of 28 pixels. */
const REACH = 1 / 14;
/** Largest rotation: 10°. */
const TURN = Math.PI / 18;
/** Scale factors lie within e^±0.1. */
const ZOOM = 0.1;
/** Gain within 1 ± 0.2 and offset within ± 0.2, in standard deviations of the normalised pixels. */
const LIGHT = 0.2;

/**
 * One transform per image of a batch; shifts are whole pixels of an image of `side` pixels. The same seed and stream
 * give the same transforms, whatever is trained.
 *
 * @throws RangeError for an unknown or repeated part
 */
export function drawTransforms(
  augmentation: Augmentation,
  count: number,
  side: number,
  seed: number,
  stream: string,
): AffineTransform[] {
  const { augment } = trainSettings;
  if (!isValue(augment, augmentation)) {
    throw new RangeError(`augment: got ${augmentation}, expected ${describeValues(augment)}.`);
  }
  const random = new Random(seed, `augment/${stream}`);
  const parts = new Set(augmentation.split('-'));
  const has = (part: AugmentationPart) => parts.has(part);
  const reach = Math.round(side * REACH);
  const coin = (part: AugmentationPart) => has(part) && random.int(2) === 1;
  const shift = () => (has('shift') ? (random.int(2 * reach + 1) - reach) / side : 0);
  const within = (part: AugmentationPart, furthest: number) =>
    has(part) ? furthest * (2 * random.uniform() - 1) : 0;
  return Array.from({ length: count }, () => ({
    flip: coin('flip'),
    vflip: coin('vflip'),
    down: shift(),
    right: shift(),
    angle: within('rotate', TURN),
    zoom: Math.exp(within('zoom', ZOOM)),
    gain: 1 + within('light', LIGHT),
    offset: within('light', LIGHT),
  }));
}

/**
 * Changes the brightness and contrast of each image in place. @param images [N, C, H, W], normalised; @param transforms
 * [N], or none
 */
export function applyLight(images: Float32Array, transforms: readonly AffineTransform[]): void {
  const each = images.length / transforms.length;
  for (const [i, { gain, offset }] of transforms.entries()) {
    if (gain === 1 && offset === 0) continue;
    for (let p = i * each; p < (i + 1) * each; p++) images[p] = gain * images[p] + offset;
  }
}

/**
 * Moves the planes of each image in place, without changing their brightness. Positions between pixels, as on a coarse
 * mask, are interpolated bilinearly. What comes in at an edge repeats the edge.
 *
 * @param planes [N, planes of an image, height, width]; square images if they rotate
 * @param transforms [N], or none, which changes nothing
 */
export function applyTransforms(
  planes: Float32Array,
  transforms: readonly AffineTransform[],
  [height, width]: readonly [number, number],
): void {
  const area = height * width;
  const perImage = planes.length / transforms.length;
  const before = new Float32Array(area);
  for (const [i, transform] of transforms.entries()) {
    const { flip, vflip, down, right, angle, zoom } = transform;
    const turned = angle !== 0 || zoom !== 1;
    if (!flip && !vflip && down === 0 && right === 0 && !turned) continue;
    const resample = turned ? turn : slide;
    for (let start = i * perImage; start < (i + 1) * perImage; start += area) {
      const plane = planes.subarray(start, start + area);
      before.set(plane);
      resample(before, plane, transform, height, width);
    }
  }
}

/** Mirrors and shifts one plane, rows and columns separately, so that whole pixels stay exact. */
function slide(
  before: Float32Array,
  plane: Float32Array,
  { flip, vflip, down, right }: AffineTransform,
  height: number,
  width: number,
): void {
  const rows = sources(height, down * height, vflip);
  const columns = sources(width, right * width, flip);
  for (let y = 0; y < height; y++) {
    const { low: top, high: bottom, share: v } = rows[y];
    for (let x = 0; x < width; x++) {
      const { low: left, high: far, share: u } = columns[x];
      const above = before[top * width + left] * (1 - u) + before[top * width + far] * u;
      const below = before[bottom * width + left] * (1 - u) + before[bottom * width + far] * u;
      plane[y * width + x] = above * (1 - v) + below * v;
    }
  }
}

/** The full transform of one plane, backwards from each pixel to its source. */
function turn(
  before: Float32Array,
  plane: Float32Array,
  { flip, vflip, down, right, angle, zoom }: AffineTransform,
  height: number,
  width: number,
): void {
  const [cos, sin] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom];
  for (let y = 0; y < height; y++) {
    const v = (y + 0.5) / height - 0.5 - down;
    for (let x = 0; x < width; x++) {
      const u = (x + 0.5) / width - 0.5 - right;
      const across = (flip ? -1 : 1) * (cos * u + sin * v);
      const along = (vflip ? -1 : 1) * (cos * v - sin * u);
      const column = clamp((across + 0.5) * width - 0.5, width);
      const row = clamp((along + 0.5) * height - 0.5, height);
      plane[y * width + x] = bilinear(before, row, column, height, width);
    }
  }
}

const clamp = (place: number, length: number): number => Math.min(Math.max(place, 0), length - 1);

function bilinear(
  plane: Float32Array,
  row: number,
  column: number,
  height: number,
  width: number,
): number {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [bottom, far] = [Math.min(top + 1, height - 1), Math.min(left + 1, width - 1)];
  const [v, u] = [row - top, column - left];
  const above = plane[top * width + left] * (1 - u) + plane[top * width + far] * u;
  const below = plane[bottom * width + left] * (1 - u) + plane[bottom * width + far] * u;
  return above * (1 - v) + below * v;
}

/** The source of each position on an axis: between `low` and `high`, at fraction `share`. */
function sources(
  length: number,
  shift: number,
  flip: boolean,
): { low: number; high: number; share: number }[] {
  // Restores a shift of whole pixels that was converted to a share of the side.
  const whole = Math.round(shift);
  const by = Math.abs(shift - whole) < 1e-6 ? whole : shift;
  return Array.from({ length }, (_, at) => {
    const from = clamp(at - by, length);
    const place = flip ? length - 1 - from : from;
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, length - 1), share: place - low };
  });
}
