// Training steps: memory stays flat, seeds repeat byte for byte, the exact shortcut trains as the general path does.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { grad, mean } from '../../../engine/index.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { decomposition, secondPass } from '../../../gfsr/guidance/loss-context.ts';
import {
  defineRelevanceLoss,
  relevanceLosses,
  relevanceLossNamed,
} from '../../../gfsr/guidance/losses.ts';
import { saliency } from '../../../gfsr/guidance/saliency.ts';
import { TrainingStep } from '../../../gfsr/train/step.ts';
import { createClassifier } from '../../../model/architectures.ts';
import { createAdam } from '../../../model/optimizer.ts';
import { balanced, rejects } from '../../support/assertions.ts';
import { testGpu } from '../../support/gpu.ts';
import {
  BATCH,
  CNN,
  SIZE,
  trainingHash,
  trainShortly,
  wave,
} from '../../support/short-training.ts';

const gpu = await testGpu();

for (const loss of Object.keys(relevanceLosses)) {
  test(`${loss}: a guided step runs and its losses are finite`, async () => {
    const { losses, weights } = await trainShortly(gpu, { loss, steps: 3 });
    assert.ok(Number.isFinite(losses.crossEntropy) && losses.relevance > 0, JSON.stringify(losses));
    for (const { data } of weights.values()) assert.ok(data.every(Number.isFinite));
  });
}

test('two runs give the same weights, byte for byte; another seed gives others', async () => {
  const hashes = new Set<string>();
  for (const seed of [0, 1, 2]) {
    const once = await trainingHash(gpu, { steps: 20, seed });
    assert.is(await trainingHash(gpu, { steps: 20, seed }), once, `seed ${seed}`);
    hashes.add(once);
  }
  assert.is(hashes.size, 3);
});

for (const guided of [false, true]) {
  test(`five ${guided ? 'guided' : 'plain'} steps, eager and replayed, give the same weights and losses`, async () => {
    const how = { steps: 5, guided };
    assert.is(
      await trainingHash(gpu, { ...how, eager: true }),
      await trainingHash(gpu, { ...how, eager: false }),
    );
    const [eager, replayed] = [
      await trainShortly(gpu, { ...how, eager: true }),
      await trainShortly(gpu, how),
    ];
    assert.equal(eager.losses, replayed.losses);
    assert.is(eager.losses.relevance > 0, guided);
  });
}

for (const gradients of [{ conflictFree: true }, { maxNormRatio: 0.1 }]) {
  const name = Object.keys(gradients)[0];
  test(`steps with ${name}, eager and replayed, give the same weights, and others than the plain sum`, async () => {
    const how = { steps: 8, gradients };
    const hash = await trainingHash(gpu, how);
    assert.is(await trainingHash(gpu, { ...how, eager: true }), hash);
    assert.is.not(await trainingHash(gpu, { steps: 8 }), hash);
  });
}

test('a limit that is never reached, and no conflict to solve, leave the sum of the gradients', async () => {
  const weights = async (gradients?: object) => {
    const { weights } = await trainShortly(gpu, { steps: 2, gradients });
    return [...weights.values()].flatMap(({ data }) => [...data]);
  };
  const [sum, limited] = [await weights(), await weights({ maxNormRatio: 1e6 })];
  sum.forEach((w, i) => {
    assert.ok(Math.abs(w - limited[i]) < 1e-4, `${w}, limited ${limited[i]}`);
  });
});

test('eager steps leave no memory behind', async () => {
  const used: number[] = [];
  const before = gpu.stats.usedBytes;
  await trainShortly(gpu, {
    steps: 4,
    eager: true,
    during: async () => {
      used.push(gpu.stats.usedBytes);
    },
  });
  assert.is(used[3], used[0]);
  assert.is(gpu.stats.usedBytes, before);
});

test('a step that cannot be recorded leaves no memory behind', async () => {
  const classifier = createClassifier(gpu, CNN, 0);
  const optimizer = createAdam(gpu, classifier.weights.parameters);
  const { saliency } = parseConfig({});
  const fails = defineRelevanceLoss({
    ...{ name: 'fails', source: 'test' },
    loss: () => {
      throw new Error('on purpose');
    },
  });
  const gradients = { conflictFree: true };
  const guidance = (layer: string) => ({
    ...{ loss: fails, saliency: { ...saliency, layer }, images: 2, gradients },
  });
  const create = (layer: string) =>
    TrainingStep.create(gpu, classifier, optimizer, BATCH, guidance(layer), {
      detectAnomaly: true,
    });
  await balanced(gpu, () => rejects(() => create('conv1'), /on purpose/));
  await balanced(gpu, () => rejects(() => create('conv9'), /conv9/));
  optimizer.dispose();
  classifier.weights.dispose();
});

for (const gradients of [undefined, { conflictFree: true }]) {
  const how = gradients ? 'with mixed gradients' : 'with their sum';
  test(`the sketch of a step ${how} is what is recorded`, async () => {
    const classifier = createClassifier(gpu, CNN, 0);
    const optimizer = createAdam(gpu, classifier.weights.parameters);
    const loss = relevanceLossNamed('gfsr');
    const { saliency } = parseConfig({ saliency: { layer: 'conv1' } });
    const guidance = { loss, saliency, images: 2, gradients };
    const sketch = TrainingStep.sketch(gpu, classifier, optimizer, BATCH, guidance);
    const step = await TrainingStep.create(gpu, classifier, optimizer, BATCH, guidance);
    const { dispatches, plannedBytes, unsharedBytes } = sketch;
    assert.equal({ dispatches, plannedBytes, unsharedBytes }, step.cost);
    step.dispose();
    optimizer.dispose();
    classifier.weights.dispose();
  });
}

test('1,000 steps hold GPU bytes and process memory flat after warm-up', async () => {
  const marks: { gpu: number; process: number }[] = [];
  const during = async (t: number) => {
    if (t % 100 !== 99) return;
    await gpu.sync();
    globalThis.gc?.();
    marks.push({ gpu: gpu.stats.allocatedBytes, process: process.memoryUsage().rss });
  };
  await trainShortly(gpu, { steps: 1000, during });
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
  const x = gpu.tensor(wave(BATCH * SIZE * SIZE, 5), [BATCH, 1, SIZE, SIZE]);
  const labels = gpu.tensor([0, 1, 1, 0], [BATCH], 'u32');
  const mask = gpu.tensor(wave(BATCH * 16, 6).map(Math.abs), [BATCH, 4, 4]);
  const parameters = [...classifier.weights.parameters.values()];
  const along = async (exact: boolean, method: 'gradcam' | 'hirescam') => {
    const options = {
      ...parseConfig({}).saliency,
      layer: 'last',
      target: 'label',
      method,
    } as const;
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
      decompose: decomposition(classifier),
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
