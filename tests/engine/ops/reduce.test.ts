// Reductions against float64, at NaN, at infinities and at ties.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { gradientAt, testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './reduce.ts';

const gpu = await testGpu();

testOps(specification);

for (const [name, apply] of Object.entries<(x: e.Tensor) => e.Tensor>({
  sum: e.sum,
  max: e.max,
  min: e.min,
  'max over a long axis': (x) => e.max(e.broadcastTo(x, [200, 4])),
  'min over a long axis': (x) => e.min(e.broadcastTo(x, [200, 4])),
  'mean over a long axis': (x) => e.mean(e.broadcastTo(x, [200, 4])),
})) {
  testNaN(name, apply);
}

test('the extremes of infinities are infinite', async () => {
  const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  assert.is(await e.max(gpu.tensor([low, low])).item(), low);
  assert.is(await e.min(gpu.tensor([high, high])).item(), high);
});

test('equal extremes share the gradient', async () => {
  assert.equal(await gradientAt((x) => e.min(x), [2, 1, 5, 1]), [0, 0.5, 0, 0.5]);
  assert.equal(
    await gradientAt((x) => e.max(x), [2, 5, 5, 1, 5, 5]),
    [0, 0.25, 0.25, 0, 0.25, 0.25],
  );
});

test.run();
