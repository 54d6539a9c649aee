// Tuning picks what is fastest and right, remembers it, and changes nothing but the way.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TensorDevice } from '../../../engine/core/tensor.ts';
import { preferring, tuningOf } from '../../../engine/core/tuning.ts';
import {
  autotuner,
  conv2d,
  Gpu,
  kernelsVersion,
  matmul,
  Random,
  type Tensor,
  tune,
} from '../../../engine/index.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import { type Choice, runChosen } from '../../../engine/tuning/strategy.ts';
import { defineKernel, read, write } from '../../../kernels/kernel.ts';
import { balanced } from '../../support/assertions.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();

/** y = 2x, by a loop of `work` rounds; `factor` other than 2 is a wrong way. */
const doubling = (name: string, work: number, factor = 2) => ({
  name,
  run: (_: TensorDevice, [x]: readonly Tensor[], __: object, y: Tensor) =>
    gpu.run(
      defineKernel({
        label: `double_${name}`,
        bindings: { x: read(), y: write() },
        params: { size: 'u32' },
        workgroups: ({ size }) => [Math.ceil(size / 64), 1, 1],
        wgsl: /* wgsl */ `
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.size) { return; }
  var sum = 0f;
  for (var i = 0u; i < ${work}u; i++) { sum += x[(id.x + i) % params.size] * 1e-30; }
  y[id.x] = x[id.x] * ${factor}f + sum * 1e-30;
}`,
      }),
      { x, y },
      { size: x.size },
    ),
});

const choice: Choice<object> = {
  name: 'double',
  strategies: [doubling('slow', 3000), doubling('fast', 1), doubling('wrong', 0, 3)],
  usual: () => 'slow',
};

function double(x: Tensor): Tensor {
  const y = gpu.empty(x.shape);
  runChosen(gpu, choice, [x], {}, y);
  return y;
}

test('takes the fastest way that is right, and says what each took', async () => {
  const x = gpu.keep(gpu.tensor(Float32Array.from({ length: 4096 }, (_, i) => i)));
  const lines: string[] = [];
  const picks = await tune(gpu, () => double(x), { say: (line) => lines.push(line) });
  assert.equal(picks, { 'double {}': 'fast' });
  assert.match(lines.join(), /^double \{\}: fast \(slow [\d.]+ ms, fast [\d.]+ ms\)$/);
  gpu.retune(tuningOf(picks));
  const y = gpu.scope(() => double(x));
  assert.equal([...(await y.data()).subarray(0, 3)], [0, 2, 4]);
  gpu.retune(tuningOf({}));
});

test('what is known is not measured again, and an unknown name falls back to the usual', async () => {
  const x = gpu.keep(gpu.tensor([1, 2]));
  const lines: string[] = [];
  const known = { 'double {}': 'slow' };
  assert.equal(
    await tune(gpu, () => double(x), { picks: known, say: (l) => lines.push(l) }),
    known,
  );
  assert.equal(lines, []);
  const problem = { key: 'k', candidates: ['a', 'b'], usual: 'a', inputs: [], output: [] };
  const run = () => {};
  assert.is(tuningOf({ k: 'b' })({ ...problem, run }), 'b');
  assert.is(tuningOf({ k: 'gone' })({ ...problem, run }), 'a');
  assert.is(preferring('c', 'b')({ ...problem, run }), 'b');
  assert.is(preferring('c')({ ...problem, run }), 'a');
});

test('a convolution gives the same values tuned, and its products are tuned with it', async () => {
  const random = new Random('tune');
  const x = gpu.keep(
    gpu.tensor(random.fillUniform(new Float32Array(2 * 8 * 64), -1, 1), [2, 8, 8, 8]),
  );
  const w = gpu.keep(gpu.tensor(random.fillUniform(new Float32Array(72 * 8), -1, 1), [8, 8, 3, 3]));
  const before = await gpu.scope(() => conv2d(x, w, { padding: 1 })).data();
  const saved: object[] = [];
  gpu.retune(tuningOf({}), autotuner(gpu, { save: (picks) => saved.push(picks) }));
  const program = await gpu.capture(() => conv2d(x, w, { padding: 1 }));
  const again = await gpu.capture(() => conv2d(x, w, { padding: 1 }));
  assert.is(saved.length, 1);
  const families = Object.keys(saved[0]).map((key) => key.split(' ')[0]);
  assert.equal([...new Set(families)].sort(), ['contract', 'conv2d']);
  const after = await program.run().data();
  assert.equal(await again.run().data(), after);
  before.forEach((value, i) => {
    assert.ok(Math.abs(value - after[i]) < 1e-4, `${i}: ${value} ${after[i]}`);
  });
  program.dispose();
  again.dispose();
  gpu.retune(tuningOf({}));
});

test('operands of f16 are tuned with the kernels that run on them', async () => {
  const { device, wait } = await createNodeDevice({ backend: 'null' });
  const compiled: string[] = [];
  const compile = device.createComputePipelineAsync.bind(device);
  device.createComputePipelineAsync = (descriptor) => {
    compiled.push(descriptor.label ?? '');
    return compile(descriptor);
  };
  const half = new Gpu(device, { wait, operands: 'f16' });
  const [a, b] = [half.zeros([32, 64]), half.zeros([64, 32])];
  await balanced(half, () => tune(half, () => matmul(a, b)));
  const contractions = compiled.filter((label) => label.startsWith('contract'));
  assert.ok(contractions.length > 0);
  for (const label of contractions) assert.match(label, /f16/);
  half.destroy();
});

test('the version of the kernels is a word of eight digits', () => {
  assert.match(kernelsVersion(), /^[\da-f]{8}$/);
});

test.run();
