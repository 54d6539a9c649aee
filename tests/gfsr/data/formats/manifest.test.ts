// Every file of a collection of real ones gives the answer that independent programs gave, or is refused in words.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openDicom } from '../../../../gfsr/data/formats/dicom-file.ts';
import { readStored } from '../../../../gfsr/data/formats/dicom-pixels.ts';
import { imagesToBytes } from '../../../../gfsr/data/formats/images-to-bytes.ts';
import { openNifti } from '../../../../gfsr/data/formats/nifti-file.ts';
import { readImages } from '../../../../gfsr/data/formats/read-images.ts';
import { type NpyArray, parseNpy } from '../../../../gfsr/data/npy.ts';
import { readNpz } from '../../../../gfsr/data/npz.ts';
import { type Image, readPngPixels } from '../../../../gfsr/image/png.ts';
import { dataPath } from '../../../support/data.ts';

interface Answers {
  readonly file: string;
  readonly expect: string;
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly frames?: number;
  readonly shape?: readonly number[];
  readonly min?: number;
  readonly rgba8_sha256?: string;
  readonly native16_le_sha256?: string;
  readonly native16_shape?: readonly number[];
  readonly shown_width?: number;
  readonly shown_height?: number;
  readonly shown_rgb_mean?: readonly number[];
  readonly shown_quadrant_rgb_mean?: readonly (readonly number[])[];
  readonly photometric?: string;
  readonly stored_le_sha256?: string;
  readonly stored?: { readonly min: number; readonly max: number; readonly mean: number };
  readonly rescaled?: { readonly min: number; readonly max: number };
  readonly scaled?: { readonly min: number; readonly max: number; readonly mean: number };
  readonly rgb8_frame0_mean?: readonly number[];
  readonly stored_fortran_le_sha256?: string;
  readonly value_at_1_2_0?: number;
  readonly c_order_float64_le_sha256?: string;
  readonly arrays?: Readonly<Record<string, Answers>>;
}

const OPTIONS = {
  where: 'file',
  maxPixels: 2 ** 26,
  maxBytes: 2 ** 31,
  background: 'black',
  axis: 'axial',
} as const;

const sha256 = (values: ArrayBufferView): string =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');

const near = (got: number, expected: number, within: number, what: string) =>
  assert.ok(Math.abs(got - expected) <= within, `${what}: got ${got}, expected ${expected}`);

function summary(values: ArrayLike<number>) {
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < values.length; i++) {
    min = Math.min(min, values[i]);
    max = Math.max(max, values[i]);
    sum += values[i];
  }
  return { min, max, mean: sum / values.length };
}

/** Mean R, G and B of the pixels from x0, y0 up to but not including x1, y1. */
function meanRgb({ data, width, channels }: Image, [x0, y0, x1, y1]: readonly number[]) {
  const sums = [0, 0, 0];
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      for (let c = 0; c < 3; c++) {
        sums[c] += data[(y * width + x) * channels + Math.min(c, channels - 1)];
      }
    }
  }
  return sums.map((sum) => sum / ((x1 - x0) * (y1 - y0)));
}

function nearRgb(got: number[], expected: readonly number[], within: number, what: string) {
  for (let c = 0; c < 3; c++) near(got[c], expected[c], within, `${what}, channel ${c}`);
}

async function firstImage(bytes: Uint8Array): Promise<Image> {
  return imagesToBytes((await readImages(bytes, 'file')).images, 'percentiles')[0];
}

async function checkPng(bytes: Uint8Array, answers: Answers): Promise<void> {
  const { width, height, rgba } = readPngPixels(bytes);
  assert.equal([width, height], [answers.width, answers.height]);
  if (answers.rgba8_sha256) assert.is(sha256(Uint8Array.from(rgba)), answers.rgba8_sha256);
  if (answers.native16_le_sha256) {
    const channels = answers.native16_shape?.[2] ?? 1;
    const places = [[0], [0], [0, 3], [0, 1, 2], [0, 1, 2, 3]][channels];
    const native = new Uint16Array(width * height * channels);
    for (let i = 0; i < native.length; i++) {
      native[i] = rgba[Math.floor(i / channels) * 4 + places[i % channels]];
    }
    assert.is(sha256(native), answers.native16_le_sha256);
  }
  const shown = await firstImage(bytes);
  assert.equal([shown.width, shown.height], [width, height]);
}

