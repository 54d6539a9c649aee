// Resizing against float64.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { testOps } from '../../support/op-check.ts';
import { specification } from './resize.ts';

const gpu = await testGpu();

testOps(specification);

test('a size that is no whole number is refused', () => {
  assert.throws(
    () => e.resizeNearest(gpu.zeros([1, 2, 3, 3]), [2, 1.5]),
    /^resizeNearest: .*to \[2, 1.5\]/,
  );
});

test.run();
