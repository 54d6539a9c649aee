// A data set that a tiny classifier learns in a few steps: the bright half of an image, left or right, is its class.

import { assembleDataset } from '../../gfsr/data/assemble.ts';
import type { Dataset } from '../../gfsr/data/dataset.ts';

export const SIDE = 8;
export const AREA = SIDE * SIDE;

function split(count: number, prefix: string) {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const images = Uint8Array.from({ length: count * AREA }, (_, k) => {
    const right = k % SIDE >= SIDE / 2 ? 1 : 0;
    return right === labels[Math.floor(k / AREA)] ? 150 + ((k * 37) % 100) : (k * 13) % 50;
  });
  return { count, images, labels, ids: Array.from(labels, (_, i) => `${prefix}${i}`) };
}

/** 24 training images and 8 of each other split. */
export const halves: Dataset = assembleDataset(
  { name: 'halves', classes: ['left', 'right'], channels: 1, height: SIDE, width: SIDE },
  { train: split(24, 'a'), val: split(8, 'b'), test: split(8, 'c') },
);
