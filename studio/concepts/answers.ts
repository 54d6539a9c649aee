// What a person says of a whole concept: marks on the segments that its card shows, so that strokes are all there is.

import type { Stroke, StrokeSign } from '../../gfsr/annotation/annotations.ts';
import type { ConceptCard, ConceptPicture } from '../engine/concept-calls.ts';
import { type Back, eraseSegment, markOn, setSegment } from '../mark/strokes.ts';

/** Strokes of an image. */
type StrokesOf = (image: number) => readonly Stroke[];

/** Of each image. */
type BackOf = (image: number) => Back | undefined;

const asMade: BackOf = () => undefined;

/** `partly`: only some segments of the card are marked, or not all in the same way. */
export type Answer = StrokeSign | 'partly' | undefined;

const strokeOf = ({ mask }: ConceptPicture, sign: StrokeSign): Stroke => ({
  ...{ kind: 'mask', sign, points: [], mask },
});

/** What the strokes say of the segments of a card. */
export function answerOf({ examples }: ConceptCard, strokes: StrokesOf, back = asMade): Answer {
  const signs = new Set(
    examples.map((each) =>
      markOn(strokes(each.image), strokeOf(each, 'unknown'), back(each.image)),
    ),
  );
  return signs.size === 1 ? [...signs][0] : 'partly';
}

/** Strokes of all images of a card after an answer. The answer that it has already is taken back. */
export function answered(
  card: ConceptCard,
  sign: StrokeSign,
  strokes: StrokesOf,
  back = asMade,
): (readonly [image: number, after: readonly Stroke[]])[] {
  const change = answerOf(card, strokes, back) === sign ? eraseSegment : setSegment;
  return card.examples.map((each) => [
    each.image,
    change(strokes(each.image), strokeOf(each, sign), back(each.image)),
  ]);
}
