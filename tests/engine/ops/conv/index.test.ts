// Convolution and its gradients against float64.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../../engine/index.ts';
import { testGpu } from '../../../support/gpu.ts';
import { testOps } from '../../../support/op-check.ts';
import { specification } from './index.ts';

const gpu = await testGpu();

testOps(specification);

test('shapes and options that do not fit a transposed convolution are refused', () => {
  const [x, weight] = [gpu.zeros([1, 2, 3, 3]), gpu.zeros([2, 1, 3, 3])];
  const refuses = (call: () => e.Tensor, message: RegExp) => assert.throws(call, message);
  refuses(
    () => e.convTranspose2d(gpu.zeros([2, 3]), weight),
    /^convTranspose2d: x \[2, 3\] and weight/,
  );
  refuses(() => e.convTranspose2d(x, gpu.zeros([3, 1, 3, 3])), /^convTranspose2d: .*weight \[3, 1/);
  refuses(() => e.convTranspose2d(x, weight, { outputPadding: 1 }), /outputPadding is 1, expected/);
  refuses(() => e.convTranspose2d(x, weight, { padding: 3 }), /the output would be -1 × -1/);
});

test.run();
