// PNG: every kind of pixel, round trips, and files made to harm.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePng, type Image } from '../../../gfsr/image/png.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { chunk, IEND, idat, ihdr, png } from '../../support/png.ts';

test('what is encoded is decoded', () => {
  for (const channels of [1, 3] as const) {
    const data = Uint8Array.from({ length: 5 * 3 * channels }, (_, i) => (i * 37) % 256);
    const image: Image = { width: 5, height: 3, channels, data };
    assert.equal(decodePng(encodePng(image)), image);
  }
});

test('alpha is laid over black', () => {
  const data = Uint8Array.of(200, 100, 50, 255, 200, 100, 50, 0, 200, 100, 50, 51);
  const read = decodePng(encodePng({ width: 3, height: 1, channels: 4, data }));
  assert.equal(read, {
    width: 3,
    height: 1,
    channels: 3,
    data: Uint8Array.of(200, 100, 50, 0, 0, 0, 40, 20, 10),
  });
});

test('16 bits, 1 bit, grey with alpha, palette, interlaced', () => {
  const deep = png(ihdr(2, 1, 16, 0), idat([0, 0x80, 0x80, 0xff, 0xff]), IEND);
  assert.equal([...decodePng(deep).data], [128, 255]);
  const bits = png(ihdr(3, 1, 1, 0), idat([0, 0b10100000]), IEND);
  assert.equal([...decodePng(bits).data], [255, 0, 255]);
  const greyAlpha = decodePng(png(ihdr(2, 1, 8, 4), idat([0, 90, 255, 90, 0]), IEND));
  assert.equal([greyAlpha.channels, ...greyAlpha.data], [1, 90, 0]);
  const palette = png(ihdr(2, 1, 8, 3), chunk('PLTE', [1, 2, 3, 4, 5, 6]), idat([0, 1, 0]), IEND);
  assert.equal([...decodePng(palette).data], [4, 5, 6, 1, 2, 3]);
  // Adam7 on 3 x 3: passes of 1x1, 0, 0, 1x1, 2x1, 1x2 and 3x1 pixels.
  const rows = [0, 1, 0, 3, 0, 7, 9, 0, 2, 0, 8, 0, 4, 5, 6];
  const interlaced = png(ihdr(3, 3, 8, 0, 1), idat(rows), IEND);
  assert.equal([...decodePng(interlaced).data], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('bytes after the end are ignored; several IDAT chunks are one stream', () => {
  const plain = png(ihdr(1, 1), idat([0, 7]), IEND);
  assert.equal([...decodePng(Uint8Array.from([...plain, 1, 2, 3])).data], [7]);
  const stream = idat([0, 7]).slice(8, -4);
  const split = png(
    ihdr(1, 1),
    chunk('IDAT', stream.slice(0, 3)),
    chunk('IDAT', stream.slice(3)),
    IEND,
  );
  assert.equal([...decodePng(split).data], [7]);
});

const good = png(ihdr(2, 2), idat([0, 1, 2, 0, 3, 4]), IEND);
const broken = good.slice();
broken[broken.length - 20] ^= 0xff;

const HOSTILE: [string, Uint8Array, RegExp][] = [
  ['empty', new Uint8Array(0), /not a PNG/],
  ['a JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0), /not a PNG/],
  [
    '68-byte bomb of 30000 x 30000',
    png(ihdr(30000, 30000), idat([0]), IEND),
    /30000 x 30000: got 900,000,000 pixels/,
  ],
  [
    'width 0xFFFFFFFF',
    png(ihdr(0xffffffff, 1), idat([0]), IEND),
    /4294967295 x 1: got 4,294,967,295 pixels/,
  ],
  [
    'below the cap, no pixels',
    png(ihdr(8000, 8000), idat([0]), IEND),
    /cannot hold the declared size/,
  ],
  ['width 0', png(ihdr(0, 1), idat([0]), IEND), /0 x 1 pixels/],
  ['depth 3', png(ihdr(1, 1, 3), idat([0, 0]), IEND), /depth 3/],
  ['colour type 5', png(ihdr(1, 1, 8, 5), idat([0, 0]), IEND), /colour type 5/],
  ['too few pixels', png(ihdr(2, 2), idat([0, 1, 2]), IEND), /unpacks to 3 bytes, expected 6/],
  ['too many pixels', png(ihdr(1, 1), idat(new Uint8Array(1e6)), IEND), /more than it declares/],
  ['second header', png(ihdr(1, 1), ihdr(9999, 9999), idat([0, 0]), IEND), /exactly one IHDR/],
  ['no header', png(idat([0, 0]), IEND), /exactly one IHDR/],
  ['no IEND', png(ihdr(1, 1), idat([0, 0])), /truncated/],
  ['no image data', png(ihdr(1, 1), IEND), /hold|damaged/],
  ['no palette', png(ihdr(1, 1, 8, 3), idat([0, 0]), IEND), /damaged PNG/],
  ['bad checksum', broken, /damaged/],
  ['chunk of 4 GB', png(ihdr(1, 1), [255, 255, 255, 255, 73, 68, 65, 84, 0, 0, 0, 0]), /truncated/],
];

test('files made to harm give one clear error, quickly', () => {
  for (const [name, bytes, message] of HOSTILE) {
    const start = performance.now();
    assert.throws(
      () => decodePng(bytes, { where: 'x.png' }),
      (error: Error) => {
        assert.instance(error, RangeError, name);
        assert.match(error.message, /^x\.png: /, name);
        assert.match(error.message, message, name);
        return true;
      },
    );
    assert.ok(performance.now() - start < 200, `${name} took too long`);
  }
});

test('a file cut anywhere is an error; a flipped byte never crashes', () => {
  for (let length = 0; length < good.length; length++) {
    assert.throws(() => decodePng(good.subarray(0, length)), /^png: /, `cut at ${length}`);
  }
  for (let i = 0; i < good.length; i++) {
    const bad = good.slice();
    bad[i] ^= 0x55;
    try {
      decodePng(bad);
    } catch (error) {
      assert.instance(error, RangeError, `byte ${i}: ${error}`);
    }
  }
});

test('the pixel cap can be set; encode checks its data', () => {
  assert.throws(() => decodePng(good, { maxPixels: 3 }), /expected at most 3/);
  const data = new Uint8Array(3);
  assert.throws(
    () => encodePng({ width: 2, height: 2, channels: 1, data }),
    /got 3 values, expected 4/,
  );
});

test.run();
