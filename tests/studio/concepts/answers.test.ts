// An answer about a concept is marks on its places, nothing else: said twice it is gone, and other marks stay.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Stroke } from '../../../gfsr/annotation/annotations.ts';
import { encodeRunLengths, rasterise } from '../../../gfsr/annotation/raster.ts';
import { answered, answerOf } from '../../../studio/concepts/answers.ts';
import type { ConceptCard } from '../../../studio/engine/concept-calls.ts';

const plane = (...inside: number[]) => Uint8Array.from([0, 1, 2, 3], (p) => +inside.includes(p));
const example = (image: number, ...inside: number[]) => ({
  ...{ image, mask: encodeRunLengths(plane(...inside), 2, 2), pixels: new Uint8ClampedArray(0) },
});
const card: ConceptCard = {
  ...{ concept: 0, key: 'a 0', segments: 9 },
  examples: [example(4, 0, 1), example(7, 2)],
};

/** Strokes by image, and a way to give an answer. */
function desk() {
  const strokes = new Map<number, readonly Stroke[]>();
  const of = (image: number) => strokes.get(image) ?? [];
  const say = (sign: Stroke['sign']) => {
    for (const [image, after] of answered(card, sign, of)) strokes.set(image, after);
  };
  return { strokes, of, say };
}

test('an answer marks exactly the places of the card, and can be read from the strokes', () => {
  const { of, say } = desk();
  assert.is(answerOf(card, of), undefined);
  say('positive');
  assert.is(answerOf(card, of), 'positive');
  assert.equal(rasterise([...of(4)], 2, 2).positive, plane(0, 1));
  assert.equal(rasterise([...of(7)], 2, 2).positive, plane(2));
  say('negative');
  assert.is(answerOf(card, of), 'negative');
  assert.is(of(4).length, 1, 'the first answer is replaced');
});

test('the same answer once more takes it back, and leaves what else is marked', () => {
  const { strokes, of, say } = desk();
  const other: Stroke = { kind: 'click', sign: 'positive', points: [[1, 1]] };
  strokes.set(4, [other]);
  say('unknown');
  assert.is(answerOf(card, of), 'unknown');
  say('unknown');
  assert.is(answerOf(card, of), undefined);
  assert.equal(of(4), [other]);
});

test('a card of which only some places are marked is marked in part', () => {
  const { strokes, of, say } = desk();
  say('positive');
  strokes.set(7, []);
  assert.is(answerOf(card, of), 'partly');
  say('positive');
  assert.is(answerOf(card, of), 'positive');
});

test.run();
