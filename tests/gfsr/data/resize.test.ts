// Reduced images: the mean of each area, masks that do not vanish, and annotations that stay where they were drawn.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MARK } from '../../../gfsr/annotation/marks.ts';
import { annotationPlanes } from '../../../gfsr/annotation/planes.ts';
import { simulateAnnotations } from '../../../gfsr/annotation/simulate.ts';
import { assembleDataset } from '../../../gfsr/data/assemble.ts';
import type { Split } from '../../../gfsr/data/dataset.ts';
import { allBytes, type Pixels } from '../../../gfsr/data/pixels.ts';
import { reduceImages } from '../../../gfsr/data/resize.ts';

const [HEIGHT, WIDTH] = [4, 8];
const AREA = HEIGHT * WIDTH;
/** Two images: the first counts its pixels, the second is white; the mask covers the left quarter, or one pixel. */
const split = (): Split => ({
  count: 2,
  images: Uint8Array.from({ length: 2 * AREA }, (_, p) => (p < AREA ? p : 255)),
  labels: Int32Array.of(0, 1),
  ids: ['a', 'b'],
  masks: new Map([
    [0, Uint8Array.from({ length: AREA }, (_, p) => (p % WIDTH < 2 ? 1 : 0))],
    [1, Uint8Array.from({ length: AREA }, (_, p) => (p === AREA - 1 ? 1 : 0))],
  ]),
  shortcut: new Uint8Array(2 * AREA),
});
const whole = assembleDataset(
  { name: 'two', classes: ['0', '1'], channels: 1, height: HEIGHT, width: WIDTH, notes: [] },
  { train: split(), val: split(), test: split() },
);

test('a pixel is the mean of its area; a small mask keeps its fullest pixel', () => {
  const { height, width, train, notes } = reduceImages(whole, 4);
  assert.equal([height, width, train.placements?.[1].from], [2, 4, [4, 8]]);
  // (0 + 1 + 8 + 9) / 4 = 4.5, rounded; two to the right is two more, two down sixteen.
  assert.equal([...allBytes(train.images)], [5, 7, 9, 11, 21, 23, 25, 27, ...Array(8).fill(255)]);
  assert.equal([...(train.masks?.get(0) ?? [])], [1, 0, 0, 0, 1, 0, 0, 0]);
  assert.equal([...(train.masks?.get(1) ?? [])], [0, 0, 0, 0, 0, 0, 0, 1]);
  assert.equal([...(allBytes(train.shortcut as Pixels) ?? [])], Array(16).fill(0));
  assert.match(notes.join(), /Reduced from 4×8 to 2×4 pixels/);
});

test('images that are small enough stay as they are', () => {
  assert.is(reduceImages(whole, 8), whole);
});

test('further tests of the same images are reduced with them', () => {
  const { tests } = reduceImages({ ...whole, tests: { absent: split() } }, 4);
  assert.is(tests.absent.images.length, 2 * 2 * 4);
});

test('strokes are in the pixels of the original images', () => {
  const reduced = reduceImages(whole, 4);
  const file = {
    ...{ format: 'gfsr-annotations' as const, version: 1 as const, dataset: 'two' },
    annotations: [
      {
        image: 'a',
        annotator: 'me',
        strokes: [
          { kind: 'box' as const, sign: 'positive' as const, points: pair([0, 0], [4, 2]) },
          { kind: 'box' as const, sign: 'negative' as const, points: pair([6, 2], [8, 4]) },
        ],
      },
    ],
  };
  const [plane] = annotationPlanes(file, reduced).get(0) ?? [];
  const { positive: P, negative: N } = MARK;
  assert.equal([...plane], [P, P, 0, 0, 0, 0, 0, N]);
});

const pair = (...points: [number, number][]) => points;

test('simulated strokes are as well, whatever they are', () => {
  const reduced = reduceImages(whole, 4);
  for (const kind of ['click', 'mask'] as const) {
    const file = simulateAnnotations(reduced, { fraction: 1, kind });
    const [plane] = annotationPlanes(file, reduced).get(1) ?? [];
    assert.is(plane[7], MARK.positive, kind);
    assert.is(plane[0], MARK.none, kind);
    const [{ strokes }] = file.annotations.filter(({ image }) => image === 'b');
    if (kind === 'mask') assert.equal(strokes[0].mask?.size, [4, 8]);
    else assert.ok(strokes[0].points[0][0] >= 6 && strokes[0].points[0][1] >= 2);
  }
});

test.run();
