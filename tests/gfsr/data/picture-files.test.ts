// Image files of several kinds become pictures of 8 bits: windows by the rule that was chosen, and said in notes.
import jpeg from 'jpeg-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type PictureOptions, readPictures } from '../../../gfsr/data/picture-files.ts';
import { npy } from '../../support/npz.ts';
import { IEND, idat, ihdr, png } from '../../support/png.ts';

const wide = (...values: number[]): Uint8Array =>
  png(
    ihdr(values.length, 1, 16, 0),
    idat([0, ...values.flatMap((value) => [value >> 8, value & 255])]),
    IEND,
  );

const see = async (files: Record<string, Uint8Array>, options: Partial<PictureOptions> = {}) => {
  const rows = Object.keys(files).map((file) => ({ file, mask: '' }));
  const read = (file: string) => files[file];
  const { pictures, notes } = await readPictures(rows, read, { name: 'toy', ...options });
  return {
    ids: pictures.map(({ id }) => id),
    pixels: pictures.map((p) => [...p.image.data]),
    notes,
  };
};

test('16-bit PNG images share the bits that all of them use', async () => {
  const { pixels, notes } = await see({ 'a.png': wide(0, 4095), 'b.png': wide(0, 2048) });
  assert.equal(pixels, [
    [0, 255],
    [0, 128],
  ]);
  assert.match(notes.join(), /16-bit images have values up to 4,095: taken as 12 bits, with 4,095/);
  const full = await see({ 'a.png': wide(0, 65_535) });
  assert.equal([full.pixels, full.notes], [[[0, 255]], []]);
});

test('a rule that was asked for holds per file', async () => {
  const files = { 'a.png': wide(100, 300), 'b.png': wide(0, 50) };
  const { pixels, notes } = await see(files, { window: 'min-max' });
  assert.equal(pixels, [
    [0, 255],
    [0, 255],
  ]);
  assert.match(notes.join(), /the least value of a file is black/);
  const range = await see(files, { window: 'full-range' });
  assert.equal(range.pixels, [
    [0, 1],
    [0, 0],
  ]);
});

test('several images of one file are pictures of their own', async () => {
  const stack = npy([2, 1, 4], Float32Array.of(0, 1, 0.5, 0, 1, 0, 0, 1), '<f4');
  const { ids, pixels, notes } = await see({ 'a.npy': stack });
  assert.equal(ids, ['a.npy#image 0', 'a.npy#image 1']);
  assert.equal(pixels, [
    [0, 255, 128, 0],
    [255, 0, 0, 255],
  ]);
  assert.match(notes.join(), /NumPy images have values in \[0, 1\]: 1 is taken as white/);
});

const floats = (...values: number[]) => npy([1, values.length], Float32Array.from(values), '<f4');

test('NumPy files of a folder share one range, and one note says which', async () => {
  const files = { 'a.npy': floats(0, 0.5, 0.97), 'b.npy': floats(-0.01, 0.5, 1.02) };
  const { pixels, notes } = await see(files);
  assert.equal(pixels, [
    [0, 128, 247],
    [0, 128, 255],
  ]);
  assert.equal(notes, ['NumPy images have values in [-0.01, 1.02]: 1 is taken as white.']);
  const wide = await see({ 'a.npy': floats(0, 1), 'b.npy': floats(0, 200) });
  assert.equal(wide.pixels, [
    [0, 1],
    [0, 200],
  ]);
  assert.match(wide.notes.join(), /in \[0, 200\]: 255 is taken as white/);
});

test('NumPy files in neither range are windowed by file, whole numbers are not of the scale of floats', async () => {
  const { pixels, notes } = await see({ 'a.npy': floats(-3, 3), 'b.npy': floats(-1, 1) });
  assert.equal(pixels, [
    [0, 255],
    [0, 255],
  ]);
  assert.match(
    notes.join(),
    /in \[-3, 3\]: neither \[0, 1\] nor \[0, 255\].*the 0\.5th percentile/,
  );
  // One outlier does not make a folder of floats in [0, 1] black.
  const outlier = await see({ 'a.npy': floats(0, 1), 'b.npy': floats(0, 1.3) });
  assert.equal(outlier.pixels, [
    [0, 255],
    [0, 255],
  ]);
  const numbers = npy([1, 2], Int16Array.of(0, 255), '<i2');
  const mixed = await see({ 'a.npy': floats(0, 1), 'b.npy': numbers });
  assert.equal(mixed.pixels, [
    [0, 255],
    [0, 255],
  ]);
});

test('NumPy files obey the window that was asked for', async () => {
  const files = { 'a.npy': floats(0.2, 0.3, 0.4), 'b.npy': floats(0, 0.5, 1) };
  const { pixels, notes } = await see(files, { window: 'min-max' });
  assert.equal(pixels[0], [0, 128, 255]);
  assert.match(notes.join(), /the least value of a file is black/);
  const bytes = npy([1, 2], Uint8Array.of(10, 20));
  assert.equal((await see({ 'a.npy': bytes }, { window: 'min-max' })).pixels, [[10, 20]]);
});

test('JPEG is told by its content, and damage names the file', async () => {
  const data = new Uint8Array(8 * 8 * 4).fill(200);
  const { data: bytes } = jpeg.encode({ width: 8, height: 8, data }, 90);
  assert.equal((await see({ 'photo.png': bytes })).pixels[0].length, 192);
  try {
    await see({ 'photo.jpg': bytes.subarray(0, bytes.length - 8) });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /^toy: photo\.jpg: JPEG is truncated or damaged/);
  }
});

test('slices that cannot be understood are refused', async () => {
  try {
    await see({ 'a.png': wide(0) }, { slices: '1..2' });
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      /data\.slices: got "1\.\.2", expected all, or first-last/,
    );
  }
});

test.run();
