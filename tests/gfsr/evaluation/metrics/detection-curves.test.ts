// ROC and precision–recall curves by hand, with ties, and their areas against metrics that are computed otherwise.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../engine/core/random.ts';
import {
  type DetectionCurves,
  detectionCurves,
  meanCurves,
  POINTS,
  rankClass,
} from '../../../../gfsr/evaluation/metrics/detection-curves.ts';
import { rocAuc } from '../../../../model/metrics.ts';

const curvesOf = (scores: number[], positive: number[], weights = scores.map(() => 1)) =>
  detectionCurves(
    rankClass(
      scores.flatMap((s) => [1 - s, s]),
      Int32Array.from(positive),
      2,
      1,
    ),
    Float64Array.from(weights),
  );
const near = (got: number, expected: number, within = 1e-12) =>
  assert.ok(Math.abs(got - expected) <= within, `${got}, expected ${expected}`);

test('by hand: positives at 0.9 and 0.4, negatives at 0.6 and 0.1', () => {
  const { sensitivity, precision, auc, averagePrecision } = curvesOf(
    [0.9, 0.6, 0.4, 0.1],
    [1, 0, 1, 0],
  );
  // Half are found before the first false alarm, all before the second.
  assert.equal(
    [0, 49, 50, 100].map((p) => sensitivity[p]),
    [0.5, 0.5, 1, 1],
  );
  assert.equal(
    [0, 50, 51, 100].map((p) => precision[p]),
    [1, 1, 2 / 3, 2 / 3],
  );
  near(auc, 3 / 4);
  near(averagePrecision, (1 + 2 / 3) / 2);
});

test('ties are a slope, in whatever order the images come', () => {
  const tied = curvesOf([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 1]);
  for (let p = 0; p < POINTS; p++) near(tied.sensitivity[p], p / (POINTS - 1));
  assert.ok(tied.precision.every((value) => value === 0.5));
  assert.equal(tied, curvesOf([0.5, 0.5, 0.5, 0.5], [0, 1, 1, 0]));
});

test('areas are those of rocAuc, and a weight is as good as a copy', () => {
  const random = new Random('curves');
  const scores = Array.from({ length: 200 }, () => random.int(30) / 30);
  const positive = scores.map((s) => Number(random.uniform() < s));
  const { auc, sensitivity } = curvesOf(scores, positive);
  near(auc, rocAuc(scores, positive));
  const trapezoids = sensitivity.reduce(
    (sum, v, p) => sum + (p > 0 ? (v + sensitivity[p - 1]) / 2 / (POINTS - 1) : 0),
    0,
  );
  near(trapezoids, auc, 0.005);
  const weights = scores.map(() => random.int(3));
  const copies = (of: number[]) => of.flatMap((v, i) => Array<number>(weights[i]).fill(v));
  assert.equal(curvesOf(scores, positive, weights), curvesOf(copies(scores), copies(positive)));
});

test('a class that does not occur has no curve, and the mean leaves it out', () => {
  const none = curvesOf([0.5, 0.7], [0, 0]);
  assert.ok(Number.isNaN(none.auc) && none.sensitivity.every(Number.isNaN));
  const some = curvesOf([0.5, 0.7], [0, 1]);
  const same = (a: DetectionCurves, b: DetectionCurves) => assert.equal(a, b);
  same(meanCurves([none, some]), some);
  near(meanCurves([some, curvesOf([0.5, 0.7], [1, 0])]).auc, 0.5);
});

test.run();
