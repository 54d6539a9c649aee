// What a user of PyTorch, tfjs or plain JavaScript tries first: it works, or an error says what to write.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../engine/index.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();
const x = gpu.tensor([
  [1, 2],
  [3, 4],
]);
const image = gpu.zeros([1, 1, 8, 8]);
const window = gpu.zeros([1, 1, 3, 3]);

/** Something of the wrong kind, as JavaScript lets one pass. */
// biome-ignore lint/suspicious/noExplicitAny: that is what is tested
const any = (value: unknown): any => value;

test('one axis may be a number', async () => {
  assert.equal(await e.sum(x, 1).array(), [3, 7]);
  assert.equal(await e.mean(x, -2).array(), [2, 3]);
  assert.equal(await e.max(x, 0, { keepDims: true }).array(), [[3, 4]]);
  assert.equal([...e.concat([x, x], -1).shape], [2, 4]);
});

test('an op of one tensor takes no index for an attribute', async () => {
  const [a, b] = [x, x].map(e.neg);
  assert.equal(await b.array(), await a.array());
});

test('a shape that the caller goes on to change stays as it was', () => {
  const shape = [2, 2];
  const y = gpu.zeros(shape);
  shape[0] = 9;
  assert.equal([...y.shape], [2, 2]);
});

test('what would have no effect, or another one than meant, is refused in words', () => {
  const refused: [() => unknown, RegExp][] = [
    [() => e.add(x, any(1)), /^add: b is number, expected a Tensor\. For a number, use scaleShift/],
    [() => e.sum(x, any('1')), /^sum: axes is 1, expected an axis or a list/],
    [() => e.reshape(x, any(4)), /^reshape: shape is 4, expected a list such as \[2, 3\]/],
    [() => e.reshape(x, [-2, -2]), /^reshape: shape \[-2, -2\] has a dimension -2/],
    [() => e.concat(any(x)), /^concat: parts is not a list\. Write concat\(\[a, b\], axis\)/],
    [() => e.concat([x, x], 2), /^concat: axis 2 does not exist in shape \[2, 2\]/],
    [() => e.conv2d(image, window, any(gpu.zeros([1]))), /^conv2d: options is a Tensor\. Write/],
    [
      () => e.conv2d(image, window, {}, gpu.zeros([3])),
      /^conv2d: bias has shape \[3\], expected \[1\]/,
    ],
    [
      () => e.convTranspose2d(image, window, {}, gpu.zeros([3])),
      /^convTranspose2d: bias has shape \[3\], expected \[1\]/,
    ],
    [() => e.maxPool2d(image, any(2)), /^maxPool2d: options is 2, expected .* \{ kernelSize: 2 \}/],
    [() => e.avgPool2d(image, any(undefined)), /^avgPool2d: options is undefined/],
    [
      () => e.resizeBilinear(image, any(8)),
      /^resizeBilinear: size is 8, expected \[height, width\]/,
    ],
    [() => e.dropout(x, 0.5, any(undefined)), /^dropout: state is missing\. Give \{ state:/],
    [() => gpu.scope(any(x)), /^scope: the body is object, expected a function/],
    [() => new e.Gpu(any(undefined)), /^gpu: device is not a GPUDevice\. Write new Gpu/],
    [() => new e.Gpu(any({ device: gpu.device })), /^gpu: device is not a GPUDevice/],
  ];
  for (const [call, message] of refused) {
    assert.throws(call, (error: Error) => message.test(error.message), String(message));
  }
});

test.run();
