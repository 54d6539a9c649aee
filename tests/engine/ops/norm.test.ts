// Normalisation against float64.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './norm.ts';

const gpu = await testGpu();

testOps(specification);

testNaN('channelMoments', (x) => e.channelMoments(e.reshape(x, [1, 1, 4])));

test('moments that are not [2, C] are refused at once, not in the gradient', () => {
  const [x, c] = [gpu.zeros([2, 3, 4]), gpu.zeros([3])];
  assert.throws(
    () => e.batchNorm(x, gpu.zeros([6]), c, c),
    /channelNormalize: moments \[6\], gamma \[3\] and beta \[3\] do not fit x \[2, 3, 4\]/,
  );
});

test('parameters that do not fit the trailing axes are refused', () => {
  const two = gpu.zeros([2]);
  assert.throws(() => e.layerNorm(gpu.zeros([2, 3]), two, two), /^layerNorm: gamma \[2\]/);
});

test.run();
