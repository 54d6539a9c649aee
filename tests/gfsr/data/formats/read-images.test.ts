// Small files made here: how values become images, what is turned, and that hostile files end in one clear line.
import jpegJs from 'jpeg-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeRle } from '../../../../gfsr/data/formats/dicom-rle.ts';
import type { DeepImage, ReadOptions } from '../../../../gfsr/data/formats/format.ts';
import { imagesToBytes } from '../../../../gfsr/data/formats/images-to-bytes.ts';
import { usualRange } from '../../../../gfsr/data/formats/numpy.ts';
import { readImages } from '../../../../gfsr/data/formats/read-images.ts';
import { nifti } from '../../../support/nifti.ts';
import { npy } from '../../../support/npz.ts';
import { chunk, IEND, idat, ihdr, png } from '../../../support/png.ts';

const u16 = (value: number): number[] => [value & 255, (value >> 8) & 255];

/** An element of a DICOM file, explicit and little endian. */
function element(tag: number, vr: string, value: string | number[]): number[] {
  const bytes = typeof value === 'string' ? [...value].map((c) => c.charCodeAt(0)) : [...value];
  if (bytes.length % 2 > 0) bytes.push(typeof value === 'string' ? 32 : 0);
  const head = [...u16(tag >>> 16), ...u16(tag & 0xffff), ...[...vr].map((c) => c.charCodeAt(0))];
  const long = vr === 'OW' || vr === 'OB';
  const length = long ? [0, 0, ...u16(bytes.length), 0, 0] : u16(bytes.length);
  return [...head, ...length, ...bytes];
}

/** A grey DICOM file of 2 × 1 pixels with 16 bits; `tags` come before the pixels. */
function dicom(pixels: number[], tags: number[][] = [], photometric = 'MONOCHROME2'): Uint8Array {
  const meta = element(0x00020010, 'UI', '1.2.840.10008.1.2.1\0');
  const size = element(0x00020000, 'UL', [...u16(meta.length), 0, 0]);
  return Uint8Array.from([
    ...new Array(128).fill(0),
    ...[...'DICM'].map((c) => c.charCodeAt(0)),
    ...size,
    ...meta,
    ...element(0x00100010, 'PN', 'Doe^Jane'),
    ...element(0x00280002, 'US', u16(1)),
    ...element(0x00280004, 'CS', photometric),
    ...element(0x00280010, 'US', u16(1)),
    ...element(0x00280011, 'US', u16(pixels.length)),
    ...element(0x00280100, 'US', u16(16)),
    ...element(0x00280101, 'US', u16(16)),
    ...element(0x00280102, 'US', u16(15)),
    ...element(0x00280103, 'US', u16(1)),
    ...tags.flat(),
    ...element(0x7fe00010, 'OW', pixels.flatMap(u16)),
  ]);
}

const WINDOW = [element(0x00281050, 'DS', '50'), element(0x00281051, 'DS', '101')];
const RESCALE = [element(0x00281052, 'DS', '-10'), element(0x00281053, 'DS', '2')];

async function bytesOf(file: Uint8Array, options?: ReadOptions): Promise<number[][]> {
  const { images } = await readImages(file, 'file', options);
  return imagesToBytes(images, 'min-max').map(({ data }) => [...data]);
}

async function failure(file: Uint8Array, options?: ReadOptions): Promise<string> {
  try {
    await readImages(file, 'file', options);
  } catch (error) {
    assert.instance(error, RangeError);
    return (error as Error).message;
  }
  return 'no error';
}

test('DICOM: rescale, then window, then inversion', async () => {
  // Units 2 · v − 10; the window of 50 and 101 is black up to −0.5 and white from 99.5 on.
  const values = [0, 5, 30, 60];
  assert.equal(await bytesOf(dicom(values, [...WINDOW, ...RESCALE])), [[0, 1, 129, 255]]);
  const inverted = await bytesOf(dicom(values, [...WINDOW, ...RESCALE], 'MONOCHROME1'));
  assert.equal(inverted, [[255, 254, 126, 0]]);
  assert.equal(await bytesOf(dicom([-5, 0, 5], [], 'MONOCHROME1')), [[255, 128, 0]]);
});

