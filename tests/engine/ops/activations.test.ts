// Activations against float64, at NaN and at their kinks.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { gradientAt, testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './activations.ts';

const gpu = await testGpu();

testOps(specification);

for (const [name, apply] of Object.entries<(x: e.Tensor) => e.Tensor>({
  erf: e.erf,
  gelu: e.gelu,
  'gelu, tanh': (x) => e.gelu(x, { approximate: 'tanh' }),
  silu: e.silu,
  softplus: e.softplus,
  leakyRelu: e.leakyRelu,
  clamp: (x) => e.clamp(x, -1, 1),
  hardsigmoid: e.hardsigmoid,
  hardswish: e.hardswish,
  pow: (x) => e.pow(x, 2),
  'pow of a real exponent': (x) => e.pow(x, 1.5),
})) {
  testNaN(name, apply);
}

test('at a kink the gradient is the one that the op states', async () => {
  assert.equal(await gradientAt((x) => e.leakyRelu(x, 0.5), [-1, 0, 1]), [0.5, 0.5, 1]);
  assert.equal(await gradientAt((x) => e.clamp(x, -1, 2), [-2, -1, 0, 2, 3]), [0, 1, 1, 1, 0]);
  assert.equal(await gradientAt(e.hardswish, [-4, -3, 0, 3, 4]), [0, -0.5, 0.5, 1.5, 1]);
  const sixth = Math.fround(1 / 6);
  assert.equal(await gradientAt(e.hardsigmoid, [-4, -3, 0, 3, 4]), [0, sixth, sixth, sixth, 0]);
});

test('options that do not fit are refused', () => {
  const x = gpu.zeros([2, 3]);
  assert.throws(() => e.clamp(x, 1, -1), /^clamp: bounds 1 and -1, expected low ≤ high/);
  assert.throws(() => e.within(x, Number.NaN, 1), /^within: bounds NaN and 1/);
  assert.throws(() => e.pow(x, Number.POSITIVE_INFINITY), /^pow: exponent is Infinity/);
  assert.throws(() => e.gelu(x, { approximate: 'sin' as 'tanh' }), /^gelu: approximate is sin/);
});

test.run();
