// Pictures of images, masks and saliency maps, magnified so that a person can see them.

import { type Dataset, imageAt, type Split } from '../data/dataset.ts';
import type { Values } from '../data/values.ts';
import type { Image } from '../image/png.ts';
import { rowAt } from '../image/rows.ts';

/** A grey or RGB image, [C, H, W] of 0 to 255, as in a split. */
export interface Picture {
  readonly pixels: Uint8Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A map [height, width] of values ≥ 0, of any resolution. */
export interface HeatMap {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** Image i of a split. */
export const pictureAt = (
  { channels, height, width }: Pick<Dataset, 'channels' | 'height' | 'width'>,
  split: Split,
  i: number,
): Picture => ({ pixels: imageAt(split, i), channels, height, width });

/** Map i of [N, height, width]. */
export const mapAt = (
  maps: Values,
  i: number,
  { height, width }: Pick<HeatMap, 'height' | 'width'>,
): HeatMap => ({ values: rowAt(maps, i, height * width), height, width });

/** R, G, B, 0 to 255. */
type Colour = readonly [number, number, number];

/** Small images are magnified to at least this many pixels per side. */
const LEAST_SIDE = 224;

/**
 * Inferno, a perceptually uniform colour map from black to light yellow: polynomials in the heat for R, G and B in [0,
 * 1] (fit by Matt Zucker, CC0, to the map of van der Walt and Smith, CC0).
 */
const INFERNO: readonly Colour[] = [
  [0.0002189403691192265, 0.001651004631001012, -0.01948089843709184],
  [0.1065134194856116, 0.5639564367884091, 3.932712388889277],
  [11.60249308247187, -3.972853965665698, -15.9423941062914],
  [-41.70399613139459, 17.43639888205313, 44.35414519872813],
  [77.162935699427, -33.40235894210092, -81.80730925738993],
  [-71.31942824499214, 32.62606426397723, 73.20951985803202],
  [25.13112622477341, -12.24266895238567, -23.07032500287172],
];

/** Colour of masks. No saliency map contains it. */
const MASK: Colour = [64, 224, 208];

/** Brightness of the grey image under a map, so that colours stand out. */
const DIM = 0.55;

/** Colour of a heat in [0, 1]. */
export function heatColour(heat: number): Colour {
  const channel = (c: 0 | 1 | 2) => {
    const value = INFERNO.reduceRight((sum, term) => sum * heat + term[c], 0);
    return Math.round(255 * Math.min(1, Math.max(0, value)));
  };
  return [channel(0), channel(1), channel(2)];
}

/** The overlay at 256 levels of a map: R, G, B and opacity. */
const palette = (colour: (level: number) => Colour, cover: (level: number) => number) =>
  Float32Array.from({ length: 4 * 256 }, (_, i) => {
    const level = Math.floor(i / 4) / 255;
    return i % 4 === 3 ? cover(level) : colour(level)[i % 4];
  });

const HEAT = palette(heatColour, (heat) => Math.min(1, 1.6 * heat));
const COVER = palette(
  () => MASK,
  (relevance) => 0.7 * relevance,
);

/** The image itself, with its pixels as squares. */
export function drawImage({ pixels, channels, height, width }: Picture): Image {
  const { image, zoom } = blank(height, width);
  for (let y = 0, to = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const from = Math.floor(y / zoom) * width + Math.floor(x / zoom);
      for (let c = 0; c < 3; c++) {
        image.data[to++] = pixels[Math.min(c, channels - 1) * height * width + from];
      }
    }
  }
  return image;
}

/**
 * The image in grey under a map. The colour shows the heat, and hotter places are more opaque. `peak` is full heat; by
 * default it is the value that the hottest 2 % reach, so that a single pixel does not darken the rest.
 */
export function drawHeat(picture: Picture, map: HeatMap, peak = hottest(map)): Image {
  return drawOver(picture, map, peak || 1, HEAT);
}

/** The least value of the hottest 2 % (at least one pixel) that are not all 0. */
export function hottest({ values }: HeatMap): number {
  const sorted = values.slice().sort();
  const last = sorted.length - 1;
  return sorted[Math.min(last, Math.ceil(0.98 * sorted.length) - 1)] || sorted[last];
}

/** The image in grey under a mask from 0 to 1 in one colour. More relevant places are more opaque. */
export function drawMask(picture: Picture, mask: HeatMap): Image {
  return drawOver(picture, mask, 1, COVER);
}

/** Images of the same height side by side, with a white gap. */
export function beside(images: readonly Image[], gap = 8): Image {
  const height = Math.max(...images.map((image) => image.height));
  const width = images.reduce((sum, image) => sum + image.width, gap * (images.length - 1));
  const data = new Uint8Array(width * height * 3).fill(255);
  let left = 0;
  for (const image of images) {
    for (let y = 0; y < image.height; y++) {
      const row = rowAt(image.data, y, 3 * image.width);
      data.set(row, (y * width + left) * 3);
    }
    left += image.width + gap;
  }
  return { width, height, channels: 3, data };
}

/** Images below each other, left-aligned, with a white gap. */
export function below(images: readonly Image[], gap = 8): Image {
  const width = Math.max(...images.map((image) => image.width));
  const height = images.reduce((sum, image) => sum + image.height, gap * (images.length - 1));
  const data = new Uint8Array(width * height * 3).fill(255);
  let top = 0;
  for (const image of images) {
    for (let y = 0; y < image.height; y++) {
      const row = rowAt(image.data, y, 3 * image.width);
      data.set(row, (top + y) * width * 3);
    }
    top += image.height + gap;
  }
  return { width, height, channels: 3, data };
}

/** A plain loop over numbers, because a report has millions of pixels. */
function drawOver(picture: Picture, map: HeatMap, full: number, colours: Float32Array): Image {
  const { image, zoom } = blank(picture.height, picture.width);
  const { data, height, width } = image;
  const grey = greyOf(picture);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = sample(map, (y + 0.5) / height, (x + 0.5) / width) / full;
      const level = 4 * Math.round(255 * Math.min(1, Math.max(0, value)));
      const cover = colours[level + 3];
      const under = DIM * grey[Math.floor(y / zoom) * picture.width + Math.floor(x / zoom)];
      const to = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) {
        data[to + c] = Math.round(under * (1 - cover) + colours[level + c] * cover);
      }
    }
  }
  return image;
}

