// Log-softmax and softmax cross-entropy over the rows of logits [n, classes].

import { defineKernel, linearGrid, linearMain, read, write } from './kernel.ts';

/** ln Σ e^x of a row, shifted by its maximum so that nothing overflows. */
const LOG_SUM_EXP = /* wgsl */ `
fn log_sum_exp(row: u32) -> f32 {
  let base = row * params.classes;
  var most = logits[base];
  for (var k = 1u; k < params.classes; k++) { most = max(most, logits[base + k]); }
  var total = 0.0;
  for (var k = 0u; k < params.classes; k++) { total += exp(logits[base + k] - most); }
  return most + log(total);
}
`;

const params = { size: 'u32', classes: 'u32' } as const;

/** y = x − ln Σ e^x, one thread per row. */
export const logSoftmax = defineKernel({
  label: 'log_softmax',
  bindings: { logits: read(), y: write() },
  params,
  workgroups: linearGrid,
  wgsl:
    LOG_SUM_EXP +
    linearMain(/* wgsl */ `
  let total = log_sum_exp(i);
  for (var k = i * params.classes; k < (i + 1u) * params.classes; k++) { y[k] = logits[k] - total; }`),
});

/** loss[i] = −ln softmax(logits[i])[labels[i]]. */
export const softmaxCrossEntropy = defineKernel({
  label: 'softmax_cross_entropy',
  bindings: { logits: read(), labels: read('u32'), loss: write() },
  params,
  workgroups: linearGrid,
  wgsl:
    LOG_SUM_EXP +
    linearMain('  loss[i] = log_sum_exp(i) - logits[i * params.classes + labels[i]];'),
});

/** dx = dy[i]·(softmax(logits[i]) − one-hot(labels[i])). */
export const softmaxCrossEntropyInputGrad = defineKernel({
  label: 'softmax_cross_entropy_input_grad',
  bindings: { dy: read(), logits: read(), labels: read('u32'), dx: write() },
  params,
  workgroups: linearGrid,
  wgsl:
    LOG_SUM_EXP +
    linearMain(/* wgsl */ `
  let total = log_sum_exp(i);
  let base = i * params.classes;
  for (var k = 0u; k < params.classes; k++) {
    let hit = select(0.0, 1.0, k == labels[i]);
    dx[base + k] = dy[i] * (exp(logits[base + k] - total) - hit);
  }`),
});

/** y[i, k] = 1 if k = labels[i], else 0. */
export const oneHot = defineKernel({
  label: 'one_hot',
  bindings: { labels: read('u32'), y: write() },
  params,
  workgroups: linearGrid,
  wgsl: linearMain('  y[i] = select(0.0, 1.0, labels[i / params.classes] == i % params.classes);'),
});
