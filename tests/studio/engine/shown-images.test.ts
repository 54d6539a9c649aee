// The pane of masks shows what changes most, and does not flicker.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseImages } from '../../../studio/engine/shown-images.ts';

test('at first the images that change most, in ascending order, without the marked one', () => {
  assert.equal(chooseImages([], [0.1, 0.9, 0.3, 0.8, 0.2], 3, 3), [1, 2, 4]);
});

test('images stay in their places as long as no other changes clearly more', () => {
  const changes = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0.3 : 0.5));
  const shown = Array.from({ length: 20 }, (_, i) => 19 - i);
  assert.equal(chooseImages(shown, changes, 20, 39), shown);
});

test('a change replaces a tenth at most, each of the least changed in its place', () => {
  const changes = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0.01 * (i + 1) : 1 + i));
  const shown = Array.from({ length: 20 }, (_, i) => i);
  const next = chooseImages(shown, changes, 20, 39);
  assert.equal(next.slice(2), shown.slice(2));
  assert.equal(next.slice(0, 2), [38, 37]);
});

test('the marked image gives up its place, and none is shown twice', () => {
  const next = chooseImages([4, 2, 0], [1, 1, 1, 1, 1, 1], 3, 2);
  assert.equal(next, [4, 0, 1]);
});

test('with few images, all others are shown', () => {
  assert.equal(chooseImages([], [1, 0], 40, 0), [1]);
  assert.equal(chooseImages([1], [1, 0], 40, 0), [1]);
});

test.run();
