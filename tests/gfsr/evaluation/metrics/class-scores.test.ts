// Sensitivity, specificity, predictive values, groups and the worst mistakes, counted by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  classScores,
  groupScores,
  share,
  worstMistakes,
} from '../../../../gfsr/evaluation/metrics/class-scores.ts';
import { confusionMatrix } from '../../../../model/metrics.ts';

// ill: 3 of 4 found, one false alarm among six others.
const LABELS = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
const SAID = [1, 1, 1, 0, 1, 0, 0, 0, 0, 0];
const counted = ({ hits, of }: { hits: number; of: number }) => [hits, of];

test('of two classes, each is the opposite of the other', () => {
  const [well, ill] = classScores(confusionMatrix(SAID, LABELS, 2), 2);
  assert.equal(counted(ill.sensitivity), [3, 4]);
  assert.equal(counted(ill.specificity), [5, 6]);
  assert.equal(counted(ill.ppv), [3, 4]);
  assert.equal(counted(ill.npv), [5, 6]);
  assert.equal(well.sensitivity, ill.specificity);
  assert.equal(well.ppv, ill.npv);
  assert.ok(ill.sensitivity.low < 0.75 && ill.sensitivity.high > 0.75);
});

test('of three classes, one is never called and one never occurs', () => {
  const [a, b, c] = classScores(confusionMatrix([0, 0, 2], [0, 1, 0], 3), 3);
  assert.equal(counted(a.sensitivity), [1, 2]);
  assert.equal(counted(a.specificity), [0, 1]);
  assert.equal(counted(b.ppv), [0, 0]);
  assert.ok(Number.isNaN(b.ppv.value) && Number.isNaN(b.ppv.low));
  assert.equal(counted(b.npv), [2, 3]);
  assert.equal(counted(c.sensitivity), [0, 0]);
  assert.equal(counted(c.specificity), [2, 3]);
});

test('groups, the largest first', () => {
  const groups = ['x', 'y', 'y', 'x', 'x', 'x', 'y', 'x', 'z', 'x'];
  const found = groupScores(groups, SAID, LABELS, 2);
  assert.equal(
    found.map(({ group, accuracy }) => [group, ...counted(accuracy)]),
    [
      ['x', 4, 6],
      ['y', 3, 3],
      ['z', 1, 1],
    ],
  );
  assert.equal(counted(found[0].sensitivity[1]), [1, 2]);
  assert.equal(counted(found[2].sensitivity[1]), [0, 0]);
});

test('the surest mistakes come first', () => {
  const probs = [0.9, 0.1, 0.4, 0.6, 0.2, 0.8, 0.3, 0.7];
  assert.equal(worstMistakes(probs, [0, 1, 1, 1], [1, 0, 0, 1], 2, 2), [0, 2]);
  assert.equal(worstMistakes(probs, [0, 1, 1, 1], [0, 1, 1, 1], 2, 2), []);
});

test('a share of nothing is no number', () => {
  assert.equal(counted(share(0, 0)), [0, 0]);
  assert.ok(Number.isNaN(share(0, 0).value));
});

test.run();