test('DICOM: padding takes no part in the window', async () => {
  const padding = element(0x00280120, 'SS', u16(-2000));
  assert.equal(await bytesOf(dicom([-2000, 0, 100], [padding])), [[0, 0, 255]]);
});

test('DICOM: padding is as dark as the darkest pixel, also where high values are dark', async () => {
  const padding = element(0x00280120, 'SS', u16(4095));
  const falling = element(0x00281053, 'DS', '-1');
  const see = async (tags: number[][], photometric: string) =>
    (await bytesOf(dicom([4095, 0, 101], [padding, ...tags], photometric)))[0];
  for (const window of [[], WINDOW]) {
    const [shown] = await see(window, 'MONOCHROME1');
    assert.is(shown, 0);
  }
  assert.equal(await see([falling], 'MONOCHROME2'), [0, 255, 0]);
  assert.equal(await see([falling], 'MONOCHROME1'), [0, 0, 255]);
});

test('DICOM: nothing of the patient is in what is returned or said', async () => {
  const file = dicom([1, 2], WINDOW);
  const said = [JSON.stringify(await readImages(file, 'file'))];
  for (let cut = 140; cut < file.length; cut += 7) said.push(await failure(file.subarray(0, cut)));
  for (const text of said) assert.not.match(text, /Doe|Jane/);
});

test('DICOM: run lengths, literal and repeated, of two bytes', () => {
  const header = [2, 64, 67].flatMap((value) => [...u16(value), 0, 0]);
  const segments = [...header, ...new Array(64 - header.length).fill(0), 254, 1, 128, 2, 7, 8, 9];
  const layout = {
    ...{ rows: 1, columns: 3, frames: 1, samples: 1, photometric: 'MONOCHROME2' },
    ...{ bitsAllocated: 16, bitsStored: 16, highBit: 15, signed: false, planar: false },
  };
  const values = decodeRle(Uint8Array.from(segments), layout, 'file');
  assert.equal([...values], [263, 264, 265]);
  assert.throws(() => decodeRle(Uint8Array.from(segments.slice(0, -1)), layout, 'f'), /truncated/);
});

const valuesOf = async (file: Uint8Array, options?: ReadOptions) =>
  (await readImages(file, 'file', options)).images.map(({ values }) => [...values]);

test('NIfTI: slices are seen the same way whatever the order of the voxels', async () => {
  // Voxel x + 2y + 4z. Axial: the patient's right (x = 1) at the left, the front (y = 1) on top.
  assert.equal(await valuesOf(nifti()), [
    [3, 2, 1, 0],
    [7, 6, 5, 4],
  ]);
  assert.equal(await valuesOf(nifti([-1, 1, 1])), [
    [2, 3, 0, 1],
    [6, 7, 4, 5],
  ]);
  assert.equal(await valuesOf(nifti([1, 1, -1])), [
    [7, 6, 5, 4],
    [3, 2, 1, 0],
  ]);
  assert.equal(await valuesOf(nifti(), { axis: 'coronal' }), [
    [5, 4, 1, 0],
    [7, 6, 3, 2],
  ]);
  assert.equal(await valuesOf(nifti(), { axis: 'sagittal' }), [
    [6, 4, 2, 0],
    [7, 5, 3, 1],
  ]);
  assert.equal(await valuesOf(nifti(), { slices: [1, 9] }), [[7, 6, 5, 4]]);
});

test('NIfTI: what cannot be read is said', async () => {
  assert.match(await failure(nifti().subarray(0, 359)), /needs 360 bytes, got 359/);
  assert.match(await failure(nifti([1, 1, 1], 32)), /data type 32/);
  assert.match(
    await failure(nifti(), { slices: [2, 3] }),
    /slices 2 to 3, expected some of 0 to 1/,
  );
  assert.match(await failure(Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2)), /file: /);
});

/** An EXIF segment that says an orientation. */
const exif = (orientation: number): number[] => [
  ...[0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0],
  ...[0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0],
];

