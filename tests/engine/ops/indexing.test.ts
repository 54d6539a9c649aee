// Values picked by label or by rank against float64, at NaN, at ties and at labels of no class.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import * as kernels from '../../../kernels/indexing.ts';
import { testGpu } from '../../support/gpu.ts';
import { gradientAt, testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './indexing.ts';

const gpu = await testGpu();

testOps(specification);

testNaN('topKThreshold', (x) => e.topKThreshold(e.reshape(x, [1, 4]), 1));

test('at a tie the gradient goes to the leftmost', async () => {
  const top = (x: e.Tensor) => e.topKThreshold(e.reshape(x, [1, 4]), 2);
  assert.equal(await gradientAt(top, [1, 3, 1, 1]), [1, 1, 0, 0]);
});

test('argmax takes axes from the end, all elements by default, and NaN for the largest', async () => {
  const x = gpu.tensor([
    [1, 5, 2],
    [7, Number.NaN, 9],
  ]);
  assert.equal(await e.argmax(x, -1).array(), [1, 1]);
  assert.equal(await e.argmax(x, -2, { keepDims: true }).array(), [[1, 1, 1]]);
  assert.is(await e.argmax(x).array(), 4);
  assert.equal(await e.argmax(x, undefined, { keepDims: true }).array(), [[4]]);
  const [rows, classes] = [gpu.tensor([[3, 4, 1]]), e.argmax(gpu.tensor([[0, 1, 0]]), 1)];
  assert.equal(await e.gather(rows, classes).array(), [4]); // labels for other ops
  assert.throws(
    () => e.argmax(rows, 2),
    /^argmax: axis 2 does not exist in shape \[1, 3\], expected -2 to 1/,
  );
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

test('a label that no host has seen and that is no class picks nothing', async () => {
  const labels = gpu.tensor([3, 2], [2], 'u32');
  const [x, v] = [gpu.tensor([1, 2, 3, 4, 5, 6], [2, 3]), gpu.tensor([7, 8])];
  const [picked, placed] = [gpu.empty([2]), gpu.empty([2, 3])];
  gpu.run(kernels.gather, { x, labels, y: picked }, { size: 2, classes: 3 });
  gpu.run(kernels.scatter, { v, labels, y: placed }, { size: 6, classes: 3 });
  assert.equal([...(await picked.data())], [0, 6]);
  assert.equal([...(await placed.data())], [0, 0, 0, 0, 0, 8]);
});

test('shapes and ranks that do not fit are refused', () => {
  const [rows, labels] = [gpu.zeros([2, 3]), gpu.tensor([0, 1], [2], 'u32')];
  const one = gpu.tensor([0], [1], 'u32');
  assert.throws(() => e.gather(rows, one), /^gather: x \[2, 3\] and labels \[1\]/);
  assert.throws(() => e.scatter(rows, labels, 3), /^scatter: v \[2, 3\] and labels \[2\]/);
  assert.throws(() => e.topKMask(rows, 4), /^topKMask: k is 4 for x \[2, 3\]/);
  assert.throws(() => e.topKThreshold(gpu.zeros([1, 2, 3, 3]), 1), /^topKMask: .*\[1, 2, 3, 3\]/);
});

test.run();
