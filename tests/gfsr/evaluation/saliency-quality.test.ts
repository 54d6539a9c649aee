// Saliency against masks at the resolution of the images: small masks count, empty masks and empty maps are reported.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Split } from '../../../gfsr/data/dataset.ts';
import { measureMaps, saliencyQuality } from '../../../gfsr/evaluation/saliency-quality.ts';

const near = (actual: number | undefined, expected: number): void =>
  assert.ok(Math.abs((actual as number) - expected) < 1e-6, `${actual}, expected ${expected}`);

const SIDE = 4;

/** A mask of the pixels at these places. */
const region = (...pixels: number[]): Uint8Array =>
  Uint8Array.from({ length: SIDE * SIDE }, (_, p) => (pixels.includes(p) ? 1 : 0));

function measure(
  maps: readonly number[][],
  masks?: ReadonlyMap<number, Uint8Array>,
  shortcut?: readonly Uint8Array[],
) {
  const count = maps.length;
  const split = {
    ...{ count, images: new Uint8Array(count * SIDE * SIDE), labels: new Int32Array(count) },
    ids: maps.map((_, i) => String(i)),
    ...(masks && { masks: new Map(masks) }),
    ...(shortcut && { shortcut: Uint8Array.from(shortcut.flatMap((each) => [...each])) }),
  } satisfies Split;
  const explained = { maps: Float32Array.from(maps.flat()), height: 2, width: 2 };
  const measured = measureMaps({ ...explained, probs: new Float32Array(0) }, split, [SIDE, SIDE]);
  return saliencyQuality(measured, split);
}

test('a mask of one pixel counts, where a mask averaged down to the map would be empty', () => {
  // [1 0; 0 0] upsampled: rows and columns weigh 1, 3/4, 1/4, 0; the sum is (1 + 3/4 + 1/4)² = 4.
  const { alignment } = measure([[1, 0, 0, 0]], new Map([[0, region(0)]]));
  near(alignment?.epg.mean, 1 / 4);
  near(alignment?.epgGain.mean, 1 / 4 - 1 / 16);
  near(alignment?.pointingGame.mean, 1);
  // Above half of the range: 1, 3/4, 3/4 and 9/16 in the upper left.
  near(alignment?.iou.mean, 1 / 4);
  assert.is(alignment?.epg.skipped, 0);
});

test('images without a mask are not aligned, those with an empty one are skipped and counted', () => {
  const map = [1, 0, 0, 0];
  const { alignment } = measure(
    [map, map, map],
    new Map([
      [0, region()],
      [2, region(0, 1)],
    ]),
  );
  assert.equal([alignment?.epg.count, alignment?.epg.skipped], [1, 1]);
  assert.equal([alignment?.iou.count, alignment?.pointingGame.skipped], [1, 1]);
  near(alignment?.epg.mean, 1.75 / 4);
});

test('the shortcut is measured at the same resolution', () => {
  const { shortcut, alignment } = measure(
    [
      [1, 0, 0, 0],
      [1, 0, 0, 0],
    ],
    undefined,
    [region(0), region()],
  );
  near(shortcut?.share.mean, 1 / 4);
  near(shortcut?.lift.mean, 4);
  assert.equal([shortcut?.share.count, shortcut?.share.skipped], [1, 1]);
  assert.is(alignment, undefined);
});

test('empty and constant maps are shares of all images, whether they have a mask or not', () => {
  const { uninformative } = measure([
    [0, 0, 0, 0],
    [0.1, 0.1, 0.1, 0.1],
    [0.3, 0.3, 0.3, 0.3],
    [1, 0, 0, 0],
  ]);
  assert.equal(uninformative, { empty: 0.25, constant: 0.5 });
});

test.run();
