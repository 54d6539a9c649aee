// The fingerprint of a data set: whatever decides results changes it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Split } from '../../../gfsr/data/dataset.ts';
import { fingerprint } from '../../../gfsr/data/fingerprint.ts';
import { identifyingBytes, maskBytes } from '../../../gfsr/data/identifying-bytes.ts';
import { MaskStack } from '../../../gfsr/data/masks.ts';
import { contentHashLater } from '../../../gfsr/files/web-hash.ts';

const split = (masks?: Split['masks']): Split => ({
  count: 2,
  images: Uint8Array.of(1, 2, 3, 4),
  labels: Int32Array.of(0, 1),
  ids: ['a', 'b'],
  ...(masks && { masks }),
});
const [left, right] = [Uint8Array.of(1, 0), Uint8Array.of(0, 1)];
const withMasks = (masks?: Split['masks']) => {
  const train = split(masks);
  return { train, val: split(), test: split() };
};

test('images, labels and masks decide it, and so does the image that has a mask', async () => {
  const sets = [
    withMasks(),
    withMasks(new Map([[0, left]])),
    withMasks(new Map([[0, right]])),
    withMasks(new Map([[1, left]])),
    { ...withMasks(), val: split(new Map([[0, left]])) },
    { ...withMasks(), test: { ...split(), labels: Int32Array.of(1, 1) } },
    { ...withMasks(), test: { ...split(), images: Uint8Array.of(1, 2, 3, 5) } },
  ];
  const found = sets.map(fingerprint);
  assert.is(new Set(found).size, sets.length);
  for (const [i, set] of sets.entries()) {
    const inBrowser = await contentHashLater(...identifyingBytes(set), ...maskBytes(set));
    assert.is(inBrowser, found[i]);
  }
});

test('masks in memory and in a stack are the same', () => {
  const stack = new MaskStack([0, 1], Uint8Array.of(...left, ...right));
  const map = new Map([[0, left] as const, [1, right] as const]);
  assert.is(fingerprint(withMasks(stack)), fingerprint(withMasks(map)));
});

test.run();
