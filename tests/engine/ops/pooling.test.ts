// Pooling against float64, at NaN and at ties.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { gradientAt, testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './pooling.ts';

const gpu = await testGpu();

testOps(specification);

testNaN('maxPool2d', (x) => e.maxPool2d(e.reshape(x, [1, 1, 2, 2]), { kernelSize: 2 }));

test('at a tie the gradient of a maximum goes to the first of its window', async () => {
  const pooled = (stride: number) => (x: e.Tensor) =>
    e.maxPool2d(e.reshape(x, [1, 1, 2, 3]), { kernelSize: 2, stride });
  assert.equal(await gradientAt(pooled(1), [4, 4, 4, 4, 4, 4]), [1, 1, 0, 0, 0, 0]);
  assert.equal(await gradientAt(pooled(2), [1, 4, 9, 4, 4, 9]), [0, 1, 0, 0, 0, 0]);
  for (const width of [2, 4]) {
    const halved = (x: e.Tensor) =>
      e.maxPool2d(e.reshape(x, [1, 8 / width / 2, 2, width]), { kernelSize: 2 });
    const firsts = width === 2 ? [1, 0, 0, 0, 1, 0, 0, 0] : [1, 0, 1, 0, 0, 0, 0, 0];
    assert.equal(await gradientAt(halved, [4, 4, 4, 4, 4, 4, 4, 4]), firsts);
  }
});

test('two windows at a time: each finds its own maximum, and NaN wins over all', async () => {
  const halved = (x: e.Tensor) => e.maxPool2d(e.reshape(x, [1, 1, 2, 4]), { kernelSize: 2 });
  const y = halved(gpu.tensor([1, 9, Number.NaN, 4, 3, 2, 8, 7], [8]));
  assert.equal([...(await y.data())], [9, Number.NaN]);
  assert.equal(await gradientAt(halved, [1, 9, 2, 4, 3, 2, 8, 7]), [0, 1, 0, 0, 0, 0, 1, 0]);
});

test('shapes and sizes that do not fit are refused', () => {
  const [image, rows] = [gpu.zeros([1, 2, 3, 3]), gpu.zeros([2, 3])];
  assert.throws(
    () => e.adaptiveAvgPool2d(rows, [1, 1]),
    /^adaptiveAvgPool2d: x \[2, 3\] to \[1, 1\]/,
  );
  assert.throws(() => e.adaptiveAvgPool2d(image, [0, 1]), /^adaptiveAvgPool2d: .*to \[0, 1\]/);
});

test.run();
