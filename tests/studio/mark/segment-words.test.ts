// What a screen reader says of a segment: which one, where, how relevant, and how it is marked.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gridSegments } from '../../../gfsr/masks/segmentation.ts';
import { measureSegments } from '../../../studio/mark/measured-segments.ts';
import { SegmentMap } from '../../../studio/mark/segment-map.ts';
import { segmentWords } from '../../../studio/mark/segment-words.ts';
import { planeStroke } from '../../../studio/mark/strokes.ts';

const map = new SegmentMap(
  measureSegments(gridSegments({ height: 30, width: 60, rows: 3, cols: 4 })),
);
/** 0.82 in the left half of the first segment, 0.42 elsewhere. */
const relevance = Float32Array.from({ length: 30 * 60 }, (_, p) => (p % 60 < 8 ? 0.82 : 0.42));

test('number, place, relevance and mark', () => {
  assert.is(
    segmentWords(map, 0, [], relevance),
    'segment 1 of 12, upper left, relevance 0.6, not marked',
  );
  const mark = planeStroke(map.plane(11), [30, 60], 'negative');
  assert.is(
    segmentWords(map, 11, [mark], relevance),
    'segment 12 of 12, lower right, relevance 0.4, not here',
  );
});

test('relevance that is not known is left out', () => {
  assert.is(segmentWords(map, 0, [], undefined), 'segment 1 of 12, upper left, not marked');
});

test.run();
