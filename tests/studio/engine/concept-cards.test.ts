// Cards of concepts: the largest first, places of different images that can be marked, their relevance in the masks.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeRunLengths } from '../../../gfsr/annotation/raster.ts';
import { prepareSegments } from '../../../gfsr/masks/prepare.ts';
import { SIDE } from '../../../studio/engine/concept-calls.ts';
import { conceptCards, conceptRelevance } from '../../../studio/engine/concept-cards.ts';

const IMAGES = 12;
const SIDE_OF_IMAGE = 16;
const AREA = SIDE_OF_IMAGE ** 2;

/** The left half of every image is bright. */
const train = {
  count: IMAGES,
  images: Uint8Array.from({ length: IMAGES * AREA }, (_, p) =>
    p % SIDE_OF_IMAGE < SIDE_OF_IMAGE / 2 ? 220 + (p % 7) : 20 + (p % 5),
  ),
  labels: new Int32Array(IMAGES),
  ids: Array.from({ length: IMAGES }, (_, i) => `i${i}`),
};
const dataset = { train, classes: ['a'], channels: 1, height: SIDE_OF_IMAGE, width: SIDE_OF_IMAGE };
const options = { features: 'none', concepts: 4, seed: 0, segments: 16, compactness: 10 } as const;
const prepared = await prepareSegments(undefined, dataset, { ...options, segmentation: 'grid' });

test('every segment belongs to one card; its places are segments of different images', () => {
  const cards = conceptCards(train, prepared);
  const sizes = cards.map(({ segments }) => segments);
  assert.is(
    sizes.reduce((a, b) => a + b),
    prepared.segments.rows,
  );
  assert.equal(
    sizes,
    [...sizes].sort((a, b) => b - a),
  );
  assert.is(new Set(cards.map(({ key }) => key)).size, cards.length);
  for (const { examples } of cards) {
    assert.is(new Set(examples.map(({ image }) => image)).size, 6);
    for (const { image, mask, pixels } of examples) {
      const { labels } = prepared.segmentations[image];
      const plane = decodeRunLengths(mask);
      const inside = new Set(labels.filter((_, p) => plane[p] === 1));
      assert.is(inside.size, 1, 'one whole segment');
      const [segment] = inside;
      assert.equal(
        plane,
        Uint8Array.from(labels, (label) => Number(label === segment)),
      );
      assert.is(pixels.length, 4 * SIDE * SIDE);
    }
  }
});

test('the relevance of a concept is the mean over its segments, as the masks have it', () => {
  const { offsets, rows, clustering } = prepared.segments;
  assert.ok(clustering && offsets.at(-1) === rows);
  // Relevant is what is bright: segments in the left half.
  const mask = Float32Array.from({ length: rows }, (_, s) => Number(s % 4 < 2));
  const relevance = conceptRelevance(prepared, mask);
  const cards = conceptCards(train, prepared);
  const mean = cards.reduce((sum, { concept, segments }) => sum + segments * relevance[concept], 0);
  assert.ok(Math.abs(mean / rows - 0.5) < 1e-6, `${mean / rows}`);
  assert.ok(Math.max(...relevance) > 0.9 && Math.min(...relevance) < 0.1, `${relevance}`);
});

test('without concepts there are no cards', () => {
  const { clustering: _, ...segments } = prepared.segments;
  const without = { ...prepared, segments };
  assert.equal(conceptCards(train, without), []);
  assert.is(conceptRelevance(without, new Float32Array(segments.rows)).length, 0);
});

test.run();
