// Batches of samples: each sample once, in an order that the seed decides.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type BatchOptions, batches } from '../../model/batches.ts';

const all = (options: BatchOptions) =>
  [...batches(10, { batchSize: 4, ...options })].map((b) => [...b]);

test('every sample comes once, and the last batch is what is left', () => {
  const made = all({});
  assert.equal(
    made.map((batch) => batch.length),
    [4, 4, 2],
  );
  assert.equal(
    made.flat().sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test('seed and epoch decide the order', () => {
  assert.equal(all({ seed: 1, epoch: 2 }), all({ seed: 1, epoch: 2 }));
  assert.not.equal(all({ seed: 1, epoch: 2 }), all({ seed: 1, epoch: 3 }));
  assert.not.equal(all({ seed: 1 }), all({ seed: 2 }));
});

test('dropLast and shuffle', () => {
  assert.equal(all({ shuffle: false, dropLast: true }), [
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ]);
});

test('bad numbers are refused', () => {
  assert.throws(
    () => all({ batchSize: 0 }),
    /batches: batchSize is 0, expected a whole number ≥ 1/,
  );
  assert.throws(() => [...batches(0)], /count is 0/);
  assert.throws(
    () => all({ batchSize: 11, dropLast: true }),
    /10 samples do not fill a batch of 11/,
  );
});

test.run();
