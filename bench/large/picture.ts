// Pictures that are drawn: a disc or a square on coloured clouds, with grain, by their number alone.

import { Random } from '../../engine/core/random.ts';

/** What is on a picture, in the order of the classes. */
export const SHAPES = ['disc', 'square'] as const;

/** The shape of a picture. */
export const shapeOf = (number: number): (typeof SHAPES)[number] => SHAPES[number % SHAPES.length];

/** A picture, and where its shape is. */
export interface Drawn {
  readonly shape: (typeof SHAPES)[number];
  /** [side, side, 4], opaque. */
  readonly rgba: Uint8Array;
  /** Middle of the shape, in pixels. */
  readonly x: number;
  readonly y: number;
}

/** Points of the clouds along each axis. */
const KNOTS = 9;
const GRAIN = 65_536;
const grain = grainOf(new Random(0, 'grain'));

/** Picture `number` of a folder: the same for every call. */
export function drawPicture(number: number, side: number): Drawn {
  const random = new Random(number, 'picture');
  const shape = shapeOf(number);
  const radius = side * (0.12 + 0.08 * random.uniform());
  const [x, y] = [0, 0].map(() => radius + (side - 2 * radius) * random.uniform());
  const knots = Float32Array.from({ length: 3 * KNOTS * KNOTS }, () => 40 + 150 * random.uniform());
  const light = [0, 1, 2].map(() => 60 * random.uniform() + 20);
  const first = random.int(GRAIN);
  const rgba = new Uint8Array(4 * side * side).fill(255);
  for (let row = 0, p = 0; row < side; row++) {
    const v = (row / side) * (KNOTS - 1);
    const [top, down] = [Math.floor(v), v % 1];
    for (let column = 0; column < side; column++, p++) {
      const u = (column / side) * (KNOTS - 1);
      const [left, right] = [Math.floor(u), u % 1];
      const [dx, dy] = [Math.abs(column - x), Math.abs(row - y)];
      const inside =
        shape === 'disc' ? dx * dx + dy * dy < radius * radius : Math.max(dx, dy) < radius;
      for (let c = 0; c < 3; c++) {
        const at = (c * KNOTS + top) * KNOTS + left;
        const above = knots[at] * (1 - right) + knots[at + 1] * right;
        const below = knots[at + KNOTS] * (1 - right) + knots[at + KNOTS + 1] * right;
        const cloud = above * (1 - down) + below * down + grain[(first + p * 3 + c) % GRAIN];
        rgba[p * 4 + c] = Math.min(255, Math.max(0, cloud + (inside ? light[c] : 0)));
      }
    }
  }
  return { shape, rgba, x, y };
}

function grainOf(random: Random): Float32Array {
  return Float32Array.from({ length: GRAIN }, () => 16 * (random.uniform() - 0.5));
}
