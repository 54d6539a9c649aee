// Arrow keys reach every segment, and words say where one is.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gridSegments } from '../../../gfsr/masks/segmentation.ts';
import { SegmentMap } from '../../../studio/mark/segment-map.ts';

const map = new SegmentMap(gridSegments({ height: 30, width: 60, rows: 3, cols: 4 }));

test('a point has the segment of its pixel; outside there is none', () => {
  assert.is(map.at(0, 0), 0);
  assert.is(map.at(59.9, 29.9), 11);
  for (const [x, y] of [
    [-0.1, 5],
    [5, -0.1],
    [60, 5],
    [5, 30],
  ]) {
    assert.is(map.at(x, y), undefined);
  }
});

test('arrows go to the neighbour, and stay at the edge', () => {
  assert.is(map.neighbour(5, 'right'), 6);
  assert.is(map.neighbour(5, 'left'), 4);
  assert.is(map.neighbour(5, 'up'), 1);
  assert.is(map.neighbour(5, 'down'), 9);
  assert.is(map.neighbour(0, 'up'), 0);
  assert.is(map.neighbour(11, 'right'), 11);
});

test('every segment can be reached by arrows', () => {
  const reached = new Set([5]);
  for (const segment of reached) {
    for (const direction of ['left', 'right', 'up', 'down'] as const) {
      reached.add(map.neighbour(segment, direction));
    }
  }
  assert.is(reached.size, map.count);
});

test('places have names', () => {
  assert.is(map.place(0), 'upper left');
  assert.is(map.place(7), 'right');
  assert.is(map.place(5), 'centre');
  assert.is(map.place(8), 'lower left');
});

test('the plane of a segment has its pixels', () => {
  const plane = map.plane(5);
  assert.is(
    plane.reduce((sum, inside) => sum + inside, 0),
    10 * 15,
  );
  assert.is(plane[15 * 60 + 20], 1);
});

test.run();
