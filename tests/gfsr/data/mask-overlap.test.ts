// The overlap of masks: 1 where they are equal, 0 where they do not touch, the mean over pairs between.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { meanMaskOverlap } from '../../../gfsr/data/mask-overlap.ts';

const meanOf = (masks: readonly Uint8Array[]) => meanMaskOverlap(new Map(masks.entries()));

const mask = (...pixels: number[]) => {
  const plane = new Uint8Array(8);
  for (const p of pixels) plane[p] = 1;
  return plane;
};

test('equal masks overlap wholly, disjoint ones not at all', () => {
  assert.is(meanOf([mask(0, 1), mask(0, 1), mask(0, 1)]), 1);
  assert.is(meanOf([mask(0), mask(1), mask(2)]), 0);
});

test('the mean over pairs; empty masks do not count', () => {
  // {0,1} and {1,2}: 1/3; {0,1} and {5}: 0; {1,2} and {5}: 0.
  const overlap = meanOf([mask(0, 1), mask(), mask(1, 2), mask(5)]);
  assert.ok(Math.abs(overlap - 1 / 9) < 1e-12);
  assert.ok(Number.isNaN(meanOf([mask(0)])));
});

test('of many masks some are taken from all over', () => {
  const halves = Array.from({ length: 1000 }, (_, i) => (i < 500 ? mask(0) : mask(1)));
  const overlap = meanOf(halves);
  assert.ok(
    Math.abs(overlap - 99 / 199) < 1e-12,
    `${overlap}: 100 of each, of which 99 others are alike`,
  );
});

test.run();
