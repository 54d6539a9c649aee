// The registry as a whole: no op goes untested, and no NaN is hidden.

import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../engine/index.ts';
import { defineOp, ops, type Tensor } from '../../engine/index.ts';
import * as exported from '../../engine/ops/index.ts';
import { exclusions } from '../support/coverage.ts';
import { functionCases, functionFamilies } from '../support/function-cases.ts';
import { testGpu } from '../support/gpu.ts';
import { opCases, opFamilies, withoutCase } from '../support/op-cases.ts';
import { references } from '../support/reference.ts';

const gpu = await testGpu();

/** What engine/ops exports beside functions that give tensors. */
const SHAPE_RULES = ['broadcastShape', 'stridesOf'];

test('every op and every function has a case and a reference, and every case an op or function', () => {
  assert.equal(withoutCase(ops.keys()), []);
  assert.equal(withoutCase(Object.keys(exported)), SHAPE_RULES);
  assert.equal(withoutCase(Object.keys(references)), []);
  assert.equal(
    Object.keys(opCases).filter((name) => !ops.has(name) || !references[name]),
    [],
  );
  assert.equal(
    Object.keys(functionCases).filter((n) => !(n in exported) || ops.has(n) || !references[n]),
    [],
  );
});

test('every family of ops has a test file', () => {
  for (const family of Object.keys({ ...opFamilies, ...functionFamilies })) {
    assert.ok(existsSync(new URL(`ops/${family}.test.ts`, import.meta.url)), family);
  }
});

