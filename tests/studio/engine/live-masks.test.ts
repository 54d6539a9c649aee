// Masks that follow the marks, as the worker makes them: what a mark reaches, what taking it back undoes.
import { unzipSync } from 'fflate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Stroke } from '../../../gfsr/annotation/annotations.ts';
import { parseNpy } from '../../../gfsr/data/npy.ts';
import { decodePng } from '../../../gfsr/image/png.ts';
import { rowAt } from '../../../gfsr/image/rows.ts';
import { LiveMasks } from '../../../studio/engine/live-masks.ts';
import type { MaskView } from '../../../studio/engine/mask-calls.ts';
import { Workspace } from '../../../studio/engine/workspace.ts';
import { testGpu } from '../../support/gpu.ts';

const SIDE = 16;
const AREA = SIDE * SIDE;
const IMAGES = 30;

/** A bright square in the upper left quarter of every even image, and in the lower right of every odd one. */
const isSquare = (image: number, p: number) => {
  const [y, x] = [Math.floor(p / SIDE), p % SIDE];
  return image % 2 === 0 ? y < 8 && x < 8 : y >= 8 && x >= 8;
};

async function prepared() {
  const workspace = new Workspace({
    ...{ name: 'squares', classes: ['a', 'b'], channels: 1, height: SIDE, width: SIDE },
    splits: {
      train: {
        ids: Array.from({ length: IMAGES }, (_, i) => `i${i}`),
        labels: Array.from({ length: IMAGES }, (_, i) => i % 2),
      },
    },
  });
  const bytes = Uint8Array.from({ length: IMAGES * AREA }, (_, k) => {
    const [i, p] = [Math.floor(k / AREA), k % AREA];
    return isSquare(i, p) ? 220 : 20 + ((7 * k) % 23);
  });
  workspace.add({ split: 'train', from: 0, bytes: bytes.subarray(0, 10 * AREA) });
  workspace.add({ split: 'train', from: 10, bytes: bytes.subarray(10 * AREA) });
  const masks = new LiveMasks(workspace);
  const stages = new Set<string>();
  const preparation = await masks.prepare({ onProgress: (stage) => stages.add(stage) });
  return { masks, preparation, stages };
}

const box: Stroke = {
  kind: 'box',
  sign: 'positive',
  points: [
    [0, 0],
    [8, 8],
  ],
};
const ask = (changes: readonly (readonly [number, readonly Stroke[]])[]) => ({
  ...{ changes, image: 0, count: 12 },
});

/** How much of the square, and of the rest of an image, is tinted: mean difference of red and blue. */
function tint({ tiles }: MaskView, image: number): { square: number; rest: number } {
  const { pixels } = tiles.find((tile) => tile.image === image) as MaskView['tiles'][number];
  const sums = { square: 0, rest: 0 };
  for (let p = 0; p < AREA; p++) {
    const share = (pixels[4 * p] - pixels[4 * p + 2]) / 255;
    if (isSquare(image, p)) sums.square += share / 64;
    else sums.rest += share / (AREA - 64);
  }
  return sums;
}

test('a mark reaches what looks alike at the same place, and nothing is shown without one', async () => {
  const { masks, preparation, stages } = await prepared();
  assert.equal(preparation, { images: IMAGES, segments: IMAGES * 16 });
  assert.equal([...stages], ['segments', 'descriptors', 'concepts']);
  assert.is(masks.spread(ask([])), undefined);
  const view = masks.spread(ask([[0, [box]]])) as MaskView;
  assert.is(view.tiles.length, 12);
  assert.not(view.tiles.some(({ image }) => image === 0));
  assert.ok(view.gained.segments >= 14 * 3, JSON.stringify(view.gained));
  assert.is(view.lost.segments, 0);
  assert.ok(view.gained.images >= 14);
  const even = view.tiles.map(({ image }) => image).find((i) => i % 2 === 0) as number;
  const { square, rest } = tint(view, even);
  assert.ok(square > 3 * rest, `square ${square}, rest ${rest}`);
  const own = masks.relevanceOf(even) as Float32Array;
  assert.is(own.length, AREA);
  assert.ok(own[0] > own[AREA - 1], `upper left ${own[0]}, lower right ${own[AREA - 1]}`);
  // Taking the mark back takes the masks away.
  assert.is(masks.spread(ask([[0, []]])), undefined);
  assert.is(masks.relevanceOf(even), undefined);
});

test('"cannot say" alone makes no masks, and the opposite mark takes back what the first gave', async () => {
  const { masks } = await prepared();
  assert.is(masks.spread(ask([[0, [{ ...box, sign: 'unknown' }]]])), undefined);
  const first = masks.spread(ask([[0, [box]]])) as MaskView;
  const other: Stroke = {
    kind: 'box',
    sign: 'positive',
    points: [
      [8, 8],
      [16, 16],
    ],
  };
  const second = masks.spread(
    ask([
      [0, [{ ...box, sign: 'negative' }]],
      [1, [other]],
    ]),
  ) as MaskView;
  assert.ok(second.lost.segments > 0.5 * first.gained.segments, JSON.stringify(second.lost));
  assert.ok(second.gained.segments > 0);
});

