// Scores by hand, and marks that were left out: looks spread, and where only the place tells, the mean does as well.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { MARK } from '../../../gfsr/annotation/marks.ts';
import type { DescribedSegments } from '../../../gfsr/masks/prepare.ts';
import { gridSegments } from '../../../gfsr/masks/segmentation.ts';
import {
  describeQuality,
  markedMean,
  scoreRelevance,
  spreadQuality,
} from '../../../gfsr/masks/spread-quality.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const floats = (...values: number[]) => Float32Array.from(values);

test('AUC and Brier score by hand: order, ties, weights, soft labels', () => {
  const all = floats(1, 1, 1, 1);
  const score = (r: Float32Array, y: Float32Array, w = all) => scoreRelevance(r, { y, w });
  const { auc, brier } = score(floats(0.9, 0.4, 0.6, 0.1), floats(1, 1, 0, 0));
  assert.is(auc, 3 / 4);
  assert.ok(Math.abs(brier - (0.01 + 0.36 + 0.36 + 0.01) / 4) < 1e-6);
  assert.is(score(floats(0.5, 0.5, 0.5, 0.5), floats(1, 1, 0, 0)).auc, 1 / 2);
  const weighted = score(floats(0.9, 0.4, 0.6, 0.1), floats(1, 1, 0, 0), floats(1, 0, 0.5, 0.5));
  assert.is(weighted.auc, 1);
  // A segment that is half relevant is half of each kind, and ties with itself.
  assert.is(score(floats(0.9, 0.1), floats(0.5, 0), floats(1, 1)).auc, (1 + 0.5 / 2) / 1.5);
  assert.ok(Number.isNaN(score(all, all).auc));
});

/** Twelve marked images of 16 segments. One segment is relevant: where the first column says, or always the same. */
function marked(place: (image: number) => number, isDescribed: boolean) {
  const [images, count, side] = [12, 16, 8];
  const random = new Random('held out');
  const grid = gridSegments({ height: side, width: side, rows: 4, cols: 4 });
  const rows = images * count;
  const y = Float32Array.from({ length: rows }, (_, s) =>
    s % count === place(Math.floor(s / count)) ? 1 : 0,
  );
  const h = Float32Array.from({ length: 3 * rows }, (_, i) =>
    i % 3 === 0 && isDescribed ? 4 * y[i / 3] : random.normal(),
  );
  const segments: DescribedSegments = {
    ...{ rows, h, dims: 3, place: 1, classOf: new Int32Array(rows), numClasses: 2 },
    offsets: Int32Array.from({ length: images + 1 }, (_, i) => i * count),
  };
  const plane = Uint8Array.from({ length: side * side }, (_, p) => (p === 0 ? MARK.positive : 0));
  const annotations = new Map(Array.from({ length: images }, (_, i) => [i, [plane]]));
  const labels = { y, w: new Float32Array(rows).fill(1) };
  const segmentations = Array.from({ length: images }, () => grid);
  return { segments, segmentations, annotations, labels };
}

const options = {
  ...({ features: 'last', position: 'none', concepts: 0, conceptInputs: false } as const),
  ...{ perClass: false, relevanceNetwork: true, seed: 0, networkSteps: 60 },
};

test('what a segment looks like spreads to images that were left out', async () => {
  const quality = await spreadQuality(
    gpu,
    marked((image) => (5 * image) % 16, true),
    options,
  );
  assert.ok(quality);
  assert.equal([quality.images, quality.folds], [12, 5]);
  assert.ok(quality.spread.auc > 0.95 && quality.mean.auc < 0.6, describeQuality(quality));
  assert.is(quality.isMeanTaken, false);
});

test('where only the place tells, the mean of the marks is taken', async () => {
  const same = marked(() => 6, false);
  const quality = await spreadQuality(gpu, same, options);
  assert.ok(quality?.isMeanTaken);
  assert.is(quality.mean.auc, 1);
  assert.match(describeQuality(quality), /so the mean guides every image/);
  assert.equal([...markedMean(same).subarray(0, 16)], [...same.labels.y.subarray(0, 16)]);
});

test('images on which nothing is relevant are not scored, and one image is too few', async () => {
  const all = marked((image) => image, true);
  const nothing = new Uint8Array(64).fill(MARK.negative);
  const annotations = new Map([...all.annotations].map(([i, p]) => [i, i < 9 ? [nothing] : p]));
  const quality = await spreadQuality(gpu, { ...all, annotations }, options);
  assert.equal([quality?.images, quality?.folds], [3, 3]);
  const one = new Map([...all.annotations].slice(0, 1));
  assert.is(await spreadQuality(gpu, { ...all, annotations: one }, options), undefined);
});

test.run();
