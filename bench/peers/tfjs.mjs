// TensorFlow.js on WebGPU, channels last as it wants them: numbers are turned before and after, never in between.

import '@tensorflow/tfjs'; // registers the gradients
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgpu';

export async function open() {
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs: its WebGPU backend does not start.');
  await tf.ready();
  return {
    name: 'tfjs-webgpu',
    prepare: async (work) => (work.kind === 'step' ? prepareStep(work) : prepareKernel(work)),
    close: () => tf.backend().device.destroy(),
  };
}

/** All that was handed over is submitted and done. */
function done() {
  const backend = tf.backend();
  backend.endComputePassEncoder?.();
  // Hands over what it has gathered; after some number of kernels it does so by itself, and nothing is left.
  if (backend.commandEncoder) backend.submitQueue();
  return backend.device.queue.onSubmittedWorkDone();
}

const tensor = ({ values, shape }) => tf.tensor(values, [...shape]);
/** [N, C, H, W] → [N, H, W, C]. */
const image = (one) => tf.tidy(() => tf.transpose(tensor(one), [0, 2, 3, 1]));
/** [O, C, k, k] → [k, k, C, O]. */
const filter = (one) => tf.tidy(() => tf.transpose(tensor(one), [2, 3, 1, 0]));
const fromImage = (y) => tf.transpose(y, [0, 3, 1, 2]);
const fromFilter = (w) => tf.transpose(w, [3, 2, 0, 1]);

const OPTIONS = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dimRoundingMode: undefined };

function prepareKernel({ kind, window, operands }) {
  const [a, b] = operands;
  const engine = tf.engine();
  const kernels = {
    forward: () => {
      const inputs = { x: image(a), filter: filter(b) };
      const attributes = { ...OPTIONS, dilations: [1, 1] };
      return [() => engine.runKernel('Conv2D', inputs, attributes), fromImage];
    },
    'input grad': () => {
      const inputs = { dy: image(b), filter: filter(a) };
      const [n, , h, w] = b.shape;
      const attributes = { ...OPTIONS, inputShape: [n, h, w, a.shape[1]] };
      return [() => engine.runKernel('Conv2DBackpropInput', inputs, attributes), fromImage];
    },
    'weight grad': () => {
      const inputs = { x: image(a), dy: image(b) };
      const attributes = { ...OPTIONS, filterShape: [window, window, a.shape[1], b.shape[1]] };
      return [() => engine.runKernel('Conv2DBackpropFilter', inputs, attributes), fromFilter];
    },
    matmul: () => {
      const [x, y] = [tensor(a), tensor(b)];
      return [() => tf.matMul(x, y), (z) => z];
    },
  };
  const [run, back] = kernels[kind]();
  return {
    run: () => run().dispose(),
    done,
    result: () => tf.tidy(() => back(run())).data(),
  };
}

const conv = (p, name, x) =>
  tf.relu(tf.add(tf.conv2d(x, p[`${name}.weight`], 1, 'same'), p[`${name}.bias`]));
const pool = (x) => tf.maxPool(x, 2, 2, 'valid');
const LAYERS = [
  (p, x) => conv(p, 'conv1', x),
  (_, x) => pool(x),
  (p, x) => conv(p, 'conv2', x),
  (_, x) => pool(x),
  (p, x) => conv(p, 'conv3', x),
  (p, x) => tf.add(tf.matMul(tf.mean(x, [1, 2]), p['fc.weight'], false, true), p['fc.bias']),
];
/** A map with less in all is left out, as ours is. */
const EPS = 1e-8;
/** Layers up to the map that Grad-CAM is taken at. */
const CUT = { 'before the pool': 3, 'last conv input': 4, 'last map': 5 };

function prepareStep({ map, learningRate, weights, images, labels, mask }) {
  const p = Object.fromEntries(
    Object.entries(weights).map(([name, one]) => [
      name,
      tf.variable(one.shape.length === 4 ? filter(one) : tensor(one)),
    ]),
  );
  const x = image(images);
  const target = tensor(labels);
  const where = mask && tensor(mask);
  const through = (y, layers) => layers.reduce((z, layer) => layer(p, z), y);
  const crossEntropy = (logits) =>
    tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), target), -1)));
  const loss = () => {
    if (!map) return crossEntropy(through(x, LAYERS));
    const a = through(x, LAYERS.slice(0, CUT[map]));
    const rest = LAYERS.slice(CUT[map]);
    const g = tf.grad((z) => tf.sum(tf.mul(through(z, rest), target)))(a);
    const cam = tf.relu(tf.sum(tf.mul(tf.mean(g, [1, 2], true), a), 3));
    const total = tf.sum(cam, [1, 2]);
    const valid = tf.step(tf.sub(total, EPS));
    const share = tf.div(tf.sum(tf.mul(cam, where), [1, 2]), tf.maximum(total, EPS));
    const relevance = tf.mean(tf.mul(tf.sub(1, share), valid));
    return tf.add(crossEntropy(through(a, rest)), relevance);
  };
  const optimizer = tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
  return {
    run: () => {
      optimizer.minimize(loss);
    },
    done,
    result: () => optimizer.minimize(loss, true).data(),
  };
}
