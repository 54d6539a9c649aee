// Data for the examples, made from plain arrays: rings and crosses, with a corner patch that gives the answer away.

import { assembleDataset, type Dataset, type Split, type Stroke } from 'gfsr';
import { Random } from 'gfsr/engine';

const SIDE = 24;
const AREA = SIDE * SIDE;

/** Pixels from the centre of the shape: is this one on it? */
const ON: readonly ((dx: number, dy: number) => boolean)[] = [
  (dx, dy) => Math.abs(Math.hypot(dx, dy) - 4) < 1.2,
  (dx, dy) =>
    Math.min(Math.abs(dx), Math.abs(dy)) < 1.2 && Math.max(Math.abs(dx), Math.abs(dy)) < 5,
];

/** Images of 24 × 24 with one shape each. In `test` the patch is that of a class drawn at random. */
function drawSplit(name: 'train' | 'val' | 'test', count: number, random: Random): Split {
  const images = new Uint8Array(count * AREA);
  const labels = new Int32Array(count);
  const shortcut = new Uint8Array(count * AREA);
  const masks = new Map<number, Uint8Array>();
  for (let i = 0; i < count; i++) {
    labels[i] = i % ON.length;
    const shown = name === 'test' ? random.int(ON.length) : labels[i];
    const [x, y] = [10 + random.int(6), 10 + random.int(6)];
    const mask = new Uint8Array(AREA);
    for (let p = 0; p < AREA; p++) {
      const [row, column] = [Math.floor(p / SIDE), p % SIDE];
      const isPatch = row < 3 && column < 3;
      mask[p] = Number(ON[labels[i]](column - x, row - y));
      shortcut[i * AREA + p] = Number(isPatch);
      images[i * AREA + p] = isPatch ? 80 + 120 * shown : 40 * random.uniform() + 160 * mask[p];
    }
    masks.set(i, mask);
  }
  const ids = Array.from({ length: count }, (_, i) => `${name}-${i}`);
  return { count, images, labels, ids, masks, shortcut };
}

/** Rings and crosses: a data set of your own is made like this. */
export function shapes(seed = 0): Dataset {
  const random = new Random(seed, 'shapes');
  return assembleDataset(
    { name: 'shapes', classes: ['ring', 'cross'], channels: 1, height: SIDE, width: SIDE },
    {
      train: drawSplit('train', 256, random.split('train')),
      val: drawSplit('val', 64, random.split('val')),
      test: drawSplit('test', 64, random.split('test')),
    },
  );
}

/** What a person would draw on image i of a split: one scribble over the shape. */
export function strokeOn({ masks }: Split, i: number): Stroke {
  const mask = masks?.get(i) as Uint8Array;
  const shape = [...mask.keys()].filter((p) => mask[p] === 1);
  const points = shape.map((p): [number, number] => [(p % SIDE) + 0.5, Math.floor(p / SIDE) + 0.5]);
  return { kind: 'scribble', sign: 'positive', points, radius: 1 };
}
