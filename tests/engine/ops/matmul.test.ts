// Matrix products against float64.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { testOps } from '../../support/op-check.ts';
import { specification } from './matmul.ts';

const gpu = await testGpu();

testOps(specification);

test('inner sizes that differ are refused', () => {
  const x = gpu.zeros([2, 3]);
  assert.throws(() => e.matmul(x, x), /^matmul: .*\[2, 3\]/);
  assert.throws(() => e.matmul(x, gpu.zeros([3])), /^matmul: .*\[3\]/);
});

test.run();
