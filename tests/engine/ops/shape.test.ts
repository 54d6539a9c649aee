// Ops that move values against float64.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { testOps } from '../../support/op-check.ts';
import { specification } from './shape.ts';

const gpu = await testGpu();

testOps(specification);

test('a slice that does not fit is refused', () => {
  const rows = gpu.zeros([2, 3]);
  assert.throws(
    () => e.slice(rows, [0, 0], [1, 2], [1, 3]),
    /^slice: .*step \[1, 3\] do not fit in \[2, 3\]/,
  );
  assert.throws(() => e.slice(rows, [0, 0], [1, 2], [1, 0]), /^slice: /);
  assert.throws(() => e.slice(rows, [0, 0], [1, 2], [1]), /^slice: /);
});

test.run();
