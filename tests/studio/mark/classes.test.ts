// The class that a digit says, and what the data says of an image that is corrected.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Stroke } from '../../../gfsr/annotation/annotations.ts';
import { ImageClasses } from '../../../studio/mark/classes.ts';
import type { Marks } from '../../../studio/mark/marks.ts';

/** Three images of classes 0, 1 and 0. */
function classesNamed(...classes: string[]): ImageClasses {
  const strokes = new Map<number, readonly Stroke[]>();
  const of = (image: number) => strokes.get(image) ?? [];
  const change = (image: number, after: readonly Stroke[]) => void strokes.set(image, after);
  const marks: Pick<Marks, 'of' | 'latest' | 'change'> = { of, latest: of, change };
  return new ImageClasses({ classes, labels: [0, 1, 0] }, marks as Marks);
}

test('a digit is the place of a class, or its name where all names are numbers', () => {
  const digits = (classes: ImageClasses) => [1, 2, 3].map((digit) => classes.byDigit(digit));
  assert.equal(digits(classesNamed('healthy', 'ill')), ['healthy', 'ill', undefined]);
  assert.equal(digits(classesNamed('0', '1', '2')), ['1', '2', undefined]);
  assert.equal(digits(classesNamed('1', '2', 'other')), ['1', '2', 'other']);
  assert.is(classesNamed('0', '1').setByDigit(0, 1), 'class 1, corrected');
  assert.is(classesNamed('0', '1').setByDigit(0, 2), 'there is no class 2');
});

test('a correction replaces the class of the data until it says the same', () => {
  const classes = classesNamed('healthy', 'ill');
  assert.is(classes.correctedFrom(0), undefined);
  assert.is(classes.set(0, 'ill'), 'class ill, corrected');
  assert.equal([classes.of(0), classes.correctedFrom(0)], ['ill', 'healthy']);
  assert.equal(classes.labels, [1, 1, 0]);
  assert.is(classes.set(0, 'healthy'), 'class healthy, as in the data');
  assert.equal([classes.of(0), classes.correctedFrom(0)], ['healthy', undefined]);
});

test.run();
