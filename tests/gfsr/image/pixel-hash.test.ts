// The hash of an image: the same for the same pixels for ever, another one for any change.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { pixelHash } from '../../../gfsr/image/pixel-hash.ts';

test('annotation files keep it: it never changes', () => {
  assert.is(pixelHash(Uint8Array.of(0, 1, 2, 253, 254, 255), [1, 2, 3]), 'e1c55116a3cbfeeb');
});

test('shape counts as well as pixels', () => {
  const pixels = new Uint8Array(12);
  const shapes = [
    [1, 3, 4],
    [1, 4, 3],
    [3, 2, 2],
    [1, 12, 1],
  ];
  assert.is(new Set(shapes.map((shape) => pixelHash(pixels, shape))).size, shapes.length);
});

test('every changed bit of an image gives another hash', () => {
  const side = 16;
  const pixels = new Uint8Array(side * side);
  const seen = new Set([pixelHash(pixels, [1, side, side])]);
  for (let at = 0; at < pixels.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      pixels[at] = 1 << bit;
      seen.add(pixelHash(pixels, [1, side, side]));
    }
    pixels[at] = 0;
  }
  assert.is(seen.size, 1 + 8 * pixels.length);
});

test('half of the bits differ between near images', () => {
  const random = new Random(0, 'hash');
  let different = 0;
  const pairs = 500;
  for (let i = 0; i < pairs; i++) {
    const pixels = Uint8Array.from({ length: 64 }, () => random.int(256));
    const before = BigInt(`0x${pixelHash(pixels, [1, 8, 8])}`);
    pixels[random.int(64)] ^= 1 << random.int(8);
    const change = before ^ BigInt(`0x${pixelHash(pixels, [1, 8, 8])}`);
    different += change.toString(2).replaceAll('0', '').length;
  }
  assert.ok(Math.abs(different / pairs - 32) < 1, `${different / pairs}`);
});

test.run();
