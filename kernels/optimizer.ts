// In-place parameter updates: Adam(W), SGD with momentum, and the running average.
//
// A moment whose decay is 0 is not read: 0 times what is not finite would stay so forever.

import { defineKernel, linearGrid, linearMain, read, update } from './kernel.ts';

/**
 * Adam (Kingma & Ba 2015), with L2 in the gradient or decoupled (AdamW, Loshchilov & Hutter 2019).
 * `schedule` = [lr, 1/(1 − beta1^t), 1/(1 − beta2^t)]: what changes from step to step is data, so that a
 * recorded step can be replayed. rate = 1 − beta comes from the host: in float32, 1 − 0.999 has four digits.
 */
export const adam = defineKernel({
  label: 'adam',
  bindings: { param: update(), grad: read(), m: update(), v: update(), schedule: read() },
  params: {
    size: 'u32',
    beta1: 'f32',
    beta2: 'f32',
    rate1: 'f32',
    rate2: 'f32',
    eps: 'f32',
    weight_decay: 'f32',
    decoupled: 'u32',
  },
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  let lr = schedule[0];
  var p = param[i];
  var g = grad[i];
  if (params.decoupled == 1u) { p -= lr * params.weight_decay * p; } else { g += params.weight_decay * p; }
  let first = params.beta1 * select(0.0, m[i], params.beta1 > 0.0) + params.rate1 * g;
  let second = params.beta2 * select(0.0, v[i], params.beta2 > 0.0) + params.rate2 * g * g;
  m[i] = first;
  v[i] = second;
  param[i] = p - lr * (first * schedule[1]) / (sqrt(second * schedule[2]) + params.eps);`),
});

/** v = momentum·v + g; p = p − lr·v (PyTorch's form). */
export const sgd = defineKernel({
  label: 'sgd',
  bindings: { param: update(), grad: read(), v: update(), schedule: read() },
  params: { size: 'u32', momentum: 'f32', weight_decay: 'f32' },
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  let p = param[i];
  let step = params.momentum * select(0.0, v[i], params.momentum > 0.0) + grad[i] + params.weight_decay * p;
  v[i] = step;
  param[i] = p - schedule[0] * step;`),
});

/** Running mean and variance of a batch norm; the batch's variance is biased, the running one is not. */
export const runningAverage = defineKernel({
  label: 'running_average',
  bindings: { mean: update(), variance: update(), moments: read() },
  params: { size: 'u32', rate: 'f32', unbias: 'f32' },
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  mean[i] += params.rate * (moments[i] - mean[i]);
  variance[i] += params.rate * (moments[params.size + i] * params.unbias - variance[i]);`),
});
