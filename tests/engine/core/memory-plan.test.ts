// What a program leaves out and where it lays things: the bits of an eager run all the same.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { sgd } from '../../../kernels/optimizer.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const START = [1, -2, -0, 3];

const bits = async (tensors: readonly e.Tensor[]) =>
  (await Promise.all(tensors.map((t) => t.data()))).map((v) => [...new Uint32Array(v.buffer)]);

/** Runs `body` eagerly and recorded, twice; asserts the same bits and how many dispatches the program has. */
async function sameBits(body: (x: e.Tensor) => e.Tensor[], dispatches: number): Promise<void> {
  const before = gpu.stats.usedBytes;
  const x = gpu.tensor(START);
  const eager = gpu.scope(() => body(x));
  const expected = await bits(eager);
  const program = await gpu.capture(() => body(x));
  for (let run = 0; run < 2; run++) assert.equal(await bits(program.run()), expected);
  assert.is(program.dispatches, dispatches);
  program.dispose();
  for (const tensor of [...eager, x]) tensor.dispose();
  assert.is(gpu.stats.usedBytes, before, 'bytes in use');
}

/** A flat tensor with copies of these, 64 elements apart. */
function pack(...tensors: e.Tensor[]): e.Tensor {
  const flat = gpu.empty([64 * tensors.length]);
  tensors.forEach((x, i) => {
    gpu.copy(x, gpu.part(flat, 64 * i, x.shape));
  });
  return flat;
}

/** The same elements as a tensor that a kernel computed. */
const parts = (flat: e.Tensor, count: number) =>
  Array.from({ length: count }, (_, i) => e.scaleShift(gpu.part(flat, 64 * i, [4]), 1, 0));

test('copy keeps every bit, −0 and NaN among them', async () => {
  const [x, y] = [gpu.tensor([-0, Number.NaN, 1e-40, 5, 7]), gpu.tensor([9, 9, 9, 9, 9])];
  gpu.copy(x, y);
  assert.equal(await bits([y]), await bits([x]));
  assert.throws(() => gpu.copy(x, gpu.empty([4])), /x has shape \[5\], expected 4 elements/);
});

test('what is computed to be copied is computed in its place', () =>
  sameBits((x) => parts(pack(e.neg(x), e.square(x)), 2), 4));

test('a program lays parts and whole in one buffer, as many bytes as the whole has', async () => {
  const x = gpu.tensor(START);
  const program = await gpu.capture(() => pack(e.neg(x), e.square(x)));
  assert.is(program.dispatches, 2);
  assert.is(program.plannedBytes, 512);
  program.dispose();
});

test('an output that is copied lies there too', () =>
  sameBits((x) => {
    const y = e.neg(x);
    return [y, ...parts(pack(y, e.square(y)), 2)];
  }, 5));

test('a tensor that is copied twice cannot lie in both places', () =>
  sameBits((x) => {
    const y = e.neg(x);
    return parts(pack(y, y), 2);
  }, 5));

test('a tensor from outside is copied', () => sameBits((x) => parts(pack(x, e.neg(x)), 2), 4));

test('a kernel that reads one part to write another keeps the copy', () =>
  sameBits((x) => {
    const y = e.neg(x);
    return parts(pack(y, e.square(y)), 2);
  }, 5));

/** x −= 1, in place. */
const decrement = (x: e.Tensor) =>
  gpu.run(
    sgd,
    { param: x, grad: gpu.tensor([1, 1, 1, 1]), v: gpu.zeros([4]), schedule: gpu.tensor([1]) },
    { size: 4, momentum: 0, weight_decay: 0 },
  );

test('a tensor that changes after the copy keeps it', () =>
  sameBits((x) => {
    const y = e.neg(x);
    const flat = pack(y);
    decrement(y);
    return [y, ...parts(flat, 1)];
  }, 4));

test('a place that is written otherwise keeps the copy', () =>
  sameBits((x) => {
    const y = e.neg(x);
    const z = e.square(x);
    const early = e.neg(z);
    gpu.copy(y, z);
    return [early, z];
  }, 4));

test('parts begin where a binding may', () => {
  const x = gpu.zeros([200]);
  assert.throws(() => gpu.part(x, 3, [4]), /at 12, expected a multiple of 256 within 800/);
  assert.throws(() => gpu.part(x, 128, [100]), /a part of 400 bytes at 512/);
  x.dispose();
});

test('a part outlives its whole, and is read and written by itself', async () => {
  const before = gpu.stats.usedBytes;
  const whole = gpu.tensor(Float32Array.from({ length: 128 }, (_, i) => i));
  const part = gpu.part(whole, 64, [2, 2]);
  part.write([-1, -2, -3, -4]);
  assert.equal([...(await whole.data()).slice(62, 70)], [62, 63, -1, -2, -3, -4, 68, 69]);
  whole.dispose();
  assert.equal([...(await part.data())], [-1, -2, -3, -4]);
  part.dispose();
  assert.is(gpu.stats.usedBytes, before);
});

test.run();
