// A loss on a saliency map, trained through: first- and second-order gradients in fifteen lines.

import {
  add,
  conv2d,
  Gpu,
  grad,
  maxPool2d,
  mean,
  relevanceLoss,
  relu,
  saliencyMap,
  sum,
} from 'gfsr/engine';
import { createNodeDevice } from 'gfsr/engine/node';

const { device, wait } = await createNodeDevice();
const gpu = new Gpu(device, { wait });
const random = (n: number) => Float32Array.from({ length: n }, () => Math.random() - 0.5);
const x = gpu.tensor(random(2 * 28 * 28), [2, 1, 28, 28]);
const weight = gpu.parameter(random(4 * 9), [4, 1, 3, 3]);
const mask = gpu.tensor(random(2 * 28 * 28).map(Math.abs), [2, 28, 28]);

const activations = relu(conv2d(x, weight, { padding: 1 }));
const score = sum(maxPool2d(activations, { kernelSize: 2 }));
const [gradient] = grad(score, [activations], { createGraph: true }); // first order …
const saliency = saliencyMap(activations, gradient, { method: 'hirescam', sign: 'abs' });
const loss = add(mean(relevanceLoss(saliency, mask)), mean(activations));
const [dw] = grad(loss, [weight]); // … and through it, second order
console.log(await loss.item(), await dw.data());
gpu.destroy();
