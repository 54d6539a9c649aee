// Arrow keys reach every segment, and words say where one is.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gridSegments } from '../../../gfsr/masks/segmentation.ts';
import { measureSegments, PER_EDGE } from '../../../studio/mark/measured-segments.ts';
import { SegmentMap } from '../../../studio/mark/segment-map.ts';

const map = new SegmentMap(
  measureSegments(gridSegments({ height: 30, width: 60, rows: 3, cols: 4 })),
);

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

test('edges lie between the same two segments, along the sides of pixels, and none is missing', () => {
  const [height, width] = [5, 7];
  const labels = Int32Array.from({ length: height * width }, (_, p) => ((p * 7919) % 5) % 3);
  const { edges } = measureSegments({ labels, count: 3, height, width });
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? -1 : labels[y * width + x];
  /** Sides of pixels that differ, each as "x,y" of its upper or left end, its direction, and the two segments. */
  const expected: string[] = [];
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      const [above, before, here] = [at(x, y - 1), at(x - 1, y), at(x, y)];
      if (x < width && above !== here) expected.push(`${x},${y} right ${above} ${here}`);
      if (y < height && before !== here) expected.push(`${x},${y} down ${before} ${here}`);
    }
  }
  const found: string[] = [];
  for (let i = 0; i < edges.length; i += PER_EDGE) {
    const [fromX, fromY, toX, toY, a, b] = edges.subarray(i, i + PER_EDGE);
    for (let x = fromX; x < toX; x++) found.push(`${x},${fromY} right ${a} ${b}`);
    for (let y = fromY; y < toY; y++) found.push(`${fromX},${y} down ${a} ${b}`);
  }
  assert.equal(found.sort(), expected.sort());
});

test('an edge that goes on straight is one piece', () => {
  const { edges } = measureSegments(gridSegments({ height: 6, width: 8, rows: 1, cols: 2 }));
  assert.is(edges.length / PER_EDGE, 7, 'three sides of each half, and one between them');
});

test.run();
