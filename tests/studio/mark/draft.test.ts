// Corners of a polygon that is not closed: they belong to one image and one tool.

import { batch, effect, signal } from '@preact/signals';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Draft, type Point } from '../../../studio/mark/draft.ts';

const corners: readonly Point[] = [
  [1, 2],
  [3, 4],
];

function begin() {
  const [image, tool] = [signal(0), signal('polygon')];
  const draft = new Draft(image, tool);
  draft.points = corners;
  return { draft, image, tool };
}

test('corners are seen until they are dropped', () => {
  const { draft } = begin();
  const seen: number[] = [];
  effect(() => void seen.push(draft.points.length));
  draft.points = [...draft.points, [5, 6]];
  draft.drop();
  assert.equal(seen, [2, 3, 0]);
});

test('corners of one image are none of another, nor of another tool, and do not come back', () => {
  const { draft, image, tool } = begin();
  image.value = 1;
  assert.equal(draft.points, []);
  image.value = 0;
  assert.equal(draft.points, []);
  draft.points = corners;
  tool.value = 'box';
  draft.points = [[7, 8]];
  assert.equal(draft.points, [[7, 8]]);
  tool.value = 'polygon';
  assert.equal(draft.points, []);
});

test('there and back at once drops them, too', () => {
  const { draft, image } = begin();
  assert.is(draft.points.length, 2);
  batch(() => {
    image.value = 1;
    assert.equal(draft.points, []);
    image.value = 0;
  });
  assert.equal(draft.points, []);
});

test.run();