test('the relevance network refines the same images, and stops when it is told to', async () => {
  const gpu = await testGpu();
  const { masks } = await prepared();
  const view = masks.spread(ask([[0, [box]]])) as MaskView;
  const refined = (await masks.refine(gpu, ask([]), {})) as MaskView;
  assert.ok(refined.isRefined);
  assert.equal(
    refined.tiles.map(({ image }) => image),
    view.tiles.map(({ image }) => image),
  );
  const even = view.tiles.map(({ image }) => image).find((i) => i % 2 === 0) as number;
  const { square, rest } = tint(refined, even);
  assert.ok(square > 3 * rest, `square ${square}, rest ${rest}`);
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error('enough'));
  const stopped = masks.refine(gpu, ask([]), { signal: stop.signal, onProgress });
  assert.is(((await stopped.catch((error) => error)) as Error).message, 'enough');
});

test('what is worth marking next is known before the first mark, and changes with each', async () => {
  const { masks } = await prepared();
  const first = masks.suggest(4);
  assert.equal(
    first.map(({ unsure }) => unsure),
    [1, 1, 1, 1],
  );
  assert.equal([...new Set(first.map(({ image }) => image % 2))].sort(), [0, 1]);
  masks.spread(ask([[first[0].image, [box]]]));
  const next = masks.suggest(IMAGES);
  assert.is(next.length, IMAGES - 1);
  assert.not(next.some(({ image }) => image === first[0].image));
  assert.is.not(next[0].image % 2, first[0].image % 2, 'the other class has no mark yet');
  masks.spread(ask([[first[0].image, []]]));
  assert.equal(masks.suggest(4), first);
});

test('a corrected class counts in the masks and in the queue, until it is taken back', async () => {
  const gpu = await testGpu();
  const { masks } = await prepared();
  const corrected = (label: string): Stroke => ({
    ...{ kind: 'class', sign: 'unknown', points: [], label },
  });
  const next = (strokes: readonly Stroke[]) => {
    masks.spread(ask([[0, strokes]]));
    return masks.suggest(1)[0].image % 2;
  };
  assert.is(next([box]), 1, 'class b has no mark yet');
  assert.is(next([box, corrected('b')]), 0, 'class a has none now');
  await masks.prepare({});
  assert.is(next([box, corrected('b')]), 0, 'also after the images were prepared anew');
  for (const same of [[box, corrected('a')], [box, corrected('none of these')], [box]]) {
    assert.is(next(same), 1);
  }
  /** Image 2 has no mark. The network sees its class, and knows of class b that nothing at the upper left counts. */
  const refined = async (strokes: readonly Stroke[]) => {
    await masks.refine(
      gpu,
      ask([
        [1, [{ ...box, sign: 'negative' }]],
        [2, strokes],
      ]),
      {},
    );
    return [...(masks.relevanceOf(2) as Float32Array)];
  };
  const given = await refined([]);
  assert.not.equal(await refined([corrected('b')]), given);
  assert.equal(await refined([]), given);
});

test('all masks leave as arrays and as pictures, with the same values', async () => {
  const { masks } = await prepared();
  const early = await masks.exported('npz', {}).catch((error) => error);
  assert.is(early.message, 'there are no masks yet: no mark says what is relevant.');
  masks.spread(ask([[0, [box]]]));
  const archive = unzipSync(await masks.exported('npz', {}));
  assert.equal(Object.keys(archive), ['masks.npy', 'ids.npy']);
  const array = parseNpy(archive['masks.npy'], 'masks');
  assert.equal(array.shape, [IMAGES, SIDE, SIDE]);
  const values = array.data as Uint8Array;
  const mean = (image: number, inside: boolean) => {
    const own = rowAt(values, image, AREA).filter((_, p) => isSquare(image, p) === inside);
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  };
  assert.ok(mean(2, true) > 2 * mean(2, false), `${mean(2, true)}, ${mean(2, false)}`);
  const pictures = unzipSync(await masks.exported('png', {}));
  assert.is(Object.keys(pictures).length, IMAGES);
  assert.equal(decodePng(pictures['i2.png']).data, rowAt(values, 2, AREA));
});

test('images that come out of order are refused', () => {
  const workspace = new Workspace({
    ...{ name: 'few', classes: ['a', 'b'], channels: 1, height: 1, width: 1 },
    splits: { train: { ids: ['a', 'b'], labels: [0, 1] } },
  });
  const late = { split: 'train', from: 1, bytes: new Uint8Array(1) } as const;
  assert.throws(() => workspace.add(late), /those from 1, expected 0/);
});

test.run();