function blank(rows: number, columns: number): { image: Image; zoom: number } {
  const zoom = Math.max(1, Math.ceil(LEAST_SIDE / Math.max(rows, columns)));
  const [height, width] = [rows * zoom, columns * zoom];
  const data = new Uint8Array(width * height * 3);
  return { image: { width, height, channels: 3, data }, zoom };
}

/** Luma of each pixel (BT.601), [H, W]. */
function greyOf({ pixels, channels, height, width }: Picture): Float32Array {
  const area = height * width;
  const plane = (c: number) => Math.min(c, channels - 1) * area;
  return Float32Array.from(
    { length: area },
    (_, p) => 0.299 * pixels[p] + 0.587 * pixels[plane(1) + p] + 0.114 * pixels[plane(2) + p],
  );
}

/**
 * Bilinear interpolation at a point given as shares of height and width. Beyond the outer pixel centres the edge value
 * is repeated.
 */
function sample({ values, height, width }: HeatMap, v: number, u: number): number {
  const y = Math.min(Math.max(v * height - 0.5, 0), height - 1);
  const x = Math.min(Math.max(u * width - 0.5, 0), width - 1);
  const top = Math.floor(y) * width;
  const bottom = Math.min(Math.floor(y) + 1, height - 1) * width;
  const [left, right] = [Math.floor(x), Math.min(Math.floor(x) + 1, width - 1)];
  const [down, across] = [y - Math.floor(y), x - Math.floor(x)];
  const above = values[top + left] * (1 - across) + values[top + right] * across;
  const below = values[bottom + left] * (1 - across) + values[bottom + right] * across;
  return above * (1 - down) + below * down;
}
