// Arithmetic against float64, at NaN, at kinks and at ties.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { gradientAt, testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './elementwise.ts';

const gpu = await testGpu();

testOps(specification);

for (const [name, apply] of Object.entries<(x: e.Tensor) => e.Tensor>({
  relu: e.relu,
  tanh: e.tanh,
  sigmoid: e.sigmoid,
  'maximum, first': (x) => e.maximum(x, gpu.tensor([1])),
  'maximum, second': (x) => e.maximum(gpu.tensor([1]), x),
  'maximum of one shape, first': (x) => e.maximum(x, gpu.tensor([1, 1, 1, 1])),
  'maximum of one shape, second': (x) => e.maximum(gpu.tensor([1, 1, 1, 1]), x),
  'maximum along rows': (x) =>
    e.maximum(e.broadcastTo(e.reshape(x, [4, 1]), [4, 64]), gpu.zeros([4, 1])),
  'minimum, first': (x) => e.minimum(x, gpu.tensor([1])),
  'minimum, second': (x) => e.minimum(gpu.tensor([1]), x),
  'minimum of one shape, first': (x) => e.minimum(x, gpu.tensor([1, 1, 1, 1])),
  'minimum of one shape, second': (x) => e.minimum(gpu.tensor([1, 1, 1, 1]), x),
})) {
  testNaN(name, apply);
}

test('what `where` does not choose has no effect, not even a NaN', async () => {
  const condition = gpu.tensor([1, 0]);
  const a = gpu.parameter([1, Number.NaN], [2]);
  const b = gpu.parameter([Number.NaN, 4], [2]);
  const y = e.square(e.where(condition, a, b));
  assert.equal([...(await y.data())], [1, 16]);
  const [da, db] = e.grad(y, [a, b]);
  assert.equal([...(await da.data())], [2, 0]);
  assert.equal([...(await db.data())], [0, 8]);
});

test('at a kink and at a tie the gradient is the one that the op states', async () => {
  assert.equal(await gradientAt(e.relu, [-1, 0, 1]), [0, 0, 1]);
  assert.equal(await gradientAt(e.abs, [-1, 0, 1]), [-1, 0, 1]);
  const half = (x: e.Tensor, from: number) => e.slice(x, [from], [2]);
  const pairs = [3, 1, 3, 2]; // a = [3, 1], b = [3, 2]
  assert.equal(await gradientAt((x) => e.maximum(half(x, 0), half(x, 2)), pairs), [0, 0, 1, 1]);
  assert.equal(await gradientAt((x) => e.minimum(half(x, 0), half(x, 2)), pairs), [0, 1, 1, 0]);
});

test('shapes that do not broadcast are refused', () => {
  const rows = gpu.zeros([2, 3]);
  assert.throws(() => e.where(gpu.zeros([2]), rows, rows), /do not broadcast/);
});

test.run();
