// From logits to scores.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classificationScores, probabilities } from '../../model/scores.ts';

test('probabilities are the softmax of each row, whatever its size', () => {
  const p = probabilities([1000, 1000 + Math.log(3), -1e4, -1e4], 2);
  assert.equal(
    [...p].map((v) => Math.round(v * 1e6) / 1e6),
    [0.25, 0.75, 0.5, 0.5],
  );
  assert.throws(() => probabilities([1, 2, 3], 2), /got 3 logits, expected whole rows of 2/);
});

test('scores of logits', () => {
  const logits = [2, 0, 0, 1, 3, 0, 0, 5];
  const scores = classificationScores(probabilities(logits, 2), [0, 1, 1, 1], 2);
  assert.is(scores.accuracy, 0.75);
  assert.is(scores.balancedAccuracy, (1 + 2 / 3) / 2);
  assert.is(scores.auc, 2 / 3);
  assert.is(scores.worstClassAccuracy, 2 / 3);
});

test.run();
