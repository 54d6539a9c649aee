// The queue of images worth marking: unsure ones first, then new places, the classes in turn, never a marked image.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MARK } from '../../../gfsr/annotation/marks.ts';
import { describeSuggestion, suggestImages } from '../../../gfsr/masks/marking-queue.ts';
import type { PreparedSegments } from '../../../gfsr/masks/prepare.ts';

const OPTIONS = { scale: 'peaks', saturation: 1, gamma: 1 } as const;

/** Images of four segments, one pixel each; `concepts` says which concept each segment of an image is of. */
function images(concepts: readonly (readonly number[])[], classes: readonly number[]) {
  const clusters = 1 + Math.max(...concepts.flat());
  const rows = concepts.length * 4;
  const q = new Float32Array(rows * clusters);
  concepts.flat().forEach((k, s) => {
    q[s * clusters + k] = 1;
  });
  const centers = { centers: new Float32Array(0), clusters, dims: 0, tau: 1, inertia: 0 };
  return {
    segmentations: concepts.map(() => ({
      ...{ labels: Int32Array.of(0, 1, 2, 3), count: 4, height: 2, width: 2 },
    })),
    segments: {
      ...{ rows, h: new Float32Array(0), dims: 0, place: 0 },
      offsets: Int32Array.from({ length: concepts.length + 1 }, (_, i) => 4 * i),
      classOf: Int32Array.from({ length: rows }, (_, s) => classes[Math.floor(s / 4)]),
      numClasses: 1 + Math.max(...classes),
      clustering: { concepts: { ...centers, iterations: 0 }, q },
    },
  } satisfies PreparedSegments;
}

const spread = (relevance: readonly number[]) => ({
  ...{ relevance: Float32Array.from(relevance), meanRelevance: 0.5 },
});
/** The first segment of an image is relevant. */
const click = [Uint8Array.of(MARK.positive, MARK.none, MARK.none, MARK.none)];

test('before any mark, the image with the most kinds of places comes first, and no kind is offered twice', () => {
  const prepared = images(
    [
      [0, 0, 0, 0],
      [0, 1, 2, 2],
      [1, 2, 2, 1],
      [3, 3, 3, 3],
    ],
    [0, 0, 0, 0],
  );
  const queue = suggestImages(prepared, new Map(), undefined, OPTIONS, { count: 9 });
  assert.equal(
    queue.map(({ image, kinds }) => [image, kinds]),
    [
      [1, 3],
      [3, 1],
      [0, 0],
      [2, 0],
    ],
  );
  assert.ok(queue.every(({ unsure }) => unsure === 1));
});

test('the image whose mask is unsure comes before the ones whose masks say yes or no', () => {
  const same = [0, 0, 0, 0];
  const prepared = images([same, same, same, same], [0, 0, 0, 0]);
  const relevance = [1, 0, 0, 0, 0, 0, 1, 1, 0.5, 0.3, 0.7, 0, 0.5, 0, 0, 1];
  const [first, second, third, ...rest] = suggestImages(
    ...([prepared, new Map([[0, click]]), spread(relevance), OPTIONS, { count: 9 }] as const),
  );
  assert.equal([first.image, first.unsure], [2, 0.75]);
  assert.equal([second.image, second.unsure], [3, 0.25]);
  assert.equal([third.image, third.unsure], [1, 0]);
  assert.equal(rest, []);
});

test('places that nobody marked count as much as unsure ones, and marked images are not offered', () => {
  const prepared = images(
    [
      [0, 1, 1, 1],
      [0, 0, 0, 0],
      [2, 3, 0, 0],
    ],
    [0, 0, 0],
  );
  const marks = new Map([[0, click]]);
  const half = spread(new Array(12).fill(0.5).fill(1, 0, 1));
  const queue = suggestImages(prepared, marks, half, OPTIONS, { count: 9 });
  assert.equal(
    queue.map(({ image, kinds }) => [image, kinds]),
    [
      [2, 2],
      [1, 0],
    ],
  );
});

test('the class with the fewest marked images comes first, and only the images asked for are offered', () => {
  const same = [0, 0, 0, 0];
  const prepared = images([same, same, same, same, same], [0, 0, 0, 1, 1]);
  const marks = new Map([[0, click]]);
  const all = suggestImages(prepared, marks, undefined, OPTIONS, { count: 4 });
  assert.equal(
    all.map(({ image }) => image),
    [3, 1, 4, 2],
  );
  const some = suggestImages(prepared, marks, undefined, OPTIONS, { count: 4, among: [0, 2, 4] });
  assert.equal(
    some.map(({ image }) => image),
    [4, 2],
  );
});

test('the reason is said in words', () => {
  assert.is(
    describeSuggestion({ image: 0, unsure: 0.31, kinds: 3 }),
    'its mask is unsure in 31 % of the place; it holds 3 kinds of places that nobody marked',
  );
  assert.is(
    describeSuggestion({ image: 0, unsure: 0, kinds: 1 }),
    'it holds 1 kind of place that nobody marked',
  );
  assert.is(
    describeSuggestion({ image: 0, unsure: 0, kinds: 0 }),
    'its class has the fewest marks',
  );
});

test.run();
