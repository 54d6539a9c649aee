// Strokes as pixels: clicks, scribbles, boxes, polygons and run lengths, drawn by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Stroke } from '../../../gfsr/annotation/annotations.ts';
import {
  decodeRunLengths,
  defaultRadius,
  encodeRunLengths,
  rasterise,
  rasteriseStroke,
} from '../../../gfsr/annotation/raster.ts';

const click: Stroke = { kind: 'click', sign: 'positive', points: [[2.5, 1.5]] };

/** A plane as rows of # and dots. */
function picture(plane: Uint8Array, width: number): string[] {
  const text = [...plane].map((v) => (v ? '#' : '.')).join('');
  return text.match(new RegExp(`.{${width}}`, 'g')) ?? [];
}

test('clicks and scribbles', () => {
  const draw = (stroke: Partial<Stroke>, h = 5, w = 7) =>
    picture(rasteriseStroke({ ...click, ...stroke } as Stroke, h, w), w);
  assert.equal(draw({ points: [[3.5, 2.5]], radius: 1.5 }), [
    '.......',
    '..###..',
    '..###..',
    '..###..',
    '.......',
  ]);
  assert.equal(draw({ points: [[3.9, 2.9]], radius: 0.01 })[2], '...#...', 'never nothing');
  assert.equal(draw({ points: [[7, 5]], radius: 0.1 })[4], '......#', 'the far corner');
  const scribble = draw({
    kind: 'scribble',
    points: [
      [0.5, 0.5],
      [4.5, 0.5],
      [4.5, 4.5],
    ],
    radius: 0.6,
  });
  assert.equal(scribble, ['#####..', '....#..', '....#..', '....#..', '....#..']);
  assert.is(defaultRadius(28, 28), 1);
  assert.is(defaultRadius(100, 200), 6);
});

test('boxes and polygons', () => {
  const draw = (kind: 'box' | 'polygon', points: [number, number][]) =>
    picture(rasteriseStroke({ kind, sign: 'positive', points }, 4, 6), 6);
  const box = ['......', '.###..', '.###..', '......'];
  assert.equal(
    draw('box', [
      [1, 1],
      [4, 3],
    ]),
    box,
  );
  assert.equal(
    draw('box', [
      [4, 3],
      [1, 1],
    ]),
    box,
    'corners in any order',
  );
  assert.equal(
    draw('polygon', [
      [0, 0],
      [4.2, 0],
      [0, 4.2],
    ]),
    ['####..', '###...', '##....', '#.....'],
  );
  // A square walked around twice is empty by the even-odd rule, and one with a hole keeps the hole.
  const square: [number, number][] = [
    [0, 0],
    [6, 0],
    [6, 4],
    [0, 4],
  ];
  assert.ok(draw('polygon', [...square, ...square]).every((row) => row === '......'));
  const hole = draw('polygon', [...square, [0, 0], [2, 1], [2, 3], [4, 3], [4, 1], [2, 1], [0, 0]]);
  assert.equal(hole, ['######', '##..##', '##..##', '######']);
});

test('planes do not overlap: the later stroke holds', () => {
  const wide = {
    kind: 'box',
    sign: 'positive',
    points: [
      [0, 0],
      [6, 4],
    ],
  } as Stroke;
  const corner = {
    kind: 'box',
    sign: 'negative',
    points: [
      [0, 0],
      [2, 2],
    ],
  } as Stroke;
  const unsure = {
    kind: 'box',
    sign: 'unknown',
    points: [
      [0, 0],
      [1, 1],
    ],
  } as Stroke;
  const { positive, negative, unknown } = rasterise([wide, corner, unsure], 4, 6);
  const sum = (plane: Uint8Array) => plane.reduce((total, v) => total + v, 0);
  assert.equal([sum(positive), sum(negative), sum(unknown)], [20, 3, 1]);
  assert.is(sum(rasterise([corner, wide], 4, 6).negative), 0);
});

test('run lengths there and back', () => {
  for (const plane of [
    [0, 0, 1, 1, 0, 1],
    [1, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0],
    [1, 1, 1, 1, 1, 1],
  ]) {
    const bytes = Uint8Array.from(plane);
    assert.equal(decodeRunLengths(encodeRunLengths(bytes, 2, 3)), bytes);
  }
  assert.equal(encodeRunLengths(Uint8Array.of(1, 1, 0, 0), 2, 2), {
    size: [2, 2],
    counts: [0, 2, 2],
  });
  assert.throws(
    () => decodeRunLengths({ size: [2, 2], counts: [3] }),
    /cover 3 pixels, expected 4/,
  );
  assert.throws(() => decodeRunLengths({ size: [1e5, 1e5], counts: [3] }), RangeError);
  const stroke: Stroke = {
    kind: 'mask',
    sign: 'positive',
    points: [],
    mask: { size: [2, 2], counts: [1, 3] },
  };
  assert.equal([...rasteriseStroke(stroke, 2, 2)], [0, 1, 1, 1]);
  assert.throws(() => rasterise([stroke], 4, 4), /mask is \[2, 2\], expected \[4, 4\]/);
});

test.run();
