// Annotations: the file format, drawing, and simulated annotators.

import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnnotationFile,
  annotationsByImage,
  parseAnnotations,
  type Stroke,
  serialiseAnnotations,
} from '../../../gfsr/annotation/annotations.ts';
import {
  decodeRunLengths,
  defaultRadius,
  encodeRunLengths,
  rasterise,
  rasteriseStroke,
} from '../../../gfsr/annotation/raster.ts';
import { simulateAnnotations } from '../../../gfsr/annotation/simulate.ts';
import { decoyMnist } from '../../../gfsr/data/decoy-mnist.ts';
import { readMedmnist } from '../../../gfsr/data/medmnist.ts';
import { loadMnistDigits } from '../../../gfsr/data/mnist-digits-node.ts';
import { dataPath } from '../../support/data.ts';

const images = { ids: ['a', 'b', 'c'], height: 4, width: 6 };
const click: Stroke = { kind: 'click', sign: 'positive', points: [[2.5, 1.5]] };

function file(...strokes: unknown[]): Record<string, unknown> {
  return {
    format: 'gfsr-annotations',
    version: 1,
    dataset: 'toy',
    annotations: [{ image: 'b', annotator: 'ann', strokes }],
  };
}

const parse = (json: unknown) => parseAnnotations(JSON.stringify(json), images, 'x.json');

/** A plane as rows of # and dots. */
function picture(plane: Uint8Array, width: number): string[] {
  const text = [...plane].map((v) => (v ? '#' : '.')).join('');
  return text.match(new RegExp(`.{${width}}`, 'g')) ?? [];
}

test('what is written is read', () => {
  const all = file(
    { ...click, radius: 2 },
    {
      kind: 'scribble',
      sign: 'negative',
      points: [
        [0, 0],
        [6, 4],
      ],
    },
    {
      kind: 'box',
      sign: 'unknown',
      points: [
        [0, 0],
        [1, 1],
      ],
    },
    {
      kind: 'polygon',
      sign: 'positive',
      points: [
        [0, 0],
        [1, 1],
        [0, 2],
      ],
    },
    { kind: 'mask', sign: 'positive', points: [], mask: { size: [4, 6], counts: [3, 21] } },
  ) as unknown as AnnotationFile;
  const text = serialiseAnnotations(all);
  assert.equal(parseAnnotations(text, images), all);
  assert.is(serialiseAnnotations(parseAnnotations(text)), text);
  const empty = { ...all, annotations: [] };
  assert.equal(parseAnnotations(serialiseAnnotations(empty)), empty);
});

