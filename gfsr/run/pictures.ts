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

/** From no to full heat, RGB: dark violet to light yellow, lightness rising evenly. */
const RAMP = [
  [10, 7, 34],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
];

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
  const image = blank(picture);
  const full = (peak ?? map.values.reduce((most, value) => Math.max(most, value), 0)) || 1;
  fill(image, (v, u) => {
    const [r, g, b] = pixelAt(picture, v, u);
    const grey = 0.299 * r + 0.587 * g + 0.114 * b;
    const heat = Math.min(1, sample(map, v, u) / full);
    const cover = 0.35 + 0.45 * heat;
    return rampColour(heat).map((c) => grey * (1 - cover) + c * cover);
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

function rampColour(heat: number): number[] {
  const at = heat * (RAMP.length - 1);
  const from = Math.min(Math.floor(at), RAMP.length - 2);
  return RAMP[from].map((low, c) => low + (RAMP[from + 1][c] - low) * (at - from));
}
