// The blur against float64.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { testOps } from '../../support/op-check.ts';
import { specification } from './blur.ts';

const gpu = await testGpu();

testOps(specification);

test('an image or a sigma that does not fit is refused', () => {
  assert.throws(() => e.gaussianBlur(gpu.zeros([1, 2, 3, 3]), 0), /^gaussianBlur: .*sigma 0/);
  assert.throws(() => e.gaussianBlur(gpu.zeros([2, 3]), 1), /^gaussianBlur: x \[2, 3\]/);
});

test.run();