for (const [name, apply] of Object.entries<(x: Tensor) => Tensor>({
  relu: e.relu,
  tanh: e.tanh,
  sigmoid: e.sigmoid,
  sum: e.sum,
  max: e.max,
  min: e.min,
  'max over a long axis': (x) => e.max(e.broadcastTo(x, [200, 4])),
  'min over a long axis': (x) => e.min(e.broadcastTo(x, [200, 4])),
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
  erf: e.erf,
  gelu: e.gelu,
  'gelu, tanh': (x) => e.gelu(x, { approximate: 'tanh' }),
  silu: e.silu,
  softplus: e.softplus,
  leakyRelu: e.leakyRelu,
  clamp: (x) => e.clamp(x, -1, 1),
  pow: (x) => e.pow(x, 2),
  'pow of a real exponent': (x) => e.pow(x, 1.5),
  topKThreshold: (x) => e.topKThreshold(e.reshape(x, [1, 4]), 1),
  dropout: (x) => e.dropout(x, 0.9, { state: gpu.tensor([1, 2, 3, 4], [4], 'u32') }),
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

test('the extremes of infinities are infinite', async () => {
  const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  assert.is(await e.max(gpu.tensor([low, low])).item(), low);
  assert.is(await e.min(gpu.tensor([high, high])).item(), high);
});

test('at a kink and at a tie the gradient is the one that the op states', async () => {
  const gradient = async (f: (x: Tensor) => Tensor, values: number[]) => {
    const x = gpu.parameter(values, [values.length]);
    return [...(await e.grad(f(x), [x])[0].data())];
  };
  const half = (x: Tensor, from: number) => e.slice(x, [from], [2]);
  assert.equal(await gradient(e.relu, [-1, 0, 1]), [0, 0, 1]);
  assert.equal(await gradient(e.abs, [-1, 0, 1]), [-1, 0, 1]);
  assert.equal(await gradient((x) => e.leakyRelu(x, 0.5), [-1, 0, 1]), [0.5, 0.5, 1]);
  assert.equal(await gradient((x) => e.clamp(x, -1, 2), [-2, -1, 0, 2, 3]), [0, 1, 1, 1, 0]);
  assert.equal(await gradient((x) => e.min(x), [2, 1, 5, 1]), [0, 0.5, 0, 0.5]);
  const top = (x: Tensor) => e.topKThreshold(e.reshape(x, [1, 4]), 2);
  assert.equal(await gradient(top, [1, 3, 1, 1]), [1, 1, 0, 0]);
  assert.equal(await gradient((x) => e.max(x), [2, 5, 5, 1, 5, 5]), [0, 0.25, 0.25, 0, 0.25, 0.25]);
  const pairs = [3, 1, 3, 2]; // a = [3, 1], b = [3, 2]
  assert.equal(await gradient((x) => e.maximum(half(x, 0), half(x, 2)), pairs), [0, 0, 1, 1]);
  assert.equal(await gradient((x) => e.minimum(half(x, 0), half(x, 2)), pairs), [0, 1, 1, 0]);
  const pooled = (stride: number) => (x: Tensor) =>
    e.maxPool2d(e.reshape(x, [1, 1, 2, 3]), { kernelSize: 2, stride });
  assert.equal(await gradient(pooled(1), [4, 4, 4, 4, 4, 4]), [1, 1, 0, 0, 0, 0]);
  assert.equal(await gradient(pooled(2), [1, 4, 9, 4, 4, 9]), [0, 1, 0, 0, 0, 0]);
});

test('what does not fit is refused, with the op, what it got and what it expected', () => {
  const [image, rows] = [gpu.zeros([1, 2, 3, 3]), gpu.zeros([2, 3])];
  const labels = gpu.tensor([0, 1], [2], 'u32');
  const weight = gpu.zeros([2, 1, 3, 3]);
  const refused: [() => Tensor, RegExp][] = [
    [() => e.convTranspose2d(rows, weight), /^convTranspose2d: x \[2, 3\] and weight/],
    [() => e.convTranspose2d(image, gpu.zeros([3, 1, 3, 3])), /^convTranspose2d: .*weight \[3, 1/],
    [() => e.convTranspose2d(image, weight, { outputPadding: 1 }), /outputPadding is 1, expected/],
    [() => e.convTranspose2d(image, weight, { padding: 3 }), /the output would be -1 × -1/],
    [() => e.slice(rows, [0, 0], [1, 2], [1, 3]), /^slice: .*step \[1, 3\] do not fit in \[2, 3\]/],
    [() => e.slice(rows, [0, 0], [1, 2], [1, 0]), /^slice: /],
    [() => e.slice(rows, [0, 0], [1, 2], [1]), /^slice: /],
    [() => e.gather(rows, gpu.tensor([0], [1], 'u32')), /^gather: x \[2, 3\] and labels \[1\]/],
    [() => e.scatter(rows, labels, 3), /^scatter: v \[2, 3\] and labels \[2\]/],
    [() => e.topKMask(rows, 4), /^topKMask: k is 4 for x \[2, 3\]/],
    [() => e.topKThreshold(image, 1), /^topKMask: .*\[1, 2, 3, 3\]/],
    [() => e.adaptiveAvgPool2d(rows, [1, 1]), /^adaptiveAvgPool2d: x \[2, 3\] to \[1, 1\]/],
    [() => e.adaptiveAvgPool2d(image, [0, 1]), /^adaptiveAvgPool2d: .*to \[0, 1\]/],
    [() => e.resizeNearest(image, [2, 1.5]), /^resizeNearest: .*to \[2, 1.5\]/],
    [() => e.gaussianBlur(image, 0), /^gaussianBlur: .*sigma 0/],
    [() => e.gaussianBlur(rows, 1), /^gaussianBlur: x \[2, 3\]/],
    [() => e.layerNorm(rows, gpu.zeros([2]), gpu.zeros([2])), /^layerNorm: gamma \[2\]/],
    [() => e.clamp(rows, 1, -1), /^clamp: bounds 1 and -1, expected low ≤ high/],
    [() => e.within(rows, Number.NaN, 1), /^within: bounds NaN and 1/],
    [() => e.pow(rows, Number.POSITIVE_INFINITY), /^pow: exponent is Infinity/],
    [() => e.gelu(rows, { approximate: 'sin' as 'tanh' }), /^gelu: approximate is sin/],
    [() => e.cosineSimilarity(rows, gpu.zeros([3, 2])), /^cosineSimilarity: shapes \[2, 3\] and/],
    [() => e.klDivergence(image, image), /^klDivergence: shapes \[1, 2, 3, 3\]/],
    [() => e.binaryCrossEntropy(rows, labels), /^binaryCrossEntropy: targets have shape \[2\]/],
    [() => e.where(gpu.zeros([2]), rows, rows), /do not broadcast/],
  ];
  for (const [call, message] of refused) assert.throws(call, message);
});

test('a label that is no class is an error, eager and in every run of a program', async () => {
  const labels = gpu.tensor([1, 3, 2], [3], 'u32');
  const rows = gpu.zeros([3, 3]);
  for (const [name, call] of Object.entries({
    gather: () => e.gather(rows, labels),
    scatter: () => e.scatter(gpu.zeros([3]), labels, 3),
    oneHot: () => e.oneHot(labels, 3),
    softmaxCrossEntropy: () => e.softmaxCrossEntropy(rows, labels),
  })) {
    const message = `${name}: label 1 is 3, expected 0 to 2 for 3 classes.`;
    labels.write([1, 3, 2]);
    assert.throws(call, (error: Error) => error.message === message);
    const program = await gpu.capture(call);
    assert.throws(
      () => program.run(),
      (error: Error) => error.message === message,
    );
    labels.write([1, 2, 2]);
    program.run();
    program.dispose();
  }
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
