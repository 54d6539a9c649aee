// Masks by rule: on drawn images each rule finds what was drawn, and real images almost always get one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assembleDataset } from '../../../gfsr/data/assemble.ts';
import type { Dataset, Split } from '../../../gfsr/data/dataset.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { masksByRule, otsu } from '../../../gfsr/data/mask-rules.ts';
import { dataPath } from '../../support/data.ts';

const SIDE = 28;
const AREA = SIDE * SIDE;

function drawn(paint: (x: number, y: number) => number): Dataset {
  const image = Uint8Array.from({ length: AREA }, (_, p) => paint(p % SIDE, Math.floor(p / SIDE)));
  const split = (name: string): Split => ({
    count: 2,
    images: Uint8Array.from([...image, ...image]),
    labels: Int32Array.of(0, 1),
    ids: [`${name}0`, `${name}1`],
  });
  return assembleDataset(
    { name: 'drawn', classes: ['a', 'b'], channels: 1, height: SIDE, width: SIDE },
    { train: split('a'), val: split('b'), test: split('c') },
  );
}

const round = (x: number, y: number, cx: number, cy: number, r: number) =>
  Math.hypot(x + 0.5 - cx, y + 0.5 - cy) < r;
/** Intersection over union with what was drawn. */
function overlap(mask: Uint8Array | undefined, inside: (x: number, y: number) => boolean): number {
  let [both, either] = [0, 0];
  for (let p = 0; p < AREA; p++) {
    const [a, b] = [mask?.[p] === 1, inside(p % SIDE, Math.floor(p / SIDE))];
    both += Number(a && b);
    either += Number(a || b);
  }
  return both / either;
}

test('Otsu divides two grey levels between them', () => {
  const threshold = otsu(Float32Array.from({ length: 100 }, (_, i) => (i < 30 ? 40 : 200)));
  assert.ok(threshold >= 40 && threshold < 200, String(threshold));
});

test('lesion: the dark spot nearest to the centre, not the dark corner', () => {
  const spot = (x: number, y: number) => round(x, y, 13, 15, 5);
  const data = drawn((x, y) => (spot(x, y) ? 60 : round(x, y, 0, 0, 8) ? 50 : 190 + ((x + y) % 7)));
  const ruled = masksByRule(data, 'lesion');
  assert.ok(overlap(ruled.train.masks?.get(0), spot) > 0.75);
  assert.is(ruled.test.masks?.size, 2);
  assert.match(ruled.notes[0], /not drawn by people but made by the rule lesion: the dark lesion/);
  const plain = masksByRule(
    drawn(() => 180),
    'lesion',
  );
  assert.is(plain.train.masks?.size, 0, 'nothing to outline');
});

test('retina: the disc without its rim, also where a part of it is dark', () => {
  const disc = (x: number, y: number) => round(x, y, 14, 14, 12);
  const data = drawn((x, y) => (disc(x, y) ? (round(x, y, 3, 14, 4) ? 12 : 150) : 2));
  const inner = (x: number, y: number) => round(x, y, 14, 14, 10);
  assert.ok(overlap(masksByRule(data, 'retina').val.masks?.get(1), inner) > 0.85);
});

test('lungs: two boxes, mirrored', () => {
  const mask = masksByRule(
    drawn(() => 9),
    'lungs',
  ).train.masks?.get(0) as Uint8Array;
  const mirrored = mask.map((_, p) => mask[p - (p % SIDE) + SIDE - 1 - (p % SIDE)]);
  assert.equal(mask, mirrored);
  assert.equal([mask[14 * SIDE + 14], mask[14 * SIDE + 7], mask[14 * SIDE + 20]], [0, 1, 1]);
});

test('data with masks of their own take no rule', () => {
  const data = masksByRule(
    drawn(() => 9),
    'lungs',
  );
  assert.throws(() => masksByRule(data, 'retina'), /drawn: has real masks, got maskRule retina/);
});

test('real images: nearly every one gets a mask', async () => {
  for (const [file, maskRule, area] of [
    ['retinamnist/retinamnist.npz', 'retina', [0.5, 0.6]],
    ['dermamnist-c/dermamnist_c_subset_28.npz', 'lesion', [0.2, 0.3]],
  ] as const) {
    const path = dataPath(file);
    if (!path) return;
    const { train } = await loadDataset(path, { maskRule });
    assert.ok((train.masks?.size ?? 0) > 0.98 * train.count, file);
    const shares = [...(train.masks?.values() ?? [])].map(
      (mask) => mask.reduce((sum, v) => sum + v, 0) / AREA,
    );
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    assert.ok(mean > area[0] && mean < area[1], `${file}: ${mean}`);
  }
});

test.run();
