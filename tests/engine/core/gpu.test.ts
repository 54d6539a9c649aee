// Values, order of effect, and what is refused.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allOrNothing } from '../../../engine/core/tensor.ts';
import * as e from '../../../engine/index.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import { sgd } from '../../../kernels/optimizer.ts';
import { balanced, rejects } from '../../support/assertions.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const { Gpu } = e;

test('values come back as they were written, f32 and u32', async () => {
  const values = [0, -1.5, 3e38, 1e-38, Number.POSITIVE_INFINITY];
  assert.equal([...(await gpu.tensor(values).data())], [...Float32Array.from(values)]);
  assert.equal([...(await gpu.tensor([0, 7, 2 ** 24], [3], 'u32').data())], [0, 7, 2 ** 24]);
  assert.is(await gpu.tensor([4], []).item(), 4);
  await rejects(() => gpu.zeros([2]).item(), /item: tensor has shape \[2\], expected one element/);
});

test('bad shapes and values are named', async () => {
  assert.throws(() => gpu.tensor([1, 2, 3], [2, 2]), /got 3 values, expected 4 for shape \[2, 2\]/);
  assert.throws(
    () => gpu.zeros([2, 0]),
    /shape \[2, 0\] has a dimension 0, expected whole numbers/,
  );
  assert.throws(() => gpu.empty([1.5]), /dimension 1.5/);
  const [a, b] = [gpu.zeros([2]), gpu.tensor([1, 2], [2], 'u32')];
  assert.throws(() => e.add(a, b), /add: b is u32, expected f32/);
  assert.throws(() => e.relu(3 as unknown as e.Tensor), /relu: x is number, expected a Tensor/);
});

test('what fails leaves no memory in use', () =>
  balanced(gpu, () => {
    assert.throws(() => gpu.tensor([1, 2, 3], [2, 2]), /got 3 values/);
    assert.throws(() => gpu.tensor([0.5], [1], 'u32'), /value 0 is 0.5/);
    const mine = gpu.tensor([1]);
    const half = () => {
      gpu.keep(gpu.tensor([1, 2]));
      allOrNothing(() => gpu.keep(gpu.tensor([3])));
      throw new Error('on purpose');
    };
    assert.throws(() => allOrNothing(half), /on purpose/);
    assert.not(mine.disposed, 'it was made outside');
    mine.dispose();
    const two = allOrNothing(() => [gpu.tensor([1]), gpu.tensor([2])]);
    for (const tensor of two) {
      assert.not(tensor.disposed);
      tensor.dispose();
    }
  }));

test('a trace gives shapes and computes nothing', () =>
  balanced(gpu, () => {
    const { dispatches } = gpu.stats;
    const x = gpu.tensor(new Float32Array(24), [2, 1, 3, 4]);
    const y = gpu.trace(() => e.sum(e.mul(x, gpu.tensor([1, 2, 3, 4])), [1]));
    gpu.flush();
    assert.equal([...y.shape], [2, 3, 4]);
    assert.is(gpu.stats.dispatches, dispatches);
    assert.ok(y.disposed);
    x.dispose();
  }));

test('views share memory, which goes back with the last of them', () =>
  balanced(gpu, async () => {
    const x = gpu.tensor([1, 2, 3, 4]);
    const y = e.reshape(x, [2, 2]);
    const used = gpu.stats.usedBytes;
    x.dispose();
    x.dispose();
    assert.is(gpu.stats.usedBytes, used);
    assert.equal([...(await y.data())], [1, 2, 3, 4]);
    y.dispose();
  }));

test('reads and writes take effect in the order of the calls', async () => {
  const x = gpu.tensor([1]);
  const y = e.scaleShift(x, 10, 0);
  x.write([2]);
  const z = e.scaleShift(x, 10, 0);
  const early = z.data();
  x.write([3]);
  z.write([-1]);
  assert.equal(
    await Promise.all([y.item(), early.then((v) => v[0]), x.item(), z.item()]),
    [10, 20, 3, -1],
  );
});

test('memory that is reused at once does not disturb work that is still to run', async () => {
  const sums: e.Tensor[] = [];
  for (let i = 0; i < 400; i++) {
    sums.push(
      gpu.scope(() => e.sum(e.scaleShift(gpu.tensor(new Float32Array(100).fill(i)), 1, 1))),
    );
  }
  const values = await Promise.all(sums.map((t) => t.item()));
  assert.equal(
    values,
    values.map((_, i) => 100 * (i + 1)),
  );
  for (const t of sums) t.dispose();
});

test('a disposed tensor is refused by name', async () => {
  const [x, y] = [gpu.tensor([1, 2]), gpu.tensor([1, 2])];
  const view = e.reshape(x, [2, 1]);
  x.dispose();
  assert.throws(() => e.add(y, x), /add: b \[2\] was disposed/);
  assert.throws(() => x.write([1, 2]), /write: the tensor was disposed/);
  await rejects(() => x.data(), /read: the tensor was disposed/);
  assert.throws(
    () => gpu.run(sgd, { param: y, grad: x, v: y, schedule: y }, { size: 2 }),
    /sgd: tensor grad \[2\] was disposed/,
  );
  view.dispose();
  y.dispose();
});

test('tensors of two devices do not mix', async () => {
  const { device } = await createNodeDevice({ backend: 'null' });
  const other = new Gpu(device);
  assert.throws(() => e.add(gpu.tensor([1]), other.tensor([1])), /b is on another device than a/);
  other.destroy();
});

test('more distinct uniforms than the cache holds: no launch is lost', async () => {
  const total = gpu.scope(() => {
    let x = e.exp(gpu.zeros([1])); // so that the cache does not overflow just after a flush
    for (let k = 1; k <= 5000; k++) x = e.scaleShift(x, 1, k);
    return x;
  });
  assert.is(await total.item(), (5000 * 5001) / 2 + 1);
});

test.run();
