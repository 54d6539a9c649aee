// Work ahead keeps order and its width, and a failure stays with its item.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ahead } from '../../../gfsr/data/ahead.ts';

test('results come in order, never more than the width at once, failures where they belong', async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number) => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < 10 - item; turn++) await null;
    running--;
    if (item === 3) throw new RangeError('three');
    return 2 * item;
  };
  const got: (number | string)[] = [];
  for await (const { item, result } of ahead([0, 1, 2, 3, 4, 5], 3, work)) {
    try {
      assert.is(result(), 2 * item);
      got.push(item);
    } catch (error) {
      got.push((error as Error).message);
    }
  }
  assert.equal(got, [0, 1, 2, 'three', 4, 5]);
  assert.is(most, 3);
});

test.run();
