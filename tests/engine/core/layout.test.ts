// How tensors come to lie one behind another, and which stay where they are.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layOut } from '../../../engine/core/layout.ts';
import { pieces } from '../../../engine/core/storage.ts';
import { neg, type Tensor } from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();

const make = (...sizes: number[]) =>
  sizes.map((n, i) => gpu.tensor(Float32Array.from({ length: n }, (_, k) => 100 * i + k)));

const values = async (tensors: readonly Tensor[]) =>
  Promise.all(tensors.map(async (t) => [...(await t.data())]));

const members = (tensors: readonly Tensor[]) => {
  const runs = layOut(gpu, tensors);
  for (const { flat } of runs) flat.dispose();
  return runs.map((run) => run.members.map(({ index, offset }) => [index, offset]));
};

test('pieces keep to the limit, alignment included', () => {
  assert.equal(pieces([4, 256, 300, 8], 10_000), [[0, 1, 2, 3]]);
  assert.equal(pieces([4, 256, 300, 8], 1031), [[0, 1, 2], [3]]);
  assert.equal(pieces([4, 256], 512), [[0, 1]]);
  assert.equal(pieces([4, 256], 511), [[0], [1]]);
  assert.equal(pieces([900, 4], 500), [[0], [1]]);
  assert.equal(pieces([], 500), []);
});

test('tensors move behind one another with their values, into one buffer', async () => {
  const before = gpu.stats.usedBytes;
  const tensors = make(3, 64, 65, 1);
  const expected = await values(tensors);
  const [{ flat }, ...more] = layOut(gpu, tensors);
  assert.is(more.length, 0);
  assert.is(flat.size, 64 + 64 + 128 + 1);
  assert.equal(await values(tensors), expected);
  assert.equal([...(await flat.data()).slice(128, 193)], expected[2]);
  assert.equal(members(tensors), [
    [
      [0, 0],
      [1, 64],
      [2, 128],
      [3, 256],
    ],
  ]);
  tensors[1].write(new Float32Array(64));
  assert.equal(await values([tensors[0], tensors[2]]), [expected[0], expected[2]]);
  for (const tensor of [flat, ...tensors]) tensor.dispose();
  assert.is(gpu.stats.usedBytes, before);
});

test('some of them, or another order, are runs of what lies together', () => {
  const [a, b, c, d] = make(4, 4, 4, 4);
  members([a, b, c, d]);
  assert.equal(members([a, b, d]), [
    [
      [0, 0],
      [1, 64],
    ],
    [[2, 0]],
  ]);
  assert.equal(members([b, a]), [[[0, 0]], [[1, 0]]]);
  assert.equal(members([a, a]), [[[0, 0]], [[1, 0]]]);
  const [e, f] = make(4, 4);
  assert.equal(members([e, c, d, f]), [
    [[0, 0]],
    [
      [1, 0],
      [2, 64],
    ],
    [[3, 0]],
  ]);
  for (const tensor of [a, b, c, d, e, f]) tensor.dispose();
});

test('what a program has bound stays, and the program stays right', async () => {
  const [a, b, c] = make(4, 4, 4);
  const program = await gpu.capture(() => neg(b));
  assert.equal(members([a, b, c]), [[[0, 0]], [[1, 0]], [[2, 0]]]);
  b.write([1, 2, 3, 4]);
  assert.equal([...(await program.run().data())], [-1, -2, -3, -4]);
  program.dispose();
  for (const tensor of [a, b, c]) tensor.dispose();
});

test('a view moves with what it looks at', async () => {
  const [a, b] = make(4, 4);
  const view = gpu.view(b, [2, 2]);
  layOut(gpu, [a, b])[0].flat.dispose();
  b.write([5, 6, 7, 8]);
  assert.equal([...(await view.data())], [5, 6, 7, 8]);
});

test.run();