test('what is wrong is named with its place', () => {
  const stroke = (change: object) => file({ ...click, ...change });
  const cases: [unknown, RegExp][] = [
    [[], /^x\.json: format is missing/],
    [null, /^x\.json: the file: got null, expected Object/],
    [{ ...file(), format: 'coco' }, /^x\.json: format: got "coco", expected "gfsr-annotations"/],
    [{ ...file(), version: 2 }, /version: got 2, expected 1/],
    [{ ...file(), extra: 1 }, /unknown key extra/],
    [{ ...file(), dataset: undefined }, /dataset is missing/],
    [stroke({ colour: 'red' }), /unknown key annotations\[0\]\.strokes\[0\]\.colour/],
    [
      stroke({ kind: 'dot' }),
      /annotations\[0\]\.strokes\[0\]\.kind: got "dot", expected .*"click"/,
    ],
    [stroke({ sign: 1 }), /strokes\[0\]\.sign: got 1, expected/],
    [stroke({ points: [[1]] }), /points\[0\]\[1\] is missing/],
    [stroke({ points: [['1', 2]] }), /points\[0\]\[0\]: got "1", expected number/],
    [stroke({ points: [[1, null]] }), /points\[0\]\[1\]: got null/],
    [stroke({ points: [[1, 2, 3]] }), /points\[0\]/],
    [
      stroke({ points: [[6.5, 1]] }),
      /strokes\[0\]: point outside the image, got \[6\.5, 1\], expected 0 to 6 and 0 to 4/,
    ],
    [stroke({ points: [[1, -0.1]] }), /point outside/],
    [stroke({ points: [] }), /click with 0 points, expected 1/],
    [
      stroke({
        kind: 'polygon',
        points: [
          [1, 1],
          [2, 2],
        ],
      }),
      /polygon with 2 points, expected at least 3/,
    ],
    [stroke({ radius: 0 }), /radius: got 0, expected >0/],
    [
      stroke({
        kind: 'box',
        points: [
          [0, 0],
          [1, 1],
        ],
        radius: 1,
      }),
      /box with a radius/,
    ],
    [stroke({ kind: 'mask', points: [] }), /mask without mask/],
    [stroke({ mask: { size: [4, 6], counts: [24] } }), /click with mask/],
    [
      stroke({ kind: 'mask', points: [], mask: { size: [4, 6], counts: [25] } }),
      /cover 25 pixels, expected 24/,
    ],
    [
      stroke({ kind: 'mask', points: [], mask: { size: [6, 4], counts: [24] } }),
      /mask of \[6, 4\], expected \[4, 6\]/,
    ],
    [
      stroke({ kind: 'mask', points: [], mask: { size: [4, 6], counts: [-1, 25] } }),
      /counts\[0\]: got -1/,
    ],
    [
      { ...file(), annotations: [{ image: 'z', annotator: '', strokes: [] }] },
      /unknown image, got "z", expected an id such as "a"/,
    ],
    [
      { ...file(), annotations: [{ image: 3, annotator: '', strokes: [] }] },
      /unknown image, got 3, expected 0 to 2/,
    ],
    [
      { ...file(), annotations: [{ image: 0.5, annotator: '', strokes: [] }] },
      /annotations\[0\]\.image: got 0\.5/,
    ],
    [
      { ...file(), annotations: [{ image: null, annotator: '', strokes: [] }] },
      /annotations\[0\]\.image: got null/,
    ],
  ];
  for (const [json, message] of cases) {
    assert.throws(
      () => parse(json),
      (error: Error) => {
        assert.instance(error, RangeError);
        assert.match(error.message, message);
        assert.not.match(error.message, /\n|undefined, expected undefined/);
        return true;
      },
    );
  }
});

test('text that is not JSON, and __proto__ anywhere', () => {
  assert.throws(() => parseAnnotations('{', images, 'x.json'), /x\.json: not JSON/);
  const text = JSON.stringify(file(click));
  for (const place of ['{"format"', '{"image"', '{"kind"']) {
    const bad = text.replace(place, `{"__proto__":{"sign":"negative"},${place.slice(1)}`);
    assert.throws(() => parseAnnotations(bad, images), /key "__proto__" is not allowed/);
  }
});

test('annotations by image, ids and indices alike', () => {
  const { annotations, ...head } = file(click) as unknown as AnnotationFile;
  const other = { ...annotations[0], image: 1, annotator: 'bob' };
  const both = { ...head, annotations: [annotations[0], other] };
  assert.equal([...annotationsByImage(both, images)], [[1, [annotations[0], other]]]);
  assert.throws(() => annotationsByImage(both, { ids: ['a'] }), /unknown image/);
});

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
  assert.throws(() => rasterise([stroke], 4, 4), /mask of \[2, 2\], expected \[4, 4\]/);
});

const decoy = decoyMnist(await loadMnistDigits(), { seed: 0 });

