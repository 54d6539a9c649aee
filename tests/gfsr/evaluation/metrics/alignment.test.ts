// Alignment metrics against cases worked out by hand, with empty masks, dead maps and ties.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ALIGNMENT_METRICS,
  aggregate,
  emptiness,
  energyGain,
  energyPointingGame,
  IOU_THRESHOLDS,
  iou,
  iouSweep,
  pearson,
  pixelAuc,
  pointingGame,
  relevanceMass,
  relevanceRankAccuracy,
  similarity,
  softDice,
} from '../../../../gfsr/evaluation/metrics/alignment.ts';

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}, expected ${expected}`);

const S = [4, 1, -2, 3];
const M = [1, 1, 0, 0];

test('energy pointing game: signed saliency, soft mask, and its gain over the area', () => {
  near(energyPointingGame(S, M), 5 / 8);
  near(energyGain(S, M), 5 / 8 - 1 / 2);
  near(energyPointingGame(S, [0.5, 0.25, 1, 0]), 2.25 / 8);
  near(energyGain([2, 2, 2, 2], [1, 0, 0, 0]), 0);
});

test('IoU of min-max S+ above a threshold, and the sweep', () => {
  // S+ = 4 1 0 3 scales to 1 0.25 0 0.75: above 0.5 are pixels 0 and 3.
  near(iou(S, M), 1 / 3);
  near(iou(S, M, 0.2), 2 / 3);
  near(iou(S, M, 0.8), 1 / 2);
  assert.equal([...iouSweep(S, M, [0.2, 0.5, 0.8])], [2 / 3, 1 / 3, 1 / 2]);
  assert.is(iouSweep(S, M).length, IOU_THRESHOLDS.length);
  // {0, 1, 3} at 0.05 to 0.2, {0, 3} at 0.25 to 0.7, {0} at 0.75 to 0.95.
  near(ALIGNMENT_METRICS.iouSweep(S, M), (4 * (2 / 3) + 10 / 3 + 5 / 2) / 19);
  // The minimum is taken off: 6 7 8 9 scales to 0 1/3 2/3 1.
  near(iou([6, 7, 8, 9], [0, 0, 1, 1]), 1);
  assert.is(iou([3, 3, 3, 3], M), 0);
});

test('pointing game: the highest pixel, ties by share', () => {
  assert.is(pointingGame(S, M), 1);
  assert.is(pointingGame([1, 2, 9, 3], M), 0);
  assert.is(pointingGame([9, 2, 9, 9], M), 1 / 3);
  assert.is(pointingGame([-4, -1, -2, -3], M), 1);
});

test('relevance rank accuracy: the top |M|, ties by share', () => {
  near(relevanceRankAccuracy(S, M), 1 / 2);
  near(relevanceRankAccuracy([5, 4, 1, 0], M), 1);
  // 5 is in; one place is left for three tied pixels, one of them inside.
  near(relevanceRankAccuracy([5, 2, 2, 2], M), (1 + 1 / 3) / 2);
});

test('relevance mass counts both signs', () => {
  near(relevanceMass(S, M), 5 / 10);
  near(relevanceMass([4, 1, 2, 3], M), energyPointingGame([4, 1, 2, 3], M));
});

test('pixel AUC', () => {
  // Pairs: 4 > -2, 4 > 3, 1 > -2, 1 < 3.
  near(pixelAuc(S, M), 3 / 4);
  assert.is(pixelAuc([1, 1, 1, 1], M), 0.5);
  assert.ok(Number.isNaN(pixelAuc(S, [1, 1, 1, 1])));
});

test('Pearson correlation', () => {
  near(pearson([2, 2, 0, 0], M), 1);
  near(pearson([0, 0, 3, 3], M), -1);
  // Means 1.5 and 0.5: covariance 2, variances 21 and 1.
  near(pearson(S, M), 2 / Math.sqrt(21));
  assert.is(pearson([0.1, 0.1, 0.1, 0.1], M), 0);
  assert.ok(Number.isNaN(pearson(S, [1, 1, 1, 1])));
});

test('SIM and soft Dice', () => {
  // S+ / 8 = 0.5 0.125 0 0.375 against 0.5 0.5 0 0.
  near(similarity(S, M), 0.625);
  near(similarity([3, 3, 0, 0], M), 1);
  near(similarity([0, 0, 1, 1], M), 0);
  // S+ / 4 = 1 0.25 0 0.75: 2 * 1.25 / (1.625 + 2).
  near(softDice(S, M), 2.5 / 3.625);
  near(softDice([1, 0.5, 0.25, 0], [1, 0.5, 0.25, 0]), 1);
});

test('a soft mask weighs its pixels', () => {
  // S+ scales to 1 0.25 0 0.75: above 0.5 are pixels 0 and 3.
  near(iou(S, [0.5, 0.5, 0, 1]), 1.5 / 2.5);
  near(pointingGame(S, [0.4, 1, 0, 0]), 0.4);
  near(pointingGame([3, 1, 3, 0], [0.4, 1, 0.8, 0]), 0.6);
  near(relevanceMass(S, [0.5, 0.25, 1, 0]), 4.25 / 10);
});

test('a map is empty, constant, or says something', () => {
  assert.is(emptiness([0, 0, 0]), 'empty');
  assert.is(emptiness([-3, 0, 1e-8]), 'empty');
  assert.is(emptiness([2, 2, 2]), 'constant');
  assert.is(emptiness([1, 1 - 1e-8, 1]), 'constant');
  assert.is(emptiness([1, 1 - 1e-4, 1]), undefined);
  assert.is(emptiness([1, 0, 0]), undefined);
});

test('an empty mask is NaN for every metric, and a soft one only where a set is meant', () => {
  for (const [name, metric] of Object.entries(ALIGNMENT_METRICS)) {
    assert.ok(Number.isNaN(metric(S, [0, 0, 0, 0])), name);
  }
  near(energyPointingGame(S, [0.4, 0.4, 0, 0]), 2 / 8);
  assert.ok(Number.isNaN(pixelAuc(S, [0.4, 0.4, 0, 0])));
  assert.ok(Number.isNaN(relevanceRankAccuracy(S, [0.4, 0.4, 0, 0])));
});

test('a dead map is 0 on energies and chance on ranks, never NaN', () => {
  const expected: Record<keyof typeof ALIGNMENT_METRICS, number> = {
    epg: 0,
    epgGain: -0.5,
    iou: 0,
    iouSweep: 0,
    pointingGame: 0.5,
    relevanceRank: 0.5,
    relevanceMass: 0,
    pixelAuc: 0.5,
    pearson: 0,
    sim: 0,
    softDice: 0,
  };
  for (const [name, metric] of Object.entries(ALIGNMENT_METRICS)) {
    near(metric([0, 0, 0, 0], M), expected[name as keyof typeof ALIGNMENT_METRICS]);
  }
  assert.is(energyPointingGame([2e-8, 2e-8, 0, 0], M), 0);
  near(energyPointingGame([2e-7, 0, 0, 0], M), 1);
});

test('aggregate: NaN left out and counted', () => {
  const some = aggregate([1, Number.NaN, 3, 5]);
  assert.is(some.mean, 3);
  assert.is(some.sd, 2);
  assert.is(some.count, 3);
  assert.is(some.skipped, 1);
  const none = aggregate([Number.NaN]);
  assert.ok(Number.isNaN(none.mean) && Number.isNaN(none.sd));
  assert.is(none.skipped, 1);
  assert.ok(Number.isNaN(aggregate([2]).sd));
});

test('bad input names what is wrong: a diverged net must not look like an empty mask', () => {
  for (const metric of Object.values(ALIGNMENT_METRICS)) {
    assert.throws(() => metric([1, Number.NaN, 0, 0], M), /bad saliency at pixel 1, got NaN/);
  }
  assert.throws(() => iou([1], M), /iou: sizes differ, got a saliency of 1 pixels and a mask of 4/);
  assert.throws(() => iou(S, [0, 255, 0, 0]), /bad mask at pixel 1, got 255/);
});

test.run();
