// Classes that people correct while marking: which one counts, what is refused, and that nothing is drawn for them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnnotationFile,
  parseAnnotations,
  type Stroke,
  serialiseAnnotations,
} from '../../../gfsr/annotation/annotations.ts';
import { correctedClass, withCorrectedClasses } from '../../../gfsr/annotation/classes.ts';
import { annotationPlanes } from '../../../gfsr/annotation/planes.ts';
import { halves as dataset } from '../../support/halves.ts';

const { classes, train } = dataset;
const [left, right] = classes;
const said = (label: string): Stroke => ({ kind: 'class', sign: 'unknown', points: [], label });
const box: Stroke = {
  kind: 'box',
  sign: 'positive',
  points: [
    [0, 0],
    [4, 8],
  ],
};
const file = (...all: readonly [image: string, strokes: Stroke[], who?: string][]) =>
  ({
    ...{ format: 'gfsr-annotations', version: 1, dataset: 'halves' },
    annotations: all.map(([image, strokes, annotator = 'ann']) => ({ image, annotator, strokes })),
  }) as AnnotationFile;

test('the last class said of an image counts, of all people; other images keep theirs', () => {
  assert.is(correctedClass([said(left), box, said(right)]), right);
  assert.is(correctedClass([box]), undefined);
  const marks = file(
    ['a0', [said(right)]],
    ['a2', [said(right), box]],
    ['a2', [said(left)], 'bob'],
  );
  const { labels } = withCorrectedClasses(dataset, marks).train;
  assert.equal(
    [...labels].flatMap((label, i) => (label === train.labels[i] ? [] : [[i, label]])),
    [[0, 1]],
  );
  assert.is(train.labels[0], 0, 'the data itself stays as it is');
  assert.is(withCorrectedClasses(dataset, file(['a2', [box]])), dataset);
  assert.is(withCorrectedClasses(dataset, undefined), dataset);
});

test('a class marks no place of its image', () => {
  const planes = annotationPlanes(file(['a0', [said(right)]], ['a1', [said(left), box]]), dataset);
  assert.equal([...planes.keys()], [1]);
});

test('the file keeps it; a class without a name, a name without a class and an unknown one are refused', () => {
  const text = serialiseAnnotations(file(['a0', [said(right), box]]));
  assert.is(serialiseAnnotations(parseAnnotations(text)), text);
  const nameless = serialiseAnnotations(file(['a0', [{ ...said(right), label: undefined }]]));
  assert.throws(() => parseAnnotations(nameless), /class without label, expected the opposite/);
  const named = serialiseAnnotations(file(['a0', [{ ...box, label: right }]]));
  assert.throws(() => parseAnnotations(named), /box with label, expected the opposite/);
  assert.throws(
    () => withCorrectedClasses(dataset, file(['a0', [said('upper')]])),
    /image "a0" is of an unknown class, got "upper", expected one of left, right/,
  );
});

test.run();