test('simulated clicks: few, balanced, on the digit, and a valid file', () => {
  const made = simulateAnnotations(decoy, { fraction: 0.01, seed: 4 });
  assert.is(made.annotations.length, 70);
  const read = parseAnnotations(serialiseAnnotations(made), { ...decoy, ids: decoy.train.ids });
  assert.equal(read, made);
  const perClass = new Array(10).fill(0);
  let bright = 0;
  for (const [image, [{ strokes }]] of annotationsByImage(made, decoy.train)) {
    perClass[decoy.train.labels[image]]++;
    const [[x, y]] = strokes[0].points;
    assert.is(strokes[0].sign, 'positive');
    const pixel = Math.floor(y) * 28 + Math.floor(x);
    assert.is(decoy.train.masks?.get(image)?.[pixel], 1, 'inside the digit');
    if (decoy.train.images[image * 784 + pixel] > 60) bright++;
  }
  assert.equal(perClass, new Array(10).fill(7));
  assert.ok(bright >= 63, `${bright} of 70 clicks where the digit is bright`);
});

test('simulated scribbles run along the digit', () => {
  const made = simulateAnnotations(decoy, { count: 20, kind: 'scribble' });
  const lengths = made.annotations.map(({ strokes }) => strokes[0].points.length);
  assert.ok(
    lengths.every((length) => length <= 8) && lengths.filter((n) => n >= 5).length >= 15,
    lengths.join(),
  );
  for (const [image, [{ strokes }]] of annotationsByImage(made, decoy.train)) {
    const mask = decoy.train.masks?.get(image) as Uint8Array;
    assert.ok(strokes[0].points.every(([x, y]) => mask[Math.floor(y) * 28 + Math.floor(x)] === 1));
  }
});

test('simulated marks on the shortcut are negative', () => {
  const made = simulateAnnotations(decoy, { count: 10, target: 'both' });
  for (const [image, [{ strokes }]] of annotationsByImage(made, decoy.train)) {
    assert.equal(
      strokes.map(({ sign }) => sign),
      ['positive', 'negative'],
    );
    const { negative } = rasterise(strokes, 28, 28);
    const planted = decoy.train.shortcut?.subarray(image * 784, (image + 1) * 784) as Uint8Array;
    assert.ok(negative.some((v, pixel) => v === 1 && planted[pixel] === 1));
  }
});

test('seeds decide; a smaller fraction is a part of a larger one', () => {
  const small = simulateAnnotations(decoy, { fraction: 0.01, seed: 1 });
  const large = simulateAnnotations(decoy, { fraction: 0.05, seed: 1 });
  assert.equal(large.annotations.slice(0, 70), small.annotations);
  assert.not.equal(simulateAnnotations(decoy, { fraction: 0.01, seed: 2 }), small);
});

test('real masks: clicks inside the lesion, none on images without one', () => {
  const path = dataPath('busi/busi_128_trainval.npz');
  if (!path) return;
  const busi = readMedmnist(readFileSync(path), 'busi_128_trainval');
  const made = simulateAnnotations(busi, { fraction: 1 });
  assert.is(made.annotations.length, 24 + 35);
  for (const [image, [{ strokes }]] of annotationsByImage(made, busi.train)) {
    const [[x, y]] = strokes[0].points;
    assert.is(busi.train.masks?.get(image)?.[Math.floor(y) * 128 + Math.floor(x)], 1);
  }
});

test('impossible simulations are refused', () => {
  const cases: [Parameters<typeof simulateAnnotations>[1], RegExp][] = [
    [{}, /either fraction or count/],
    [{ fraction: 0.1, count: 5 }, /either fraction or count/],
    [{ fraction: 0.00001 }, /budget of 0 images, got fraction 0\.00001, expected 1 to 7000/],
    [{ fraction: 1.1 }, /got fraction 1\.1/],
    [{ count: 2.5 }, /got count 2\.5/],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => simulateAnnotations(decoy, options), message);
  }
  const { masks: _, ...bare } = decoy.train;
  assert.throws(
    () => simulateAnnotations({ ...decoy, train: bare }, { count: 1 }),
    /nothing to mark in train, expected masks/,
  );
});

test.run();
