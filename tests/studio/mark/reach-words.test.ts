// What is said of the masks after a change: that marks spread, not that somebody's marks come or go.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reachWords } from '../../../studio/mark/reach-words.ts';

const none = { segments: 0, images: 0 };

test('what was gained, what was lost, both, and nothing', () => {
  const [many, one] = [
    { segments: 212, images: 96 },
    { segments: 1, images: 1 },
  ];
  assert.is(reachWords(many, none), 'Your marks now also spread to 212 segments in 96 images.');
  assert.is(reachWords(none, one), 'Your marks no longer spread to 1 segment in 1 image.');
  assert.is(
    reachWords(one, many),
    'Your marks now also spread to 1 segment in 1 image, and no longer spread to 212 segments in 96 images.',
  );
  assert.is(reachWords(none, none), 'This change spreads to no other segment yet.');
});

test.run();
