/** The registry as a whole: no op goes untested, and no NaN is hidden. */
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../engine/index.ts';
import { defineOp, ops, type Tensor } from '../../engine/index.ts';
import { exclusions } from '../support/coverage.ts';
import { testGpu } from '../support/gpu.ts';
import { opCases, opFamilies, withoutCase } from '../support/op-cases.ts';
import { references } from '../support/reference.ts';

const gpu = await testGpu();

test('every op has a case and a reference, and every case an op', () => {
  assert.equal(withoutCase(ops.keys()), []);
  assert.equal(withoutCase(Object.keys(references)), []);
  assert.equal(
    Object.keys(opCases).filter((name) => !ops.has(name) || !references[name]),
    [],
  );
});

test('every family of ops has a test file', () => {
  for (const family of Object.keys(opFamilies)) {
    assert.ok(existsSync(new URL(`ops/${family}.test.ts`, import.meta.url)), family);
  }
});

for (const [name, apply] of Object.entries<(x: Tensor) => Tensor>({
  relu: e.relu,
  tanh: e.tanh,
  sigmoid: e.sigmoid,
  sum: e.sum,
  'mean over a long axis': (x) => e.mean(e.broadcastTo(x, [200, 4])),
  maxPool2d: (x) => e.maxPool2d(e.reshape(x, [1, 1, 2, 2]), { kernelSize: 2 }),
  logSoftmax: (x) => e.logSoftmax(e.reshape(x, [1, 4])),
  channelMoments: (x) => e.channelMoments(e.reshape(x, [1, 1, 4])),
  normalizeMap: (x) => e.normalizeMap(e.reshape(x, [1, 4])),
  relevanceLoss: (x) => e.relevanceLoss(e.reshape(x, [1, 4]), gpu.tensor([1, 0, 0.5, 0], [1, 4])),
})) {
  test(`a NaN is not hidden: ${name}`, async () => {
    for (let at = 0; at < 4; at++) {
      const x = gpu.tensor([0, 1, 2, 3].map((v) => (v === at ? Number.NaN : v)));
      const y = gpu.scope(() => apply(x));
      assert.ok((await y.data()).some(Number.isNaN), `NaN at ${at}: got ${await y.data()}`);
    }
  });
}

test('at a kink and at a tie the gradient is the one that the op states', async () => {
  const gradient = async (f: (x: Tensor) => Tensor, values: number[]) => {
    const x = gpu.parameter(values, [values.length]);
    return [...(await e.grad(f(x), [x])[0].data())];
  };
  const half = (x: Tensor, from: number) => e.slice(x, [from], [2]);
  assert.equal(await gradient(e.relu, [-1, 0, 1]), [0, 0, 1]);
  assert.equal(await gradient(e.abs, [-1, 0, 1]), [-1, 0, 1]);
  assert.equal(await gradient((x) => e.max(x), [2, 5, 5, 1, 5, 5]), [0, 0.25, 0.25, 0, 0.25, 0.25]);
  const pairs = [3, 1, 3, 2]; // a = [3, 1], b = [3, 2]
  assert.equal(await gradient((x) => e.maximum(half(x, 0), half(x, 2)), pairs), [0, 0, 1, 1]);
  assert.equal(await gradient((x) => e.minimum(half(x, 0), half(x, 2)), pairs), [0, 1, 1, 0]);
  const pooled = (stride: number) => (x: Tensor) =>
    e.maxPool2d(e.reshape(x, [1, 1, 2, 3]), { kernelSize: 2, stride });
  assert.equal(await gradient(pooled(1), [4, 4, 4, 4, 4, 4]), [1, 1, 0, 0, 0, 0]);
  assert.equal(await gradient(pooled(2), [1, 4, 9, 4, 4, 9]), [0, 1, 0, 0, 0, 0]);
});

test('every op is differentiated once and twice, or asserted to have no gradient', () => {
  assert.equal(exclusions(ops, opCases), []);
});

test('an op whose cases stop at a lower order is found', () => {
  const cut = (name: string, order: 0 | 1) => ({
    ...opCases,
    [name]: opCases[name].map((kase) => ({ ...kase, order })),
  });
  assert.equal(exclusions(ops, cut('conv2d', 1)), ['conv2d: no case of order 2']);
  assert.equal(exclusions(ops, cut('relu', 0)), [
    'relu: no case of order 1',
    'relu: no case of order 2',
  ]);
  assert.equal(exclusions(ops, cut('sign', 0)), ['sign: no case asserts a zero gradient']);
});

test('an op without a case is found', () => {
  defineOp('opThatNobodyTested', { inputs: ['x'], shape: ([x]) => x.shape, forward: 'view' });
  assert.equal(withoutCase(ops.keys()), ['opThatNobodyTested']);
  assert.equal(exclusions(ops, opCases), ['opThatNobodyTested: no case']);
});

test.run();