/** A JPEG of 16 × 8 pixels: black, with a white left half and a grey right lower quarter. */
function photo(orientation: number): Uint8Array {
  const data = new Uint8Array(16 * 8 * 4);
  for (let p = 0; p < 128; p++) {
    const [x, y] = [p % 16, p >> 4];
    data.fill(x < 8 ? 250 : y >= 4 ? 128 : 0, p * 4, p * 4 + 3);
  }
  const bytes = jpegJs.encode({ width: 16, height: 8, data }, 95).data;
  return Uint8Array.from([...bytes.subarray(0, 2), ...exif(orientation), ...bytes.subarray(2)]);
}

/** Brightness near the corners: top left, top right, bottom left, bottom right. */
function corners({ width, height, channels, values }: DeepImage): string {
  const at = (x: number, y: number) => 'dgl'[Math.floor(values[(y * width + x) * channels] / 86)];
  const [right, bottom] = [width - 2, height - 2];
  return [at(1, 1), at(right, 1), at(1, bottom), at(right, bottom)].join('');
}

test('JPEG: all eight EXIF orientations', async () => {
  // Stored: light dark / light grey.
  const expected = ['ldlg', 'dlgl', 'gldl', 'lgld', 'lldg', 'llgd', 'gdll', 'dgll'];
  for (const [i, seen] of expected.entries()) {
    const [image] = (await readImages(photo(i + 1), 'file')).images;
    assert.is(corners(image), seen, `orientation ${i + 1}`);
    assert.equal([image.width, image.height], i < 4 ? [16, 8] : [8, 16]);
  }
});

test('JPEG: cut anywhere, it is refused; a size beyond the limit is not decoded', async () => {
  const whole = photo(1);
  for (let cut = 3; cut < whole.length - 1; cut += 9) {
    assert.match(await failure(whole.subarray(0, cut)), /^file: (JPEG is truncated|damaged JPEG)/);
  }
  assert.match(await failure(whole, { maxPixels: 127 }), /128 pixels, expected at most 127/);
});

test('PNG: transparency on black or white; 16 bits keep their depth', async () => {
  const half = png(ihdr(2, 1, 8, 4), idat([0, 100, 51, 100, 255]), IEND);
  assert.equal(await bytesOf(half), [[20, 100]]);
  assert.equal(await bytesOf(half, { background: 'white' }), [[224, 100]]);
  const clear = png(ihdr(2, 1), chunk('tRNS', [0, 7]), idat([0, 7, 8]), IEND);
  assert.equal(await bytesOf(clear, { background: 'white' }), [[255, 8]]);
  const deep = png(ihdr(2, 1, 16), idat([0, 1, 2, 3, 4]), IEND);
  assert.equal(await valuesOf(deep), [[258, 772]]);
});

test('NumPy: what floats mean is told by the range of all of them, and a file alone leaves it open', async () => {
  const white = (...values: number[]) => usualRange([Float64Array.from(values)]).window?.white;
  assert.equal([white(0, 0.5, 1), white(-0.02, 1.02), white(0, 0.5, 255)], [1, 1, 255]);
  assert.equal([white(-1, 1), white(-0.4, 5), white(0, 256)], [undefined, undefined, undefined]);
  assert.match(usualRange([Float32Array.of(-1), Float32Array.of(1)]).found, /\[-1, 1\]: neither/);
  const file = npy([1, 4], Float64Array.of(-1, 0, 1, Number.NaN), '<f8');
  assert.equal(await bytesOf(file), [[0, 128, 255, 0]]);
  const { images, notes } = await readImages(file, 'file');
  assert.equal([images[0].window, notes], [undefined, []]);
});

test('other kinds of files are named', async () => {
  const file = (text: string) => new TextEncoder().encode(text);
  assert.match(await failure(file('GIF89a')), /got a GIF image, expected one of PNG, JPEG, DICOM/);
  assert.match(await failure(file('<!DOCTYPE html>')), /got a page of HTML/);
  assert.match(await failure(new Uint8Array()), /got an empty file/);
});

test.run();
