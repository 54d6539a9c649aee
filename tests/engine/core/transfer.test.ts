// Values to the device and back: several tensors in one transfer, and zeros that nothing else disturbs.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu } from '../../../engine/core/gpu.ts';
import * as e from '../../../engine/index.ts';
import { rejects } from '../../support/assertions.ts';
import { testGpu } from '../../support/gpu.ts';
import { narrow } from '../../support/narrow-device.ts';

const gpu = await testGpu();

test('several tensors come back in order from one submission, parts and empty lists too', async () => {
  const whole = gpu.tensor(Float32Array.from({ length: 130 }, (_, i) => i));
  const part = gpu.part(whole, 64, [3]);
  const [a, b] = [gpu.tensor([1.5, 2]), gpu.tensor([7], [], 'u32')];
  const { submits } = gpu.stats;
  const read = gpu.readAll([a, part, a]);
  assert.is(gpu.stats.submits, submits + 1);
  assert.equal(
    (await read).map((values) => [...values]),
    [
      [1.5, 2],
      [64, 65, 66],
      [1.5, 2],
    ],
  );
  assert.equal(await gpu.readAll<'u32'>([b]), [Uint32Array.of(7)]);
  assert.equal(await gpu.readAll([]), []);
  a.dispose();
  await rejects(() => gpu.readAll([b, a]), /read: the tensor was disposed/);
});

test('values that are read are those of the call: a later run does not change them', async () => {
  const x = gpu.tensor([1, 2]);
  const y = gpu.tensor([3]);
  const read = gpu.readAll([x, y]);
  x.write([5, 6]);
  y.write([7]);
  assert.equal(await read, [Float32Array.of(1, 2), Float32Array.of(3)]);
});

test('values that do not fit in one buffer come in several, all as they are at the call', async () => {
  const limits = { maxBufferSize: 1024, maxStorageBufferBindingSize: 1024 };
  const small = new Gpu(narrow(gpu.device, limits));
  const tensors = [100, 100, 256, 3].map((n, i) => small.tensor(new Float32Array(n).fill(i), [n]));
  const { submits } = small.stats;
  const read = small.readAll(tensors);
  assert.is(small.stats.submits, submits + 3);
  for (const tensor of tensors) tensor.write(new Float32Array(tensor.size).fill(9));
  assert.equal(
    (await read).map((values) => [values.length, ...new Set(values)]),
    [
      [100, 0],
      [100, 1],
      [256, 2],
      [3, 3],
    ],
  );
});

test('zeros are zeros in memory that held something else, in the order of the calls', async () => {
  const old = gpu.tensor([1, 2, 3]);
  const { buffer } = old.storage;
  const doubled = e.scaleShift(old, 2, 0); // still to run when its input's memory goes to the zeros
  old.dispose();
  const zeros = gpu.zeros([3]);
  assert.is(zeros.storage.buffer, buffer);
  assert.equal(await gpu.readAll([zeros, doubled]), [
    Float32Array.of(0, 0, 0),
    Float32Array.of(2, 4, 6),
  ]);
});

test('zeros within a capture are constants of its program', async () => {
  gpu.tensor([9, 9]).dispose();
  const x = gpu.tensor([1, 2]);
  const program = await gpu.capture(() => e.add(x, gpu.zeros([2])));
  for (let run = 0; run < 2; run++) assert.equal(await program.run().data(), Float32Array.of(1, 2));
  program.dispose();
});

test.run();
