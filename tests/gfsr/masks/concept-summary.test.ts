// Summaries of concepts by hand: counts, nearest segments of different images, evidence by class.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { meanRelevanceOf, summariseConcepts } from '../../../gfsr/masks/concept-summary.ts';

// Three images with 2, 3 and 1 segments on a line; centres at 0 and 10.
const h = Float32Array.of(1, 9, 0.5, -2, 12, 0);
const q = Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.9, 0.1, 0.7, 0.3, 0, 1, 1, 0);
const concepts = {
  centers: Float32Array.of(0, 10),
  clusters: 2,
  dims: 1,
  tau: 1,
  inertia: 1,
  iterations: 1,
};
const evidence = {
  rho: Float32Array.of(0.75, 0.25, 0.5, 0),
  kappa: Float32Array.of(0.5, 0.125, 0.25, 0),
  ...{ clusters: 2, numClasses: 2 },
};
const rows = { h, q, offsets: Int32Array.of(0, 2, 5, 6) };

test('each concept has its segments, the nearest of each image first', () => {
  assert.equal(summariseConcepts(concepts, evidence, rows), [
    {
      segments: 4,
      relevance: [0.75, 0.5],
      confidence: [0.5, 0.25],
      examples: [
        { image: 2, segment: 0, distance: 0 },
        { image: 1, segment: 0, distance: 0.25 },
        { image: 0, segment: 0, distance: 1 },
      ],
    },
    {
      segments: 2,
      relevance: [0.25, 0],
      confidence: [0.125, 0],
      examples: [
        { image: 0, segment: 1, distance: 1 },
        { image: 1, segment: 2, distance: 4 },
      ],
    },
  ]);
});

test('no more examples than asked for', () => {
  const [first] = summariseConcepts(concepts, evidence, rows, 1);
  assert.equal(first.examples, [{ image: 2, segment: 0, distance: 0 }]);
  assert.is(meanRelevanceOf(first), 0.625);
});

test.run();
