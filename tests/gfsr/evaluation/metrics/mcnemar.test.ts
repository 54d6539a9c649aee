// McNemar's test against binomial probabilities worked out by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { discordant, mcnemar } from '../../../../gfsr/evaluation/metrics/mcnemar.ts';

const p = (onlyFirst: number, onlySecond: number) => mcnemar({ onlyFirst, onlySecond });
const near = (got: number, expected: number) =>
  assert.ok(Math.abs(got - expected) <= 1e-12 * Math.max(1, expected), `${got}, not ${expected}`);

test('counts the images that one alone gets right', () => {
  const found = discordant([0, 1, 1, 0, 2], [0, 0, 1, 1, 2], [0, 1, 0, 1, 2]);
  assert.equal(found, { onlyFirst: 1, onlySecond: 1 });
  assert.equal(discordant([1, 1, 0], [1, 0, 1], [1, 1, 1]), { onlyFirst: 1, onlySecond: 1 });
  assert.equal(discordant([0, 0], [1, 1], [1, 1]), { onlyFirst: 0, onlySecond: 2 });
});

test('the exact binomial test', () => {
  near(p(0, 0), 1);
  near(p(0, 1), 1);
  near(p(0, 5), 2 / 32);
  near(p(1, 5), (2 * (1 + 6)) / 64);
  near(p(5, 1), p(1, 5));
  near(p(3, 3), 1);
  near(p(2, 8), (2 * (1 + 10 + 45)) / 1024);
});

test('thousands of images neither overflow nor vanish', () => {
  const large = p(4900, 5100);
  assert.ok(large > 0.045 && large < 0.0475, `${large}`); // z = 1.99 with the correction of continuity
  assert.ok(p(0, 5000) >= 0 && p(0, 5000) < 1e-300);
});

test.run();
