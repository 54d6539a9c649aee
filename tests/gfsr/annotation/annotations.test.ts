// Annotation files: what is written is read, and what is wrong is named with its place.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnnotationFile,
  annotationsByImage,
  parseAnnotations,
  type Stroke,
  serialiseAnnotations,
} from '../../../gfsr/annotation/annotations.ts';

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
      /box has a radius/,
    ],
    [stroke({ kind: 'mask', points: [] }), /mask without mask/],
    [stroke({ mask: { size: [4, 6], counts: [24] } }), /click with mask/],
    [
      stroke({ kind: 'mask', points: [], mask: { size: [4, 6], counts: [25] } }),
      /cover 25 pixels, expected 24/,
    ],
    [
      stroke({ kind: 'mask', points: [], mask: { size: [6, 4], counts: [24] } }),
      /mask is \[6, 4\], expected \[4, 6\]/,
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

test.run();
