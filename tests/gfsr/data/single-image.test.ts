// A single image as a split: its pixels in the colours that a classifier needs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allBytes } from '../../../gfsr/data/pixels.ts';
import { singleImage } from '../../../gfsr/data/single-image.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { failure } from '../../support/assertions.ts';
import { IEND, idat, ihdr, png } from '../../support/png.ts';

const rgb = encodePng({
  width: 2,
  height: 2,
  channels: 3,
  data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30),
});
const grey = encodePng({ width: 2, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4) });

test('colour becomes grey by its luma, grey becomes three equal channels', async () => {
  const { images, count, ids } = await singleImage(rgb, { channels: 1, size: 2 }, 'a.png');
  assert.equal([...allBytes(images)], [76, 150, 29, 18]);
  assert.equal([count, ids], [1, ['a.png']]);
  const { images: three } = await singleImage(grey, { channels: 3, size: 2 }, 'b.png');
  assert.equal([...allBytes(three)], [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
});

test('channels come one after the other', async () => {
  const { images } = await singleImage(rgb, { channels: 3, size: 2 }, 'a.png');
  assert.equal([...images.subarray(0, 4)], [255, 0, 0, 10]);
});

test('another size is refused', async () => {
  assert.match(
    await failure(singleImage(grey, { channels: 1, size: 3 }, 'b.png')),
    /b\.png: got 2×2 pixels, expected 3×3\. Resize the image\.$/,
  );
});

test('a dark 16-bit image is refused: nobody knows which value is white', async () => {
  const deep = (value: number) => png(ihdr(1, 1, 16), idat([0, value >> 8, value & 255]), IEND);
  assert.match(
    await failure(singleImage(deep(4095), { channels: 1, size: 1 }, 'c.png')),
    /c\.png: 16 bits per pixel with values up to 4,095.*Save it with 8 bits/,
  );
  const { images } = await singleImage(deep(65_535), { channels: 1, size: 1 }, 'c.png');
  assert.equal([...allBytes(images)], [255]);
});

test.run();
