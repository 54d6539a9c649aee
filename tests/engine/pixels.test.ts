// Pictures to tensors and back.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromPixels, type Pixels, toPixels } from '../../engine/index.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();
const picture: Pixels = {
  data: Uint8ClampedArray.of(255, 0, 51, 255, 0, 102, 255, 0),
  width: 2,
  height: 1,
};

test('channels come apart, in [0, 1]', async () => {
  const values = async (channels: 1 | 3 | 4) => {
    const x = fromPixels(gpu, picture, { channels });
    assert.equal([...x.shape], [1, channels, 1, 2]);
    return [...(await x.data())];
  };
  const rgb = [1, 0, 0, 102 / 255, 51 / 255, 1].map(Math.fround);
  assert.equal(await values(3), rgb);
  assert.equal(await values(4), [...rgb, 1, 0]);
  const grey = [(0.299 * 255 + 0.114 * 51) / 255, (0.587 * 102 + 0.114 * 255) / 255];
  assert.equal(await values(1), grey.map(Math.fround));
});

test('a picture comes back as it was, and out of range is clipped', async () => {
  assert.equal(await toPixels(fromPixels(gpu, picture, { channels: 4 })), picture);
  const grey = await toPixels(gpu.tensor([[[-1, 0.5, 2]]]));
  assert.equal([...grey.data], [0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]);
  assert.is(grey.width, 3);
});

test('what is no picture is refused', async () => {
  const floats = { ...picture, data: new Float32Array(8) as unknown as Uint8Array };
  assert.throws(() => fromPixels(gpu, floats), /data is Float32Array, expected RGBA bytes/);
  assert.throws(
    () => fromPixels(gpu, { ...picture, width: 3 }),
    /got 8 bytes, expected 12 for 3 × 1/,
  );
  assert.throws(
    () => fromPixels(gpu, picture, { channels: 2 as 1 }),
    /channels is 2, expected 1, 3/,
  );
  let message = '';
  await toPixels(gpu.zeros([2, 3, 1, 1])).catch((error) => {
    message = error.message;
  });
  assert.match(message, /toPixels: x has shape \[2, 3, 1, 1\], expected \[1, C, height, width\]/);
});

test.run();
