// Marks on segments come and go, and the eraser takes what lies uppermost.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Stroke } from '../../../gfsr/annotation/annotations.ts';
import { correctedClass } from '../../../gfsr/annotation/classes.ts';
import { toFile, toFrame } from '../../../gfsr/annotation/frame-strokes.ts';
import { fitInto } from '../../../gfsr/image/placement.ts';
import {
  backOf,
  eraseAt,
  eraseSegment,
  inWords,
  isMarked,
  isOnImage,
  markOn,
  planeStroke,
  saysNothing,
  signOf,
  toggleNothing,
  toggleSegment,
  withClass,
} from '../../../studio/mark/strokes.ts';

const SIZE = [4, 4] as const;
const left = Uint8Array.from({ length: 16 }, (_, p) => Number(p % 4 < 2));
const right = left.map((v) => 1 - v);
const mark = (plane: Uint8Array, sign: Stroke['sign']) => planeStroke(plane, SIZE, sign);

test('the same mark twice is no mark; another one replaces it', () => {
  const once = toggleSegment([], mark(left, 'positive'));
  assert.is(once.length, 1);
  assert.equal(toggleSegment(once, mark(left, 'positive')), []);
  const other = toggleSegment(once, mark(left, 'negative'));
  assert.equal(other, [mark(left, 'negative')]);
  assert.is(toggleSegment(other, mark(right, 'negative')).length, 2);
});

test('a mark that has been in the pixels of the file is still that of its segment', () => {
  const placement = fitInto([5, 7], 4, 'pad'); // some pixels at the edges change, and two rows are bars
  const back = backOf({ height: 4, width: 4, placements: [placement] }, 0);
  const segment = mark(left, 'positive');
  const returned = toFrame(toFile(segment, placement, SIZE), placement, SIZE);
  assert.not.equal(returned, segment);
  assert.is(markOn([returned], segment, back), 'positive');
  assert.is(markOn([returned], mark(right, 'positive'), back), undefined);
  assert.equal(toggleSegment([returned], segment, back), []);
  assert.equal(eraseSegment([returned], segment, back), []);
  const other = mark(left, 'negative');
  assert.equal(toggleSegment([returned], other, back), [other]);
});

test('a click beside the image is no stroke; a box may begin there', () => {
  assert.is(isOnImage([[-1, 2]], SIZE), false);
  assert.is(isOnImage([[2, 4.1]], SIZE), false);
  assert.is(isOnImage([[2, 4]], SIZE), true);
  const corners = [
    [-1, -1],
    [5, 5],
  ] as const;
  assert.is(isOnImage(corners, SIZE), true);
});

test('a segment says how most of it is marked', () => {
  const strokes = [mark(left, 'negative'), mark(right, 'unknown')];
  assert.is(signOf(strokes, left, SIZE), 'negative');
  assert.is(signOf(strokes, right, SIZE), 'unknown');
  assert.is(signOf([], left, SIZE), undefined);
  const half: Stroke = {
    kind: 'box',
    sign: 'positive',
    points: [
      [0, 0],
      [1, 4],
    ],
  };
  assert.is(signOf([half], left, SIZE), undefined);
});

test('an image without anything relevant has no other marks', () => {
  const nothing = toggleNothing([mark(left, 'positive')]);
  assert.is(saysNothing(nothing), true);
  assert.is(signOf(nothing, left, SIZE), 'negative');
  assert.equal(toggleNothing(nothing), []);
  assert.is(saysNothing([mark(left, 'negative')]), false);
});

test('a class is no mark: it stays when marks go, and a new one replaces it', () => {
  const healthy = withClass([mark(left, 'positive')], 'healthy');
  assert.is(correctedClass(healthy), 'healthy');
  assert.equal(
    withClass(healthy, 'ill').map(({ kind }) => kind),
    ['mask', 'class'],
  );
  assert.equal(withClass(healthy, undefined), [mark(left, 'positive')]);
  const nothing = toggleNothing(healthy);
  assert.equal([saysNothing(nothing), correctedClass(nothing)], [true, 'healthy']);
  const only = toggleNothing(nothing);
  assert.equal(
    [isMarked(only), correctedClass(only), inWords(only)],
    [false, 'healthy', 'not marked'],
  );
});

test('the eraser removes the uppermost stroke at a point', () => {
  const strokes = [mark(left, 'positive'), mark(left.fill(1, 0, 16), 'negative')];
  assert.equal(eraseAt(strokes, [0.5, 0.5], SIZE), [strokes[0]]);
  assert.equal(eraseAt([strokes[0]], [3.5, 0.5], SIZE), [strokes[0]]);
});

test('erasing what has no mark changes nothing', () => {
  const strokes = [mark(right, 'positive')];
  assert.is(
    eraseSegment(strokes, mark(Uint8Array.from([1, ...new Uint8Array(15)]), 'positive')),
    strokes,
  );
  assert.equal(eraseSegment(strokes, mark(right, 'negative')), []);
});

test.run();
