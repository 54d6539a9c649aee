// The running statistics of batch normalisation against PyTorch's rule in float64.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tensor } from '../../engine/index.ts';
import { batchNormLayer } from '../../model/layers.ts';
import { Weights } from '../../model/weights.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();

test('running mean and unbiased variance move a tenth of the way with each batch', async () => {
  const weights = new Weights(gpu, 0);
  const layer = batchNormLayer(weights, 'bn', 2);
  const [mean, variance] = [
    [0, 0],
    [1, 1],
  ];
  for (const shift of [3, -1]) {
    const batch = [
      [1, 4, 2, shift],
      [-5, 0.5, shift, 7],
    ];
    // Four images of one place, two channels.
    const x = gpu.tensor(
      [0, 1, 2, 3].flatMap((n) => [batch[0][n], batch[1][n]]),
      [4, 2, 1, 1],
    );
    layer(x, { training: true });
    batch.forEach((values, c) => {
      const m = values.reduce((a, b) => a + b) / 4;
      const unbiased = values.reduce((a, v) => a + (v - m) ** 2, 0) / 3;
      mean[c] += 0.1 * (m - mean[c]);
      variance[c] += 0.1 * (unbiased - variance[c]);
    });
  }
  const running = async (name: string) => [
    ...(await (weights.buffers.get(`bn.${name}`) as Tensor).data()),
  ];
  const [means, variances] = [await running('running_mean'), await running('running_var')];
  for (const c of [0, 1]) {
    assert.ok(Math.abs(means[c] - mean[c]) < 1e-6, `mean ${means} ${mean}`);
    assert.ok(Math.abs(variances[c] - variance[c]) < 1e-5, `variance ${variances} ${variance}`);
  }
});

test('one value per channel cannot be normalised by itself', () => {
  const weights = new Weights(gpu, 0);
  const layer = batchNormLayer(weights, 'bn', 2);
  const x = gpu.tensor([5, -3], [1, 2, 1, 1]);
  assert.throws(
    () => layer(x, { training: true }),
    /bn: x has shape \[1, 2, 1, 1\], expected more/,
  );
  assert.equal(layer(x, { training: false }).shape, x.shape);
  for (const tensor of weights.parameters.values()) tensor.requiresGrad = false;
  assert.equal(layer(x, { training: true }).shape, x.shape);
});

test.run();
