// A single image as a split: its pixels in the colours that a classifier needs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataSettings } from '../../../gfsr/config/data.ts';
import { imageFolderDataset } from '../../../gfsr/data/image-folder.ts';
import { allBytes } from '../../../gfsr/data/pixels.ts';
import { resized } from '../../../gfsr/data/prepare.ts';
import { singleImage } from '../../../gfsr/data/single-image.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { failure } from '../../support/assertions.ts';
import { nifti } from '../../support/nifti.ts';
import { npy } from '../../support/npz.ts';
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

/** A file, read as an image of a data set and by itself with the same settings: the pixels of both. */
async function bothOf(file: Uint8Array, reading: Partial<DataSettings>) {
  const read = await imageFolderDataset(
    'file,label,split\n0,a,train\n1,b,val\n',
    () => file,
    reading,
  );
  const { train, channels, height } = resized(read, reading);
  const one = await singleImage(file, { channels, size: height, ...reading }, 'one');
  return [train, one].map(({ images }) => [...allBytes(images)]);
}

test('an image has the pixels that a data set makes of it', async () => {
  const values = Uint16Array.from({ length: 16 }, (_, p) => 500 + ((p * 7919) % 3000));
  const row = (y: number) => [...values.subarray(4 * y, 4 * y + 4)];
  const deep = [0, 1, 2, 3].flatMap((y) => [0, ...row(y).flatMap((v) => [v >> 8, v & 255])]);
  const array = npy([4, 4], values, '<u2');
  const picture = png(ihdr(4, 4, 16), idat(deep), IEND);
  const flat = encodePng({ width: 4, height: 4, channels: 1, data: Uint8Array.from(values) });
  const cases: readonly (readonly [Uint8Array, Partial<DataSettings>])[] = [
    [array, { window: 'auto' }],
    [array, { window: 'percentiles' }],
    [array, { window: 'min-max' }],
    [array, { window: 'full-range' }],
    [picture, { window: 'percentiles' }],
    [picture, { window: 'min-max' }],
    [picture, { window: 'full-range' }],
    [flat, { side: 2 }],
    [flat, { side: 4 }],
    [flat, { side: 2, fit: 'crop' }],
    [nifti(), { slices: '1-1' }],
    [nifti(), { slices: '0-0', axis: 'sagittal' }],
  ];
  for (const [file, reading] of cases) {
    const [among, alone] = await bothOf(file, reading);
    assert.equal(alone, among, JSON.stringify(reading));
  }
});

test('a NumPy image alone has the range that its values are in', async () => {
  const floats = npy([1, 1], Float32Array.of(0.5), '<f4');
  const { images } = await singleImage(floats, { channels: 1, size: 1 }, 'd.npy');
  assert.equal([...allBytes(images)], [128]);
});

test.run();
