// Normalisation against float64.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batchNorm } from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { testOps } from '../../support/op-check.ts';

const gpu = await testGpu();

test('moments that are not [2, C] are refused at once, not in the gradient', () => {
  const [x, c] = [gpu.zeros([2, 3, 4]), gpu.zeros([3])];
  assert.throws(
    () => batchNorm(x, gpu.zeros([6]), c, c),
    /channelNormalize: moments \[6\], gamma \[3\] and beta \[3\] do not fit x \[2, 3, 4\]/,
  );
});

testOps('norm');
