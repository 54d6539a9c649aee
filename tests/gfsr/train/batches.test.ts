// The order of training images: uniform and balanced, and that the seed decides it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { trainingOrder } from '../../../gfsr/train/batches.ts';
import { epochOrder } from '../../../model/batches.ts';

/** 12 of class 0, 3 of class 1, 5 of class 3. */
const LABELS = [...Array(12).fill(0), ...Array(3).fill(1), ...Array(5).fill(3)];

test('uniform takes every image once', () => {
  assert.equal(trainingOrder('uniform', 4, 2, LABELS), epochOrder(4, 2, LABELS.length));
  assert.equal(
    [...trainingOrder('uniform', 4, 2, LABELS)].sort((a, b) => a - b),
    LABELS.map((_, i) => i),
  );
});

test('balanced takes every class in turn, and every image of a class before one comes again', () => {
  const order = [...trainingOrder('balanced', 0, 0, LABELS)];
  assert.is(order.length, LABELS.length);
  for (let at = 0; at + 3 <= order.length; at += 3) {
    const turn = order.slice(at, at + 3).map((i) => LABELS[i]);
    assert.equal([...turn].sort(), [0, 1, 3]);
  }
  const ofRare = order.filter((i) => LABELS[i] === 1);
  assert.is(new Set(ofRare.slice(0, 3)).size, 3);
  assert.is(new Set(ofRare.slice(3, 6)).size, 3);
  const frequent = order.filter((i) => LABELS[i] === 0);
  assert.is(new Set(frequent).size, frequent.length);
});

test('balanced: the same for the same seed, another in another epoch, the turns not always alike', () => {
  const draw = (seed: number, epoch: number) => [...trainingOrder('balanced', seed, epoch, LABELS)];
  assert.equal(draw(1, 0), draw(1, 0));
  assert.not.equal(draw(1, 0), draw(1, 1));
  assert.not.equal(draw(1, 0), draw(2, 0));
  const firsts = new Set(draw(1, 0).flatMap((i, at) => (at % 3 === 0 ? [LABELS[i]] : [])));
  assert.ok(firsts.size > 1);
});

test('balanced with balanced data still takes every image once', () => {
  const labels = Array.from({ length: 12 }, (_, i) => i % 3);
  assert.is(new Set(trainingOrder('balanced', 0, 0, labels)).size, 12);
});

test.run();
