// PNG images with the depth of their file, and what of it is white when they become bytes.

import { type Image, type PngOptions, readPngPixels } from './png.ts';

/** Pixels of a file with the depth that it has. */
export interface DeepImage extends Omit<Image, 'channels' | 'data'> {
  readonly channels: 1 | 3;
  /** [H, W, C]: bytes, or 0 to 65,535 of a file with 16 bits per sample. */
  readonly samples: Uint8Array | Uint16Array;
}

/** As `decodePng`, but 16-bit samples keep their depth. */
export function decodeDeepPng(bytes: Uint8Array, options: PngOptions = {}): DeepImage {
  const { width, height, depth, grey, rgba } = readPngPixels(bytes, options);
  const channels = grey ? 1 : 3;
  const length = width * height * channels;
  const [samples, full] =
    depth === 16 ? [new Uint16Array(length), 65_535] : [new Uint8Array(length), 255];
  for (let pixel = 0, to = 0; pixel < width * height; pixel++) {
    const alpha = rgba[pixel * 4 + 3];
    for (let channel = 0; channel < channels; channel++) {
      samples[to++] = Math.round((rgba[pixel * 4 + channel] * alpha) / full);
    }
  }
  return { width, height, channels, samples };
}

/** The largest sample of an image. */
export function largestSample({ samples }: DeepImage): number {
  let largest = 0;
  for (const sample of samples) if (sample > largest) largest = sample;
  return largest;
}

/** 8-bit pixels. `white` is the 16-bit sample that becomes 255; larger ones do too. */
export function toBytes({ samples, ...image }: DeepImage, white = 65_535): Image {
  if (samples instanceof Uint8Array) return { ...image, data: samples };
  const data = new Uint8Array(samples.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.min(255, Math.floor((samples[i] * 255) / white + 0.5));
  }
  return { ...image, data };
}
