// Pictures of images, masks and saliency maps, magnified so that a person can see them.

import type { Image } from '../data/png.ts';

/** A grey or RGB image, [C, H, W] of 0 to 255, as a split has it. */
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

/** Small images are magnified to at least so many pixels a side. */
const LEAST_SIDE = 224;

type Colour = readonly [number, number, number];

/**
 * Inferno, perceptually uniform, from black to light yellow: a polynomial in the heat for each of R, G, B in
 * [0, 1] (fit by Matt Zucker, CC0, to the map of van der Walt and Smith, CC0).
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

/** What marks a mask: a colour that no saliency map has. */
const MASK: Colour = [64, 224, 208];

const blank = ({ height, width }: { height: number; width: number }): Image => {
  const zoom = Math.max(1, Math.ceil(LEAST_SIDE / Math.max(height, width)));
  const size = { width: width * zoom, height: height * zoom };
  return { ...size, channels: 3, data: new Uint8Array(size.width * size.height * 3) };
};

/** The image itself, its pixels as squares. */
export function drawImage(picture: Picture): Image {
  const image = blank(picture);
  fill(image, (v, u) => pixelAt(picture, v, u));
  return image;
}

/**
 * The image in grey under a map: the colour is the heat, and the hotter, the more it covers. `peak` is
 * full heat; by default the map's highest value.
 */
export function drawHeat(picture: Picture, map: HeatMap, peak?: number): Image {
  const full = (peak ?? map.values.reduce((most, value) => Math.max(most, value), 0)) || 1;
  return drawOver(picture, (v, u) => {
    const heat = Math.min(1, sample(map, v, u) / full);
    return { colour: heatColour(heat), cover: Math.min(1, 1.6 * heat) };
  });
}

/** The image in grey under a mask of 0 to 1 in one colour, the more of it the more relevant. */
export function drawMask(picture: Picture, mask: HeatMap): Image {
  return drawOver(picture, (v, u) => ({ colour: MASK, cover: 0.7 * sample(mask, v, u) }));
}

/** Colour of a heat in [0, 1], 0 to 255. */
export function heatColour(heat: number): Colour {
  const channel = (c: 0 | 1 | 2) => {
    const value = INFERNO.reduceRight((sum, term) => sum * heat + term[c], 0);
    return 255 * Math.min(1, Math.max(0, value));
  };
  return [channel(0), channel(1), channel(2)];
}

/** The image in grey, darkened so that colours stand out, under what covers it at (v, u). */
function drawOver(
  picture: Picture,
  over: (v: number, u: number) => { colour: Colour; cover: number },
): Image {
  const image = blank(picture);
  fill(image, (v, u) => {
    const [r, g, b] = pixelAt(picture, v, u);
    const grey = 0.75 * (0.299 * r + 0.587 * g + 0.114 * b);
    const { colour, cover } = over(v, u);
    return colour.map((c) => grey * (1 - cover) + c * cover);
  });
  return image;
}

/** Images of one height beside each other, with a gap of white. */
export function beside(images: readonly Image[], gap = 8): Image {
  const height = Math.max(...images.map((image) => image.height));
  const width = images.reduce((sum, image) => sum + image.width, gap * (images.length - 1));
  const data = new Uint8Array(width * height * 3).fill(255);
  let left = 0;
  for (const image of images) {
    for (let y = 0; y < image.height; y++) {
      const row = image.data.subarray(y * image.width * 3, (y + 1) * image.width * 3);
      data.set(row, (y * width + left) * 3);
    }
    left += image.width + gap;
  }
  return { width, height, channels: 3, data };
}

/** Sets every pixel from its place, as shares of height and width. */
function fill({ width, height, data }: Image, colour: (v: number, u: number) => number[]): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set(colour((y + 0.5) / height, (x + 0.5) / width).map(Math.round), (y * width + x) * 3);
    }
  }
}

function pixelAt({ pixels, channels, height, width }: Picture, v: number, u: number): number[] {
  const [y, x] = [Math.floor(v * height), Math.floor(u * width)];
  return [0, 1, 2].map((c) => pixels[(Math.min(c, channels - 1) * height + y) * width + x]);
}

/** Bilinear; beyond the outer centres the edge goes on. */
function sample({ values, height, width }: HeatMap, v: number, u: number): number {
  const clamp = (at: number, last: number) => Math.min(Math.max(at, 0), last);
  const [y, x] = [clamp(v * height - 0.5, height - 1), clamp(u * width - 0.5, width - 1)];
  const [y0, x0] = [Math.floor(y), Math.floor(x)];
  const [y1, x1] = [Math.min(y0 + 1, height - 1), Math.min(x0 + 1, width - 1)];
  const row = (r: number) =>
    values[r * width + x0] * (1 - (x - x0)) + values[r * width + x1] * (x - x0);
  return row(y0) * (1 - (y - y0)) + row(y1) * (y - y0);
}
