// Standard errors of accuracy and AUC, by hand and against the spread of simulated samples.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../engine/core/random.ts';
import {
  accuracyError,
  macroAucError,
  wilson,
} from '../../../../gfsr/evaluation/metrics/standard-errors.ts';
import { macroAuc } from '../../../../model/metrics.ts';
import { probabilities } from '../../../../model/scores.ts';

const near = (got: number, expected: number, within = 1e-12) =>
  assert.ok(Math.abs(got - expected) <= within, `${got}, expected ${expected}`);
const ofClass1 = (scores: readonly number[]) => scores.flatMap((p) => [1 - p, p]);

test('accuracy', () => {
  near(accuracyError(0.8, 100), 0.04);
  assert.is(accuracyError(1, 10), 0);
});

test("DeLong's error by hand, with and without ties", () => {
  // Placements 1 and 1/2 of the positives, 1/2 and 1 of the negatives: variances 1/8, each over 2.
  near(macroAucError(ofClass1([0.8, 0.6, 0.7, 0.3]), [1, 1, 0, 0], 2), Math.sqrt(1 / 8));
  // Positives 1 and 3/4, negatives 3/4 and 1: variances 1/32.
  near(macroAucError(ofClass1([0.8, 0.6, 0.6, 0.3]), [1, 1, 0, 0], 2), Math.sqrt(1 / 32));
  assert.is(macroAucError(ofClass1([0.9, 0.8, 0.2, 0.1]), [1, 1, 0, 0], 2), 0);
  assert.ok(Number.isNaN(macroAucError(ofClass1([0.9, 0.8, 0.2]), [1, 0, 0], 2)));
  assert.ok(Number.isNaN(macroAucError(ofClass1([0.9, 0.8]), [0, 0], 2)));
  // Rounding must not make an infinity of a single positive.
  for (let negatives = 2; negatives < 40; negatives++) {
    const scores = Array.from({ length: negatives + 1 }, (_, i) => (i === 0 ? 0.35 : i / 41));
    const labels = scores.map((_, i) => (i === 0 ? 1 : 0));
    assert.ok(Number.isNaN(macroAucError(ofClass1(scores), labels, 2)));
  }
});

for (const classes of [2, 4]) {
  test(`the error is the spread over samples of images, ${classes} classes`, () => {
    const random = new Random(classes, 'standard errors');
    const count = 120;
    const samples = Array.from({ length: 400 }, () => {
      const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
      const logits = Float64Array.from(
        { length: count * classes },
        (_, k) => random.normal() + (k % classes === labels[Math.floor(k / classes)] ? 0.8 : 0),
      );
      const probs = probabilities(logits, classes);
      return {
        auc: macroAuc(probs, labels, classes).value,
        error: macroAucError(probs, labels, classes),
      };
    });
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
    const center = mean(samples.map(({ auc }) => auc));
    const spread = Math.sqrt(mean(samples.map(({ auc }) => (auc - center) ** 2)));
    // The spread of 400 samples is itself known to 1/√800, 3.5 %: three of these.
    near(mean(samples.map(({ error }) => error)) / spread, 1, 0.11);
  });
}

test('the interval of a share is that of Wilson', () => {
  const [low, high] = wilson(0.5, 100);
  assert.ok(Math.abs(low - 0.4038) < 1e-4 && Math.abs(high - 0.5962) < 1e-4);
  assert.ok(Math.abs(wilson(1, 10)[1] - 1) < 1e-12);
});

test.run();
