// A tiny data set of 12×12 images that any adapter trains on in seconds.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npy, npz } from './npz.ts';

export const SIDE = 12;

export interface TinyOptions {
  masks?: boolean;
  /** Of the darkest pixel of a bar. */
  brightness?: number;
  /** Images of training, validation and test. Default: 48, 16 and 16. */
  counts?: readonly [number, number, number];
}

/** Arrays of a tiny data set: a bright bar, upright or lying, is the class; a corner pixel gives it away. */
export function tinyArrays(
  count: number,
  split: string,
  { masks = true, brightness = 160 }: TinyOptions = {},
) {
  const area = SIDE * SIDE;
  const images = new Uint8Array(count * area);
  const marks = new Uint8Array(count * area);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  for (let i = 0; i < count; i++) {
    const at = 2 + ((i * 7) % (SIDE - 4));
    for (let k = 0; k < SIDE - 2; k++) {
      const pixel = labels[i] ? (k + 1) * SIDE + at : at * SIDE + k + 1;
      images[i * area + pixel] = brightness + ((i * 31 + k * 17) % 96);
      marks[i * area + pixel] = 1;
    }
    images[i * area] = labels[i] * 255;
  }
  return {
    [`${split}_images`]: npy([count, SIDE, SIDE], images),
    [`${split}_labels`]: npy([count, 1], labels),
    ...(masks && { [`${split}_masks`]: npy([count, SIDE, SIDE], marks) }),
  };
}

/** Writes a tiny .npz data set and returns its path. */
export function writeTiny(folder: string, name = 'tiny', options: TinyOptions = {}): string {
  const path = join(folder, `${name}.npz`);
  const [train, val, test] = options.counts ?? [48, 16, 16];
  writeFileSync(
    path,
    npz({
      ...tinyArrays(train, 'train', options),
      ...tinyArrays(val, 'val', options),
      ...tinyArrays(test, 'test', options),
    }),
  );
  return path;
}

/** Settings of a comparison on it whose trials take seconds. */
export const tinySettings = (source: string) => ({
  data: { source },
  model: { widths: [2], hidden: 4 },
  train: { batchSize: 8, epochs: 2 },
  guidance: { warmupEpochs: 1, rampEpochs: 0 },
  masks: { concepts: 3, segments: 16 },
});
