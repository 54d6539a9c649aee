// What a screen reader says of a segment: which one, where, how relevant, and how it is marked.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gridSegments } from '../../../gfsr/masks/segmentation.ts';
import { SegmentMap } from '../../../studio/mark/segment-map.ts';
import { segmentWords } from '../../../studio/mark/segment-words.ts';
import { planeStroke } from '../../../studio/mark/strokes.ts';

const map = new SegmentMap(gridSegments({ height: 30, width: 60, rows: 3, cols: 4 }));
const relevance = new Float32Array(12).fill(0.82);

test('number, place, relevance and mark', () => {
  assert.is(
    segmentWords(map, 0, [], relevance),
    'segment 1 of 12, upper left, relevance 0.8, not marked',
  );
  const mark = planeStroke(map.plane(11), [30, 60], 'negative');
  assert.is(
    segmentWords(map, 11, [mark], relevance),
    'segment 12 of 12, lower right, relevance 0.8, not here',
  );
});

test('relevance that is not known, or of other segments, is left out', () => {
  const words = 'segment 1 of 12, upper left, not marked';
  assert.is(segmentWords(map, 0, [], undefined), words);
  assert.is(segmentWords(map, 0, [], new Float32Array(48)), words);
});

test.run();
