// Frozen layers: which weights they are, that training leaves every bit of them, and that they cost no backward pass.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { grad, mean, softmaxCrossEntropy } from '../../engine/index.ts';
import { type ClassifierConfig, createClassifier } from '../../model/architectures.ts';
import { fit } from '../../model/fit.ts';
import { freeze } from '../../model/freeze.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();

const resnet = {
  ...{ architecture: 'resnet18', channels: 1, classes: 2, size: 16, stem: 'small', stageWidth: 2 },
} as const satisfies ClassifierConfig;
const mobilenet = {
  ...{ architecture: 'mobilenet_v3_small', channels: 1, classes: 2, size: 16, widthMult: 0.25 },
} as const satisfies ClassifierConfig;

const images = Float32Array.from({ length: 8 * 256 }, (_, i) => Math.sin(i * 12.9898));
const samples = {
  x: { data: images, shape: [8, 1, 16, 16] },
  y: Uint32Array.from({ length: 8 }, (_, i) => i % 2),
};

for (const [config, layer, isFrozen] of [
  [resnet, 'layer2', /^(conv1|bn1|layer[12])\./],
  [mobilenet, 'features.3', /^features\.[0-3]\./],
  [{ ...resnet, architecture: 'resnet34' }, 'layer4', /^(?!fc\.)/],
] as const) {
  test(`${config.architecture} frozen up to ${layer}: no bit of it moves, statistics included; the rest trains`, async () => {
    const classifier = createClassifier(gpu, config, 0);
    const { weights } = classifier;
    const names = freeze(classifier, layer);
    assert.ok(names.length > 0 && names.every((name) => isFrozen.test(name)));
    const before = await weights.state();
    await fit(classifier, samples, { epochs: 2, batchSize: 4 });
    for (const [name, { data }] of await weights.state()) {
      const bytes = (values: Float32Array | undefined) =>
        Buffer.from((values as Float32Array).slice().buffer).toString('hex');
      const isSame = bytes(data) === bytes(before.get(name)?.data);
      assert.is(isSame, isFrozen.test(name), name);
    }
    weights.dispose();
  });
}

test('the backward pass ends at the frozen layers', () => {
  const launches = (layer?: string) => {
    const classifier = createClassifier(gpu, resnet, 0);
    const { weights } = classifier;
    if (layer) freeze(classifier, layer);
    const labels = gpu.tensor([0, 1], [2], 'u32');
    const parameters = [...weights.trained.values()];
    const forward = () => classifier.forward(gpu.zeros([2, 1, 16, 16]), { training: true }).logits;
    const backward = () => grad(mean(softmaxCrossEntropy(forward(), labels)), parameters);
    const counts = [forward, backward].map((body) => gpu.sketch(body).dispatches);
    weights.dispose();
    return counts[1] - counts[0];
  };
  const [all, half, head] = [launches(), launches('layer2'), launches('layer4')];
  assert.ok(half < 0.6 * all, `${half} of ${all} launches`);
  assert.ok(head < 0.1 * all, `${head} of ${all} launches`);
});

test('a layer that does not exist is refused, with those that do', () => {
  const classifier = createClassifier(gpu, resnet, 0);
  assert.throws(
    () => freeze(classifier, 'layer5'),
    /freeze: no layer layer5, expected one of layer1, layer2, layer3, layer4/,
  );
  classifier.weights.dispose();
});

test.after(() => gpu.destroy());
test.run();
