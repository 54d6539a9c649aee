// Training steps: memory stays flat, seeds repeat byte for byte, the exact shortcut trains as the general path does.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { grad, mean } from '../../engine/index.ts';
import { parseConfig, saliencyOptions } from '../../gfsr/config.ts';
import { relevanceLosses, relevanceLossNamed } from '../../gfsr/losses.ts';
import { saliency } from '../../gfsr/saliency.ts';
import { type GuidedInputs, secondPass, TrainingStep } from '../../gfsr/step.ts';
import { createClassifier, type SmallCnnConfig } from '../../model/classifier.ts';
import { createAdam } from '../../model/optimizer.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();
const BATCH = 4;
const SIZE = 8;
const CNN: SmallCnnConfig = {
  architecture: 'small-cnn',
  channels: 1,
  classes: 2,
  size: SIZE,
  widths: [2, 3],
  hidden: 4,
  head: 'dense',
  norm: 'none',
};

const values = (n: number, seed: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(i * 7.31 + seed));

const batch = (t: number, images = BATCH): GuidedInputs => ({
  images: values(BATCH * SIZE * SIZE, t),
  labels: Uint32Array.from({ length: BATCH }, (_, i) => (i + t) % 2),
  masks: values(images * SIZE * SIZE, t + 1).map(Math.abs),
  weights: new Float32Array(images).fill(1),
  signs: values(images * 2, t + 2).map(Math.sign),
  lambda: 1,
  reference: values(images * SIZE * SIZE, t + 3).map(Math.abs),
});

async function train(loss: string, steps: number, during?: (step: number) => Promise<void>) {
  const classifier = createClassifier(gpu, CNN, 0);
  const optimizer = createAdam(gpu, classifier.weights.parameters);
  const guidance = {
    loss: relevanceLossNamed(loss),
    saliency: saliencyOptions(parseConfig({ layer: 'conv1' })),
    images: BATCH / 2,
  };
  const step = await TrainingStep.record(gpu, classifier, optimizer, BATCH, guidance);
  for (let t = 0; t < steps; t++) {
    optimizer.advance(1e-2);
    step.run(batch(t, BATCH / 2));
    await during?.(t);
  }
  const losses = await step.losses();
  const weights = await classifier.weights.state();
  step.dispose();
  optimizer.dispose();
  classifier.weights.dispose();
  return { losses, weights };
}

for (const loss of relevanceLosses.keys()) {
  test(`${loss}: a guided step runs and its losses are finite`, async () => {
    const { losses, weights } = await train(loss, 3);
    assert.ok(Number.isFinite(losses.crossEntropy) && losses.relevance > 0, JSON.stringify(losses));
    for (const { data } of weights.values()) assert.ok(data.every(Number.isFinite));
  });
}

test('two runs give the same weights, byte for byte', async () => {
  assert.equal((await train('gfsr', 20)).weights, (await train('gfsr', 20)).weights);
});

test('1,000 steps hold GPU bytes and process memory flat after warm-up', async () => {
  const marks: { gpu: number; process: number }[] = [];
  await train('gfsr', 1000, async (t) => {
    if (t % 100 !== 99) return;
    await gpu.sync();
    globalThis.gc?.();
    marks.push({ gpu: gpu.stats.allocatedBytes, process: process.memoryUsage().rss });
  });
  const [warm, last] = [marks[1], marks[marks.length - 1]];
  assert.is(last.gpu, warm.gpu);
  // The collector's own sawtooth is some MB; a leak of one step's 0.1 MB would be 80 MB.
  assert.ok(
    last.process - warm.process < 24e6,
    `${last.process - warm.process} bytes in 800 steps`,
  );
});

test('the exact Grad-CAM of a pooled head equals the general path, map and gradient of a loss on it', async () => {
  const classifier = createClassifier(gpu, { ...CNN, head: 'pooled' }, 0);
  const x = gpu.tensor(values(BATCH * SIZE * SIZE, 5), [BATCH, 1, SIZE, SIZE]);
  const labels = gpu.tensor([0, 1, 1, 0], [BATCH], 'u32');
  const mask = gpu.tensor(values(BATCH * 16, 6).map(Math.abs), [BATCH, 4, 4]);
  const parameters = [...classifier.weights.parameters.values()];
  const along = async (exact: boolean, method: 'gradcam' | 'hirescam') => {
    const options = { ...saliencyOptions(parseConfig({ layer: 'last', target: 'label' })), method };
    const result = classifier.forward(x, { training: true });
    const context = { classifier, image: x, result, labels, createGraph: true };
    const map = saliency(context, { ...options, sign: 'relu' }, { exact });
    const each = relevanceLossNamed('gfsr').loss({
      saliency: map,
      mask,
      logits: result.logits,
      labels,
      image: x,
      forward: secondPass(classifier),
    });
    const grads = grad(mean(each), parameters, { unused: 'zero' });
    return [await map.data(), ...(await Promise.all(grads.map((g) => g.data())))];
  };
  for (const method of ['gradcam', 'hirescam'] as const) {
    const [exact, general] = [await along(true, method), await along(false, method)];
    exact.forEach((a, i) => {
      const scale = a.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-6);
      a.forEach((v, k) => {
        assert.ok(
          Math.abs(v - general[i][k]) <= 2e-5 * scale,
          `${method} ${i} ${v} ${general[i][k]}`,
        );
      });
    });
    assert.ok(
      exact.slice(1).some((g) => g.some((v) => v !== 0)),
      'the loss has a gradient at all',
    );
  }
});

test.after(() => gpu.destroy());
test.run();
