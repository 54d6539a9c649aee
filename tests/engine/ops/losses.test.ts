// Losses and similarities against float64, and where their formulas have 0/0.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cosineSimilarity, grad, klDivergence } from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { testOps } from '../../support/op-check.ts';

const gpu = await testGpu();

test('where q is 0, the divergence has neither value nor gradient', async () => {
  const logP = gpu.parameter([-3, -0.25, -2], [1, 3]);
  const q = gpu.parameter([0, 1, 0], [1, 3]);
  const [dLogP, dq] = grad(klDivergence(logP, q), [logP, q]);
  assert.equal([...(await dLogP.data())], [-0, -1, -0]);
  assert.equal([...(await dq.data())], [0, 1.25, 0]);
});

test('a row of zeros is similar to nothing, with a finite gradient', async () => {
  const a = gpu.parameter([0, 0, 3, 4], [2, 2]);
  const b = gpu.tensor([1, 2, 3, 4], [2, 2]);
  const y = cosineSimilarity(a, b);
  const [da] = grad(y, [a]);
  assert.equal([...(await y.data())], [0, 1]);
  assert.ok((await da.data()).every(Number.isFinite));
});

testOps('losses');
