// Annotation files as planes of marks: one an annotator and image, nothing for an image nobody marked.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Annotation, Stroke } from '../../../gfsr/annotation/annotations.ts';
import { MARK, saysNothing } from '../../../gfsr/annotation/marks.ts';
import { annotationPlanes, markPlane } from '../../../gfsr/annotation/planes.ts';
import type { Split } from '../../../gfsr/data/dataset.ts';
import { fitInto } from '../../../gfsr/image/placement.ts';

const box = (sign: Stroke['sign'], left: number, right: number): Stroke => ({
  kind: 'box',
  sign,
  points: [
    [left, 0],
    [right, 2],
  ],
});
const train: Split = {
  count: 3,
  images: new Uint8Array(24),
  labels: Int32Array.of(0, 1, 0),
  ids: ['a', 'b', 'c'],
};
const planesOf = (...annotations: Annotation[]) =>
  annotationPlanes(
    { format: 'gfsr-annotations', version: 1, dataset: 'x', annotations },
    { train, height: 2, width: 4 },
  );

test('gives each kind of stroke its own mark', () => {
  const plane = markPlane(
    [box('positive', 0, 1), box('negative', 1, 2), box('unknown', 2, 3)],
    2,
    4,
  );
  assert.equal([...plane], [1, 2, 3, 0, 1, 2, 3, 0]);
});

test('makes one plane of what an annotator drew in several goes', () => {
  const planes = planesOf(
    { image: 'b', annotator: 'ann', strokes: [box('positive', 0, 2)] },
    { image: 'b', annotator: 'bob', strokes: [box('negative', 3, 4)] },
    { image: 1, annotator: 'ann', strokes: [box('negative', 1, 2)] },
  );
  assert.equal([...planes.keys()], [1]);
  assert.equal(
    planes.get(1)?.map((plane) => [...plane]),
    [
      [1, 2, 0, 0, 1, 2, 0, 0],
      [0, 0, 0, 2, 0, 0, 0, 2],
    ],
  );
});

test('leaves out an image that nobody marked', () => {
  const planes = planesOf(
    { image: 'a', annotator: 'ann', strokes: [] },
    { image: 'c', annotator: 'ann', strokes: [box('unknown', 0, 1)] },
  );
  assert.equal([...planes.keys()], [2]);
});

test('nothing is relevant on the bars beside an image on which nothing is, however that is said', () => {
  const from = [20, 30] as const;
  const sign = 'negative';
  const said: Stroke[][] = [
    [{ kind: 'image', sign, points: [] }],
    [{ kind: 'mask', sign, points: [], mask: { size: [...from], counts: [0, 600] } }],
    [
      {
        ...{ kind: 'box', sign },
        points: [
          [0, 0],
          [30, 20],
        ],
      },
    ],
  ];
  const disc: Stroke = { kind: 'click', sign: 'positive', points: [[15, 10]], radius: 4 };
  for (const fit of ['resize', 'pad', 'crop'] as const) {
    const planeOf = (strokes: Stroke[]) =>
      annotationPlanes(
        {
          ...{ format: 'gfsr-annotations', version: 1, dataset: 'x' },
          annotations: [{ image: 'a', annotator: 'ann', strokes }],
        },
        {
          train: { ids: ['a'], placements: [fitInto(from, 16, fit)] },
          ...{ height: 16, width: 16 },
        },
      ).get(0) ?? [];
    for (const strokes of said)
      assert.ok(saysNothing(planeOf(strokes)), `${fit} ${strokes[0].kind}`);
    // What follows is an exception, and the bars of such an image have no mark.
    const [plane] = planeOf([...said[0], disc]);
    assert.ok(plane.includes(MARK.positive) && !saysNothing([plane]), fit);
    assert.is(plane[0], fit === 'pad' ? MARK.none : MARK.negative, fit);
  }
});

test.run();
