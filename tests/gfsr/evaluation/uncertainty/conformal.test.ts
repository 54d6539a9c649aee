// Conformal sets: thresholds and sets by hand, and the coverage they promise on fresh draws.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../engine/core/random.ts';
import {
  calibrateConformal,
  predictionSets,
  setQuality,
} from '../../../../gfsr/evaluation/uncertainty/conformal.ts';

const close = (a: number, b: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(a - b) <= tolerance, `got ${a}, expected ${b}`);

test('LAC: the ninth of nine scores at alpha 0.1, the fifth at 0.5', () => {
  const right = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.3];
  const probs = right.flatMap((p) => [p, 1 - p]);
  const labels = new Int32Array(9);
  close(calibrateConformal(probs, labels, 2, 0.1).threshold, 0.7); // ⌈10 · 0.9⌉ = 9
  close(calibrateConformal(probs, labels, 2, 0.5).threshold, 0.25); // ⌈10 · 0.5⌉ = 5
  assert.is(calibrateConformal(probs, labels, 2, 0.05).threshold, Number.POSITIVE_INFINITY);
});

test('LAC sets hold the classes of p ≥ 1 − threshold, and may be empty', () => {
  const rule = { score: 'lac', threshold: 0.6 } as const;
  const sets = predictionSets([0.5, 0.45, 0.05, 0.35, 0.35, 0.3, 0.8, 0.1, 0.1], 3, rule);
  assert.equal(sets, [[0, 1], [], [0]]);
  const all = predictionSets([0.9, 0.1], 2, { score: 'lac', threshold: Number.POSITIVE_INFINITY });
  assert.equal(all, [[0, 1]]);
});

test('APS: sums in the order of probability, 0 for the most probable', () => {
  const probs = [0.2, 0.5, 0.3];
  close(calibrateConformal(probs, [0], 3, 0.5, 'aps').threshold, 1); // 0.5 + 0.3 + 0.2
  close(calibrateConformal(probs, [2], 3, 0.5, 'aps').threshold, 0.8); // 0.5 + 0.3
  close(calibrateConformal(probs, [1], 3, 0.5, 'aps').threshold, 0);
  assert.equal(predictionSets(probs, 3, { score: 'aps', threshold: 0.85 }), [[1, 2]]);
  assert.equal(predictionSets(probs, 3, { score: 'aps', threshold: 0 }), [[1]]);
});

test('coverage, size, empty sets and the worst class', () => {
  const quality = setQuality([[0], [0, 1], [], [1]], [0, 0, 1, 1]);
  assert.equal(quality, { coverage: 0.75, size: 1, empty: 0.25, worstClassCoverage: 0.5 });
});

test('covers as many fresh draws as promised, whatever the probabilities are worth', () => {
  const random = new Random(3);
  const draw = (count: number) => {
    const labels = Int32Array.from({ length: count }, () => random.int(4));
    const probs = Array.from(labels).flatMap((label) => {
      const row = Array.from(
        { length: 4 },
        (_, c) => random.uniform() ** 3 + (c === label ? 0.3 : 0),
      );
      const total = row.reduce((a, b) => a + b);
      return row.map((v) => v / total);
    });
    return { labels, probs };
  };
  const [calibration, fresh] = [draw(1000), draw(4000)];
  for (const score of ['lac', 'aps'] as const) {
    for (const alpha of [0.1, 0.3]) {
      const rule = calibrateConformal(calibration.probs, calibration.labels, 4, alpha, score);
      const { coverage } = setQuality(predictionSets(fresh.probs, 4, rule), fresh.labels);
      // Sd of the threshold's coverage over 1,000 draws and of 4,000 fresh ones: at most 0.017.
      assert.ok(Math.abs(coverage - (1 - alpha)) < 0.05, `${score} ${alpha}: ${coverage}`);
    }
  }
});

test('says what is wrong', () => {
  assert.throws(() => calibrateConformal([1, 0], [0], 2, 1), /got alpha 1, expected above 0 and/);
  assert.throws(
    () => calibrateConformal([1, 0], [0, 1], 2, 0.1),
    /got 2 probabilities for 2 labels/,
  );
  assert.throws(() => setQuality([], []), /got 0 sets and 0 labels/);
});

test.run();
