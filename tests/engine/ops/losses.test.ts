// Losses and similarities against float64, and where their formulas have 0/0.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { testOps } from '../../support/op-check.ts';
import { specification } from './losses.ts';

const gpu = await testGpu();

testOps(specification);

test('where q is 0, the divergence has neither value nor gradient', async () => {
  const logP = gpu.parameter([-3, -0.25, -2], [1, 3]);
  const q = gpu.parameter([0, 1, 0], [1, 3]);
  const [dLogP, dq] = e.grad(e.klDivergence(logP, q), [logP, q]);
  assert.equal([...(await dLogP.data())], [-0, -1, -0]);
  assert.equal([...(await dq.data())], [0, 1.25, 0]);
});

test('a row of zeros is similar to nothing, and has no derivatives to second order', async () => {
  const a = gpu.parameter([0, 0, 3, 4], [2, 2]);
  const b = gpu.parameter([1, 2, 3, 4], [2, 2]);
  const y = e.cosineSimilarity(a, b);
  const first = e.grad(y, [a, b], { createGraph: true });
  const weights = gpu.tensor([1, 2, 1, 2], [2, 2]);
  const second = e.grad(e.sum(first.map((g) => e.sum(e.mul(g, weights))).reduce(e.add)), [a, b]);
  assert.equal([...(await y.data())], [0, 1]);
  for (const tensor of [...first, ...second]) {
    const values = [...(await tensor.data())];
    assert.equal(values.slice(0, 2).map(Math.abs), [0, 0]);
    assert.ok(values.every(Number.isFinite));
  }
});

test('shapes that do not fit are refused', () => {
  const [image, rows] = [gpu.zeros([1, 2, 3, 3]), gpu.zeros([2, 3])];
  const labels = gpu.tensor([0, 1], [2], 'u32');
  assert.throws(
    () => e.cosineSimilarity(rows, gpu.zeros([3, 2])),
    /^cosineSimilarity: shapes \[2, 3\] and/,
  );
  assert.throws(() => e.klDivergence(image, image), /^klDivergence: shapes \[1, 2, 3, 3\]/);
  assert.throws(
    () => e.binaryCrossEntropy(rows, labels),
    /^binaryCrossEntropy: targets have shape \[2\]/,
  );
});

test.run();
