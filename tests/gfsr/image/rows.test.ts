// Rows of an array: one, several that follow one another, all; each a view.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rowAt, rowsBetween, rowsOf } from '../../../gfsr/image/rows.ts';

test('rows are where they are said to be, and share the memory of the whole', () => {
  const values = Float32Array.from({ length: 12 }, (_, i) => i);
  assert.equal([...rowAt(values, 2, 3)], [6, 7, 8]);
  assert.equal([...rowsBetween(values, 1, 3, 3)], [3, 4, 5, 6, 7, 8]);
  assert.equal(
    rowsOf(values, 4).map((row) => [...row]),
    [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ],
  );
  rowAt(values, 0, 3)[1] = -1;
  assert.is(values[1], -1);
});

test.run();
