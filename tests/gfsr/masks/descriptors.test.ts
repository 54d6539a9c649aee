// Descriptors against values worked out by hand, and the group weights of the z-score.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { toLab } from '../../../gfsr/image/color.ts';
import {
  concatDescriptors,
  type Descriptors,
  describeImages,
} from '../../../gfsr/masks/descriptors.ts';
import { gridSegments } from '../../../gfsr/masks/segmentation.ts';
import { slic } from '../../../gfsr/masks/slic.ts';
import { fitStandardization, standardize } from '../../../gfsr/masks/standardization.ts';

const close = (actual: ArrayLike<number>, expected: number[], eps = 1e-5): void => {
  assert.is(actual.length, expected.length);
  expected.forEach((e, i) => {
    assert.ok(Math.abs(actual[i] - e) <= eps, `[${i}] ${actual[i]}, expected ${e}`);
  });
};

test('grey 2 x 4 image in two halves, by hand', () => {
  const image = new Uint8Array([0, 255, 119, 119, 0, 255, 119, 119]);
  const shape = { channels: 1, height: 2, width: 4 };
  const features = {
    data: Float32Array.from([1, 3, 5, 7, -2, 2, 2, 2]),
    channels: 2,
    height: 1,
    width: 4,
  };
  const halves = gridSegments({ height: 2, width: 4, rows: 1, cols: 2 });
  const result = describeImages(image, shape, [halves], [features]);
  assert.equal(result.groups, { deep: 2, color: 2, position: 2, size: 1 });
  assert.is(result.dims, 7);
  assert.equal([...result.offsets], [0, 2]);
  const half = Math.log(0.5);
  const [grey] = toLab(new Uint8Array([119]), { channels: 1, height: 1, width: 1 });
  close(result.data, [2, 0, 50, 50, 0.5, 0.25, half, 6, 2, grey, 0, 0.5, 0.75, half]);
});

test('pooling by area weights equals averaging the enlarged map, at any ratio', () => {
  const random = new Random('maps');
  const [height, width] = [12, 10];
  const image = Uint8Array.from({ length: 3 * height * width }, () => random.int(256));
  const shape = { channels: 3, height, width };
  const segmentation = slic(image, { ...shape, segments: 6 });
  for (const [h, w] of [
    [3, 5],
    [5, 7],
    [12, 10],
    [24, 25],
  ]) {
    const data = random.fillNormal(new Float32Array(2 * h * w));
    const { data: rows, dims } = describeImages(
      image,
      shape,
      [segmentation],
      [{ data, channels: 2, height: h, width: w }],
    );
    // Both grids divide this fine one, so that counting its cells is exact.
    const [fineH, fineW] = [height * h, width * w];
    const sums = new Float64Array(2 * segmentation.count);
    const areas = new Float64Array(segmentation.count);
    for (let y = 0; y < fineH; y++) {
      for (let x = 0; x < fineW; x++) {
        const s = segmentation.labels[Math.floor(y / h) * width + Math.floor(x / w)];
        const cell = Math.floor(y / height) * w + Math.floor(x / width);
        areas[s]++;
        for (let k = 0; k < 2; k++) sums[2 * s + k] += data[k * h * w + cell];
      }
    }
    for (let s = 0; s < segmentation.count; s++) {
      close(rows.slice(s * dims, s * dims + 2), [
        sums[2 * s] / areas[s],
        sums[2 * s + 1] / areas[s],
      ]);
    }
  }
});

test('a set equals its images one by one, and batches joined', () => {
  const random = new Random('set');
  const shape = { channels: 3, height: 8, width: 8 };
  const images = Uint8Array.from({ length: 3 * 192 }, () => random.int(256));
  const data = random.fillNormal(new Float32Array(3 * 4 * 4));
  const segmentations = [4, 6, 9].map((segments, i) =>
    slic(images.subarray(i * 192, (i + 1) * 192), { ...shape, segments }),
  );
  const maps = (from: number, to: number) => ({
    data: data.subarray(from * 16, to * 16),
    channels: 1,
    height: 4,
    width: 4,
  });
  const whole = describeImages(images, shape, segmentations, [maps(0, 3)]);
  const parts = [0, 1, 2].map((i) =>
    describeImages(
      images.subarray(i * 192, (i + 1) * 192),
      shape,
      [segmentations[i]],
      [maps(i, i + 1)],
    ),
  );
  assert.equal(concatDescriptors(parts), whole);
  assert.is(whole.dims, 1 + 6 + 2 + 1);
});

test('z-scores: mean 0, each group the same share; constant columns drop out', () => {
  const rows = 500;
  const groups = { deep: 5, color: 2, position: 2, size: 1 };
  const random = new Random('z');
  const data = random.fillNormal(new Float32Array(rows * 10), 3, 2);
  for (let r = 0; r < rows; r++) data[r * 10 + 4] = 0.1;
  const set: Descriptors = { data, rows, dims: 10, groups, offsets: Int32Array.of(0, rows) };
  const energy = (weights?: Parameters<typeof fitStandardization>[1]): number[] => {
    const z = standardize(set, fitStandardization(set, weights));
    const sums = [0, 0, 0, 0];
    const group = [0, 0, 0, 0, 0, 1, 1, 2, 2, 3];
    z.forEach((v, i) => {
      sums[group[i % 10]] += v * v;
    });
    for (let r = 0; r < rows; r++) assert.is(Math.abs(z[r * 10 + 4]), 0);
    return sums.map((s) => s / rows);
  };
  close(energy(), [1, 1, 1, 1], 1e-4);
  close(energy({ deep: 2, size: 0 }), [4, 1, 1, 0], 1e-4);
});

test('bad input names what is wrong', () => {
  const shape = { channels: 1, height: 4, width: 4 };
  const grid = gridSegments({ height: 4, width: 4, rows: 2, cols: 2 });
  assert.throws(
    () => describeImages(new Uint8Array(16), shape, [grid, grid]),
    /got 16, expected 32/,
  );
  const features = { data: new Float32Array(3), channels: 1, height: 2, width: 2 };
  assert.throws(
    () => describeImages(new Uint8Array(16), shape, [grid], [features]),
    /got 3, expected 4/,
  );
  const other = gridSegments({ height: 2, width: 8, rows: 1, cols: 2 });
  assert.throws(
    () => describeImages(new Uint8Array(16), shape, [other]),
    /segmentation has the wrong size/,
  );
});

test.run();
