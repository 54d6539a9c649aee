// Marks made on squares of images land on the same places of the images' files, and come back.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import type { Stroke } from '../../../gfsr/annotation/annotations.ts';
import { maskBack, toFile, toFrame } from '../../../gfsr/annotation/frame-strokes.ts';
import { decodeRunLengths, encodeRunLengths } from '../../../gfsr/annotation/raster.ts';
import { type Fit, fitInto } from '../../../gfsr/image/placement.ts';

const FRAME = [40, 40] as const;
/** 200 high, 100 wide: in a frame of 40 between bars, a fifth of its size, 10 columns from the left. */
const padded = fitInto([200, 100], 40, 'pad');

const click = (x: number, y: number, radius?: number): Stroke => ({
  ...{ kind: 'click', sign: 'positive', points: [[x, y]] },
  ...(radius !== undefined && { radius }),
});

test('points and radii go to the pixels of the file and back', () => {
  const there = toFile(click(15, 20, 2), padded, FRAME);
  assert.equal(there, click(25, 100, 10));
  assert.equal(toFrame(there, padded, FRAME), click(15, 20, 2));
});

test('a point on a bar is on the edge of the image', () => {
  assert.equal(toFile(click(3, 20), padded, FRAME).points, [[0, 100]]);
});

test('a mask covers the same part of the image', () => {
  const plane = Uint8Array.from({ length: 1600 }, (_, p) => Number(p % 40 < 20 && p >= 800));
  const mask: Stroke = {
    ...{ kind: 'mask', sign: 'negative', points: [] },
    mask: encodeRunLengths(plane, 40, 40),
  };
  const there = toFile(mask, padded, FRAME);
  const covered = decodeRunLengths(there.mask as NonNullable<Stroke['mask']>);
  // Columns 10 to 19 of the frame are columns 0 to 49 of the file; rows 20 to 39 are rows 100 to 199.
  const expected = Uint8Array.from({ length: 20_000 }, (_, p) =>
    Number(p % 100 < 50 && p >= 10_000),
  );
  assert.equal(covered, expected);
  const back = decodeRunLengths(toFrame(there, padded, FRAME).mask as NonNullable<Stroke['mask']>);
  assert.equal(
    back,
    plane.map((v, p) => (p % 40 < 10 ? 0 : v)),
  );
});

test('without a frame strokes are the same objects', () => {
  const whole = fitInto([40, 40], 40, 'resize');
  const stroke = click(3, 4);
  assert.is(toFile(stroke, whole, FRAME), stroke);
  assert.is(toFrame(stroke, whole, FRAME), stroke);
});

test('a mask comes back as maskBack says, at any size and fit', () => {
  const random = new Random('masks');
  for (const fit of ['resize', 'pad', 'crop'] satisfies Fit[]) {
    for (let round = 0; round < 60; round++) {
      const [height, width, side] = [1, 2, 3].map(() => 1 + random.int(60));
      const placement = fitInto([height, width], side, fit);
      const frame = [side, side] as const;
      const [row, column] = [random.int(side), random.int(side)];
      const plane = Uint8Array.from({ length: side * side }, (_, p) =>
        Number(Math.hypot(Math.floor(p / side) - row, (p % side) - column) < side / 3),
      );
      const mask = encodeRunLengths(plane, side, side);
      const stroke: Stroke = { kind: 'mask', sign: 'positive', points: [], mask };
      const expected = toFrame(toFile(stroke, placement, frame), placement, frame).mask;
      const what = `${height}×${width} → ${side}, ${fit}`;
      assert.equal(maskBack(mask, placement, frame), expected, what);
    }
  }
});

test('a mask on a large photo costs little: tables for rows and columns, not an array for each pixel', () => {
  const placement = fitInto([3000, 4000], 40, 'pad');
  const plane = Uint8Array.from({ length: 1600 }, (_, p) => Number(p % 40 < 20 && p >= 800));
  const mask = encodeRunLengths(plane, 40, 40);
  const stroke: Stroke = { kind: 'mask', sign: 'positive', points: [], mask };
  const before = process.cpuUsage();
  toFile(stroke, placement, FRAME);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 1_000_000, `${(user + system) / 1000} ms`);
});

test.run();
