// Classification metrics against cases worked out by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrationBins, expectedCalibrationError } from '../../model/calibration.ts';
import {
  accuracy,
  balancedAccuracy,
  confusionMatrix,
  macroAuc,
  macroF1,
  predictedClasses,
  rocAuc,
  weightedAuc,
  worstGroupAccuracy,
} from '../../model/metrics.ts';

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}, expected ${expected}`);

// Class 0: 3 of 4 right. Class 1: 1 of 2 right. Class 2 never occurs, but is predicted once.
const LABELS = [0, 0, 0, 0, 1, 1];
const PREDICTED = [0, 0, 0, 1, 1, 2];

test('accuracy, balanced accuracy, macro-F1, confusion matrix', () => {
  near(accuracy(PREDICTED, LABELS), 4 / 6);
  assert.equal([...confusionMatrix(PREDICTED, LABELS, 3)], [3, 1, 0, 0, 1, 1, 0, 0, 0]);
  const balanced = balancedAccuracy(PREDICTED, LABELS, 3);
  near(balanced.value, (3 / 4 + 1 / 2) / 2);
  assert.is(balanced.skipped, 1);
  const f1 = macroF1(PREDICTED, LABELS, 3);
  near(f1.value, (6 / 7 + 2 / 4) / 2);
  assert.is(f1.skipped, 1);
  assert.ok(Number.isNaN(accuracy([], [])));
  assert.ok(Number.isNaN(balancedAccuracy([], [], 2).value));
});

test('AUC: perfect, reversed, by hand, ties count half, one kind is NaN', () => {
  assert.is(rocAuc([1, 2, 3, 4], [0, 0, 1, 1]), 1);
  assert.is(rocAuc([4, 3, 2, 1], [0, 0, 1, 1]), 0);
  assert.is(rocAuc([1, 1, 1, 1], [0, 1, 0, 1]), 0.5);
  // Pairs (positive, negative): 0.4 > 0.1, 0.4 = 0.4, 0.8 > both: 3.5 of 4.
  assert.is(rocAuc([0.1, 0.4, 0.4, 0.8], [0, 0, 1, 1]), 0.875);
  assert.ok(Number.isNaN(rocAuc([1, 2], [1, 1])));
  assert.ok(Number.isNaN(rocAuc([1, 2], [0, 0])));
});

test('AUC by ranks equals counting pairs', () => {
  const scores = Array.from({ length: 60 }, (_, i) => ((i * 7919) % 17) / 17);
  const positive = scores.map((_, i) => ((i * 31) % 7 < 3 ? 1 : 0));
  let [won, pairs] = [0, 0];
  for (let i = 0; i < 60; i++) {
    for (let j = 0; j < 60; j++) {
      if (!positive[i] || positive[j]) continue;
      pairs++;
      if (scores[i] > scores[j]) won++;
      else if (scores[i] === scores[j]) won += 0.5;
    }
  }
  near(rocAuc(scores, positive), won / pairs);
});

test('macro AUC: two classes use class 1; absent classes are left out and counted', () => {
  const binary = macroAuc([0.9, 0.1, 0.6, 0.4, 0.6, 0.4, 0.2, 0.8], [0, 0, 1, 1], 2);
  assert.equal(binary, { value: 0.875, skipped: 0 });
  const single = macroAuc([0.9, 0.1, 0.6, 0.4], [0, 0], 2);
  assert.ok(Number.isNaN(single.value));
  assert.is(single.skipped, 1);
  // Class 0 is ranked perfectly; class 1 wins 1 of 2 pairs; class 2 is absent.
  const three = macroAuc([0.8, 0.1, 0.1, 0.3, 0.5, 0.2, 0.2, 0.3, 0.5], [0, 0, 1], 3);
  near(three.value, (1 + 0.5) / 2);
  assert.is(three.skipped, 1);
});

test('worst group: the classes, or given groups', () => {
  const byClass = worstGroupAccuracy(PREDICTED, LABELS);
  assert.is(byClass.value, 0.5);
  assert.is(byClass.group, 1);
  const byGroup = worstGroupAccuracy(PREDICTED, LABELS, [7, 7, 3, 3, 7, 3]);
  near(byGroup.value, 1 / 3);
  assert.is(byGroup.group, 3);
  assert.equal([...byGroup.perGroup.keys()], [3, 7]);
  assert.is(worstGroupAccuracy([1, 1], [0, 0]).value, 0);
  assert.is(worstGroupAccuracy([], []).group, -1);
});

test('calibration error by hand', () => {
  // Bin (14/15, 1]: confidences 0.95 and 0.97, one right. Bin (8/15, 9/15]: 0.6, right.
  const probs = [0.95, 0.05, 0.97, 0.03, 0.4, 0.6];
  const gap = Math.abs(1 - 1.92) + Math.abs(1 - 0.6);
  near(expectedCalibrationError(probs, [0, 1, 1], 2), gap / 3);
  // Right and wrong of one bin cancel out; of two bins they do not.
  near(expectedCalibrationError([0.5, 0.5, 0.5, 0.5], [0, 1], 2), 0);
  // A bin holds its upper edge: 0.6 = 9 / 15 and 0.61 lie in two bins, and do not cancel out.
  near(expectedCalibrationError([0.6, 0.4, 0.61, 0.39], [0, 1], 2), (0.4 + 0.61) / 2);
  assert.is(expectedCalibrationError([1, 0, 0, 1], [0, 1], 2), 0);
  assert.is(expectedCalibrationError([1, 0, 0, 1], [1, 0], 2), 1);
});

test('predictions: first on a tie, NaN is refused', () => {
  assert.equal([...predictedClasses([0.5, 0.5, 0.1, 0.9], 2)], [0, 1]);
  assert.throws(() => predictedClasses([0.5, Number.NaN], 2), /NaN in row 0/);
});

test('bad input names what is wrong', () => {
  assert.throws(() => accuracy([1], [1, 2]), /accuracy: lengths differ, got 1 and 2/);
  assert.throws(() => confusionMatrix([0], [5], 3), /bad class, got 5, expected 0..2/);
  assert.throws(() => macroAuc([0.5, 0.5, 0.1], [0], 2), /whole rows of 2/);
  assert.throws(() => expectedCalibrationError([3, -1], [0], 2), /Pass probs, not logits/);
});

test('bins of confidence: (0, 1/2] and (1/2, 1]', () => {
  const { count, right, confidence, gap } = calibrationBins(
    [0.5, 0.5, 0.9, 0.1, 0.3, 0.7],
    [0, 0, 0],
    2,
    2,
  );
  assert.equal([...count], [1, 2]);
  assert.equal([...right], [1, 1]);
  near(confidence[1], 1.6);
  near(gap[1], 1 - 1.6);
});

test('the AUC of samples that count in part: half of one is a tie with its other half', () => {
  assert.is(weightedAuc([0.9, 0.1], [0.5, 0], [0.5, 1]), (1 + 0.5 / 2) / 1.5);
  assert.is(weightedAuc([1, 2, 3, 4], [0, 0, 2, 1], [1, 3, 0, 0]), 1);
  assert.ok(Number.isNaN(weightedAuc([Number.NaN, 1], [0, 0], [1, 1])));
});

test.run();
