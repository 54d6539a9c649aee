// Segments: connected, as many as asked, on the edges of the image, and the same every time.
import { existsSync, readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { connectedComponents } from '../../../gfsr/image/connected-components.ts';
import {
  defaultPlaces,
  defaultSegments,
  gridSegments,
  type Segmentation,
} from '../../../gfsr/masks/segmentation.ts';
import { slic } from '../../../gfsr/masks/slic.ts';

const DATA = process.env.GFSR_DATA ?? '../shared/data';

/** Labels 0..count-1 all used, each one 4-connected region. */
function assertPartition({ labels, count, height, width }: Segmentation): void {
  assert.is(labels.length, height * width);
  assert.is(new Set(labels).size, count);
  assert.is(Math.min(...labels), 0);
  assert.is(Math.max(...labels), count - 1);
  assert.is(connectedComponents(labels, height, width).count, count, 'a segment is in pieces');
}

/** Pixels of the smaller tone within segments that mix two tones. */
function mixedPixels({ labels, count }: Segmentation, tone: ArrayLike<number>): number {
  const tallies = Array.from({ length: count }, () => [0, 0]);
  for (let p = 0; p < labels.length; p++) tallies[labels[p]][tone[p]]++;
  return tallies.reduce((sum, [a, b]) => sum + Math.min(a, b), 0);
}

/** The first `n` images of a uint8 array in an npz. */
function loadBytes(path: string, name: string, n: number, size: number): Uint8Array {
  const npy = unzipSync(readFileSync(path), { filter: (f) => f.name === `${name}.npy` })[
    `${name}.npy`
  ];
  const start = 10 + npy[8] + 256 * npy[9];
  return npy.subarray(start, start + n * size);
}

test('a noisy image splits into connected segments, about as many as asked', () => {
  const random = new Random(1);
  for (const [height, width, segments] of [
    [28, 28, 25],
    [64, 48, 40],
    [128, 128, 50],
  ]) {
    const image = Uint8Array.from({ length: 3 * height * width }, () => 100 + random.int(40));
    const result = slic(image, { channels: 3, height, width, segments });
    assertPartition(result);
    assert.ok(
      Math.abs(result.count - segments) <= 0.4 * segments,
      `${result.count} of ${segments}`,
    );
  }
});

test('a flat image gives the grid', () => {
  const result = slic(new Uint8Array(28 * 28).fill(7), {
    channels: 1,
    height: 28,
    width: 28,
    segments: 16,
  });
  assert.is(result.count, 16);
  assertPartition(result);
});

test('segments keep to a slanted edge between two tones, grey and colour', () => {
  const [height, width] = [48, 48];
  const tone = Uint8Array.from({ length: height * width }, (_, p) => {
    const [y, x] = [Math.floor(p / width), p % width];
    return x > 14 + 0.4 * y ? 1 : 0;
  });
  const grey = tone.map((t) => (t ? 200 : 60));
  const grid = gridSegments({ height, width, rows: 5, cols: 5 });
  const one = slic(grey, { channels: 1, height, width, segments: 25 });
  assertPartition(one);
  assert.ok(mixedPixels(grid, tone) > 50, 'the grid must cut the edge, or this tests nothing');
  assert.is(mixedPixels(one, tone), 0);
  // Green against magenta of about equal lightness: only a* tells them apart.
  const colour = Uint8Array.from([
    ...tone.map((t) => (t ? 200 : 40)),
    ...tone.map((t) => (t ? 70 : 140)),
    ...tone.map((t) => (t ? 200 : 40)),
  ]);
  const three = slic(colour, { channels: 3, height, width, segments: 25 });
  assertPartition(three);
  assert.is(mixedPixels(three, tone), 0);
});

test('larger compactness gives shorter borders', () => {
  const random = new Random('texture');
  const image = Uint8Array.from({ length: 64 * 64 }, () => random.int(256));
  const border = (compactness: number): number => {
    const { labels } = slic(image, {
      channels: 1,
      height: 64,
      width: 64,
      segments: 25,
      compactness,
    });
    return labels.reduce((n, label, p) => n + (p % 64 < 63 && label !== labels[p + 1] ? 1 : 0), 0);
  };
  assert.ok(border(1000) < 0.7 * border(5), `${border(1000)} against ${border(5)}`);
});

test('extreme sizes: one pixel, one row, one segment, as many as pixels', () => {
  assert.equal(slic(new Uint8Array([5]), { channels: 1, height: 1, width: 1 }).count, 1);
  assertPartition(slic(new Uint8Array(40), { channels: 1, height: 1, width: 40, segments: 5 }));
  assert.is(slic(new Uint8Array(64), { channels: 1, height: 8, width: 8, segments: 1 }).count, 1);
  assert.is(slic(new Uint8Array(64), { channels: 1, height: 8, width: 8, segments: 64 }).count, 64);
});

test('default number of segments follows the size of the image', () => {
  assert.equal(
    [28, 64, 128, 224, 512].map((n) => defaultSegments(n, n)),
    [25, 25, 43, 75, 100],
  );
  assert.equal(
    [2, 8, 28, 64, 224].map((n) => defaultPlaces(n, n)),
    [1, 4, 49, 256, 256],
  );
});

test('grid', () => {
  assert.equal(
    [...gridSegments({ height: 3, width: 5, rows: 2, cols: 2 }).labels],
    [0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3],
  );
  assertPartition(gridSegments({ height: 28, width: 28, rows: 5, cols: 5 }));
});

test('bad input names what is wrong', () => {
  const options = { channels: 1, height: 4, width: 4 };
  assert.throws(
    () => slic(new Uint8Array(15), options),
    /slic: image has the wrong length, got 15/,
  );
  assert.throws(() => slic(new Uint8Array(16), { ...options, segments: 17 }), /got 17/);
  assert.throws(() => slic(new Uint8Array(16), { ...options, compactness: 0 }), /compactness/);
  assert.throws(
    () => slic(new Uint8Array(32), { ...options, channels: 2 }),
    /got 2, expected 1 or 3/,
  );
  assert.throws(() => gridSegments({ height: 4, width: 4, rows: 5, cols: 1 }), /got 5 x 1/);
});

const busi = `${DATA}/busi/busi_128_trainval.npz`;
if (existsSync(busi)) {
  test('real ultrasound images: segments are plausible and far flatter than a grid', () => {
    const names = Object.keys(unzipSync(readFileSync(busi), { filter: () => true }));
    const name = names.find((n) => n.includes('train') && n.includes('images')) ?? names[0];
    const size = 128 * 128;
    const images = loadBytes(busi, name.replace('.npy', ''), 5, size);
    for (let i = 0; i < 5; i++) {
      const image = images.subarray(i * size, (i + 1) * size);
      const result = slic(image, { channels: 1, height: 128, width: 128 });
      assertPartition(result);
      assert.ok(result.count >= 25 && result.count <= 65, `${result.count} segments`);
      const side = Math.round(Math.sqrt(result.count));
      const grid = gridSegments({ height: 128, width: 128, rows: side, cols: side });
      assert.ok(within(image, result) < 0.8 * within(image, grid));
    }
  });
}

/** Mean squared difference of a pixel to the mean of its segment. */
function within(image: Uint8Array, { labels, count }: Segmentation): number {
  const sums = new Float64Array(count);
  const areas = new Float64Array(count);
  labels.forEach((s, p) => {
    sums[s] += image[p];
    areas[s]++;
  });
  return (
    labels.reduce((sum, s, p) => sum + (image[p] - sums[s] / areas[s]) ** 2, 0) / labels.length
  );
}

test.run();
