// Marks made on squares of images land on the same places of the images' files, and come back.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Stroke } from '../../../gfsr/annotation/annotations.ts';
import { toFile, toFrame } from '../../../gfsr/annotation/frame-strokes.ts';
import { decodeRunLengths, encodeRunLengths } from '../../../gfsr/annotation/raster.ts';
import { fitInto } from '../../../gfsr/image/placement.ts';

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

test.run();
