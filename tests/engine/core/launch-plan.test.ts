// Launches together: fewer of them, in an order that respects what they read and write.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { requestNodeAdapter } from '../../../engine/node.ts';
import { sgd } from '../../../kernels/optimizer.ts';

// A device as every machine has it: eight bindings.
const { adapter } = await requestNodeAdapter();
const device = await adapter.requestDevice();
const apart = new e.Gpu(device, { mergeLaunches: false });
const together = new e.Gpu(device, { mergeLaunches: true });
test.after(() => apart.destroy());

const labels = (gpu: e.Gpu, body: () => unknown) => gpu.sketch(body).labels;

test('what does not wait is launched together, and what waits comes later', () => {
  const [x, y] = [together.tensor([1, 2]), together.tensor([3, 4])];
  const body = () => e.mul(e.square(x), e.neg(y));
  assert.equal(labels(together, body), ['square + scale_shift', 'mul']);
  for (const tensor of [x, y]) tensor.dispose();
});

test('a chain stays a chain', () => {
  const x = together.tensor([1, 2]);
  assert.equal(
    labels(together, () => e.neg(e.square(e.exp(x)))),
    ['exp', 'square', 'scale_shift'],
  );
  x.dispose();
});

test('no more buffers are bound than the device allows', () => {
  const x = together.tensor([1, 2]);
  const body = () => [e.exp, e.log, e.square, e.sqrt, e.abs, e.neg].map((op) => op(x));
  const launched = labels(together, body);
  assert.equal(launched, ['exp + log + square + sqrt', 'abs + scale_shift']);
  x.dispose();
});

test('kernels of other workgroups, bulky ones and large ones stay alone, those in their order', () => {
  const x = together.tensor(new Float32Array(2 ** 20 + 4));
  const small = together.tensor([1]);
  const body = () => [e.exp(small), e.neg(x), e.square(x), e.log(small)];
  assert.equal(labels(together, body), ['scale_shift', 'square', 'exp + log']);
  const a = together.tensor([1, 2, 3, 4], [2, 2]);
  const products = labels(together, () => [e.matmul(a, a), e.matmul(a, a)]);
  assert.is(products.filter((label) => label.includes('contract')).length, 2);
  for (const tensor of [x, small, a]) tensor.dispose();
});

test('each part of a launch has its own workgroups, and all values keep their bits', async () => {
  const values = Float32Array.from({ length: 3000 }, (_, i) => Math.sin(i));
  const run = async (gpu: e.Gpu) => {
    const [x, y] = [gpu.tensor(values), gpu.tensor(values.subarray(0, 1100))];
    const program = await gpu.capture(() => [e.exp(x), e.square(y), e.neg(x)]);
    const results = await gpu.readAll(program.run());
    program.dispose();
    for (const tensor of [x, y]) tensor.dispose();
    return { launches: program.dispatches, results };
  };
  const [merged, alone] = [await run(together), await run(apart)];
  assert.equal([merged.launches, alone.launches], [1, 3]);
  assert.equal(merged.results, alone.results);
});

test('what is read before it is written in place is read before', async () => {
  const run = async (gpu: e.Gpu) => {
    const [param, grad, v] = [gpu.tensor([5]), gpu.tensor([1]), gpu.tensor([0])];
    const schedule = gpu.tensor([1]);
    const update = () =>
      gpu.run(sgd, { param, grad, v, schedule }, { size: 1, momentum: 0, weight_decay: 0 });
    const program = await gpu.capture(() => {
      const before = e.square(param);
      update();
      const between = e.exp(param);
      update();
      return [before, between, e.neg(param)];
    });
    const values = await gpu.readAll(program.run());
    program.dispose();
    for (const tensor of [param, grad, v, schedule]) tensor.dispose();
    return values.map(([value]) => value);
  };
  const expected = await run(apart);
  assert.equal([expected[0], expected[2]], [25, -3]);
  assert.equal(await run(together), expected);
});

test('parts of one buffer are written together, but not while others of its parts are read', () => {
  const x = together.tensor([1, 2]);
  const write = (flat: e.Tensor, ...values: e.Tensor[]) =>
    values.forEach((value, i) => {
      together.copy(value, together.part(flat, 64 * i, value.shape));
    });
  const body = () => {
    const flat = together.empty([192]);
    const longer = e.sqrt(x);
    write(flat, e.square(x), e.exp(x));
    const read = e.neg(together.part(flat, 0, [2]));
    together.copy(e.log(longer), together.part(flat, 128, [2]));
    return [read, e.abs(flat)];
  };
  assert.equal(labels(together, body), ['sqrt + square + exp', 'log', 'scale_shift + abs']);
  x.dispose();
});

test.run();