async function checkJpeg(bytes: Uint8Array, answers: Answers): Promise<void> {
  const image = await firstImage(bytes);
  const { width, height } = image;
  assert.equal([width, height], [answers.shown_width, answers.shown_height]);
  // Inks have no one true colour: decoders differ by more.
  const within = answers.file.includes('cmyk') ? 3 : 2;
  nearRgb(meanRgb(image, [0, 0, width, height]), answers.shown_rgb_mean ?? [], within, 'whole');
  const [x, y] = [width >> 1, height >> 1];
  const quadrants = [
    [0, 0, x, y],
    [x, 0, width, y],
    [0, y, x, height],
    [x, y, width, height],
  ];
  for (const [i, expected] of (answers.shown_quadrant_rgb_mean ?? []).entries()) {
    nearRgb(meanRgb(image, quadrants[i]), expected, within, `quadrant ${i}`);
  }
}

async function checkDicom(bytes: Uint8Array, answers: Answers): Promise<void> {
  const file = await openDicom(bytes, OPTIONS);
  const { values, photometric } = await readStored(file, OPTIONS);
  const { rows, columns, frames } = file.layout;
  assert.equal([columns, rows, frames], [answers.width, answers.height, answers.frames ?? 1]);
  assert.is(file.layout.photometric, answers.photometric);
  if (answers.stored_le_sha256) assert.is(sha256(values), answers.stored_le_sha256);
  if (answers.stored && photometric === answers.photometric) {
    const got = summary(values);
    for (const key of ['min', 'max', 'mean'] as const) near(got[key], answers.stored[key], 1, key);
  }
  const { images } = await readImages(bytes, 'file');
  assert.is(images.length, frames);
  if (answers.rescaled) {
    const { min, max } = summary(images[0].values);
    assert.equal([min, max], [answers.rescaled.min, answers.rescaled.max]);
  }
  if (answers.rgb8_frame0_mean) {
    const image = await firstImage(bytes);
    nearRgb(meanRgb(image, [0, 0, columns, rows]), answers.rgb8_frame0_mean, 1, 'frame 0');
  }
}

async function checkNifti(bytes: Uint8Array, answers: Answers): Promise<void> {
  const { shape, stored, slope, intercept } = openNifti(bytes, OPTIONS);
  assert.equal([...shape], answers.shape);
  assert.is(sha256(stored), answers.stored_fortran_le_sha256);
  const at = stored[1 + 2 * shape[0]] * slope + intercept;
  near(at, answers.value_at_1_2_0 as number, 1e-9, 'value at [1, 2, 0]');
  const { images } = await readImages(bytes, 'file');
  assert.is(
    images.length,
    shape.slice(2).reduce((size, n) => size * n, 1),
  );
  const all = images.map(({ values }) => summary(values));
  const scaled = answers.scaled as NonNullable<Answers['scaled']>;
  near(Math.min(...all.map(({ min }) => min)), scaled.min, 0.01, 'least');
  near(Math.max(...all.map(({ max }) => max)), scaled.max, 0.01, 'greatest');
  near(summary(all.map(({ mean }) => mean)).mean, scaled.mean, 0.01, 'mean');
}

function checkArray({ shape, data }: NpyArray, answers: Answers): void {
  assert.equal(shape, answers.shape);
  assert.is(sha256(Float64Array.from(data, Number)), answers.c_order_float64_le_sha256);
}

const CHECKS: Readonly<Record<string, (bytes: Uint8Array, answers: Answers) => unknown>> = {
  PNG: checkPng,
  JPEG: checkJpeg,
  DICOM: checkDicom,
  'NIfTI-1': checkNifti,
  'NIfTI-2': checkNifti,
  NPY: (bytes, answers) => checkArray(parseNpy(bytes), answers),
  NPZ: (bytes, answers) => {
    const arrays = readNpz(bytes);
    for (const [name, expected] of Object.entries(answers.arrays ?? {})) {
      checkArray(arrays.get(name) as NpyArray, expected);
    }
  },
};

async function refusal(run: () => unknown): Promise<Error | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

const manifest = dataPath('formats/manifest.json');
if (manifest) {
  const entries: Answers[] = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const answers of entries.filter(({ file }) => !file.startsWith('annotations/'))) {
    test(`${answers.file}: ${answers.expect}`, async () => {
      const bytes = readFileSync(dataPath(`formats/${answers.file}`) as string);
      const error = await refusal(() => readImages(bytes, answers.file));
      if (answers.expect.includes('refuse') && error) {
        assert.instance(error, RangeError);
        assert.match(error.message, /^[^:]+: .{20,}\.$/s);
        return;
      }
      assert.ok(answers.expect.includes('read'), 'read, expected a refusal');
      await CHECKS[answers.format](bytes, answers);
      // Arrays that are no images are refused as images, and .npz is a data set of its own.
      if (error && !['NPY', 'NPZ'].includes(answers.format)) throw error;
    });
  }
}

test.run();
