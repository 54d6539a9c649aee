// Marks that were drawn on another size of an image: a scaled copy is scaled back, anything else is refused.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { foreignMarks } from '../../../../gfsr/annotation/exchange/foreign-marks.ts';
import { scaleShapes } from '../../../../gfsr/annotation/exchange/scale-shapes.ts';
import { Tally } from '../../../../gfsr/annotation/exchange/shapes.ts';
import { failure } from '../../../support/assertions.ts';

const DRAWN: object = { segmentation: [[80, 60, 90, 60, 90, 70]] };
const coco = (height: number, width: number, drawn = DRAWN) => ({
  path: 'a.json',
  bytes: new TextEncoder().encode(
    JSON.stringify({
      images: [{ id: 1, file_name: 'a.png', height, width }],
      annotations: [{ image_id: 1, category_id: 1, ...drawn }],
      categories: [{ id: 1, name: 'lesion' }],
    }),
  ),
});
const read = (height: number, width: number, size: readonly [number, number]) =>
  foreignMarks([coco(height, width)], 'a.json', {
    ...{ name: 'd', known: new Set(['a.png']), sizeOf: () => size },
  });

test('marks on a scaled copy are scaled to the file, with a note', async () => {
  const { file, notes } = await read(75, 100, [300, 400]);
  assert.equal(file.annotations[0].strokes[0].points, [
    [320, 240],
    [360, 240],
    [360, 280],
  ]);
  assert.match(notes.join(), /1 × image that was annotated in another size/);
  assert.equal((await read(75, 100, [75, 100])).notes, []);
  assert.is((await read(75, 100, [1067, 1423])).notes.length, 1, 'sides are rounded');
});

test('what ends at the border of a copy ends at the border of the file', async () => {
  for (const [from, to] of [
    [29, 15],
    [333, 1000],
    [1333, 224],
  ]) {
    const box = { bbox: [0, 0, from, from] };
    const { file } = await foreignMarks([coco(from, from, box)], 'a.json', {
      ...{ name: 'd', known: new Set(['a.png']), sizeOf: () => [to, to] },
    });
    assert.equal(file.annotations[0].strokes[0].points, [
      [0, 0],
      [to, to],
    ]);
  }
});

test('marks on a turned or cut image are refused', async () => {
  for (const size of [
    [100, 75],
    [100, 100],
  ] as const) {
    assert.match(
      await failure(read(75, 100, size)),
      `a.json: image "a.png" is 75×100 in the annotations, expected ${size.join('×')}`,
    );
  }
});

test('every kind of shape is scaled', () => {
  const shapes = [
    {
      kind: 'box',
      points: [
        [0, 1],
        [2, 2],
      ],
    },
    {
      kind: 'line',
      points: [
        [1, 0],
        [2, 1],
      ],
    },
    { kind: 'points', points: [[1, 1]] },
    { kind: 'disc', centre: [1, 1], radius: 1 },
    { kind: 'mask', mask: { size: [2, 2], counts: [1, 1, 2] } },
  ].map((shape) => ({ label: 'x', ...shape }));
  const image = { name: 'a', size: [2, 2] as const, shapes: shapes as never };
  assert.equal(scaleShapes(image, [4, 4], 'a', new Tally()), {
    ...{ name: 'a', size: [4, 4] },
    shapes: [
      {
        label: 'x',
        kind: 'box',
        points: [
          [0, 2],
          [4, 4],
        ],
      },
      {
        label: 'x',
        kind: 'line',
        points: [
          [2, 0],
          [4, 2],
        ],
      },
      { label: 'x', kind: 'points', points: [[2, 2]] },
      { label: 'x', kind: 'disc', centre: [2, 2], radius: 2 },
      { label: 'x', kind: 'mask', mask: { size: [4, 4], counts: [2, 2, 2, 2, 8] } },
    ],
  });
});

test.run();
