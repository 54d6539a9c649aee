// Exported classifiers say what the trained ones say: in ONNX Runtime, and in PyTorch through their own script.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../engine/core/random.ts';
import { defaultConfig } from '../../../../gfsr/config/config.ts';
import type { Split } from '../../../../gfsr/data/dataset.ts';
import { encodeNpy } from '../../../../gfsr/data/npz-writer.ts';
import { Evaluator } from '../../../../gfsr/evaluation/evaluator.ts';
import { encodeOnnx } from '../../../../gfsr/store/export/onnx.ts';
import { pytorchFiles } from '../../../../gfsr/store/export/pytorch.ts';
import type { ModelFile } from '../../../../gfsr/store/model-file.ts';
import { type ClassifierConfig, createClassifier } from '../../../../model/architectures.ts';
import { testGpu } from '../../../support/gpu.ts';
import { onnxRuntime, pythonWith } from '../../../support/others.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-export-'));
test.after(() => rmSync(folder, { recursive: true }));
const ort = onnxRuntime();
const python = pythonWith('torch', 'numpy');

const CASES: readonly [ClassifierConfig, number][] = [
  [{ architecture: 'small-cnn', channels: 1, classes: 3, size: 28 }, 100],
  [
    {
      ...{ architecture: 'small-cnn', channels: 3, classes: 2, size: 29, widths: [4, 8, 8] },
      ...{ norm: 'batch', head: 'pooled', poolings: 1 },
    },
    8,
  ],
  [{ architecture: 'resnet18', channels: 1, classes: 4, size: 28, stageWidth: 8 }, 8],
  [
    { architecture: 'resnet18', channels: 3, classes: 2, size: 64, stem: 'large', stageWidth: 8 },
    8,
  ],
  [{ architecture: 'resnet34', channels: 3, classes: 2, size: 32, stageWidth: 4 }, 4],
  [{ architecture: 'mobilenet_v3_small', channels: 1, classes: 3, size: 28, widthMult: 0.5 }, 4],
  [{ architecture: 'mobilenet_v3_small', channels: 3, classes: 5, size: 64, stem: 'large' }, 4],
];

/** A classifier whose running statistics are not those of a new one, images, and its probabilities. */
async function trained(architecture: ClassifierConfig, count: number) {
  const gpu = await testGpu();
  const { channels, classes, size } = architecture;
  const random = new Random(1, 'export');
  const classifier = createClassifier(gpu, architecture, 'export');
  const weights = await classifier.weights.state();
  for (const [name, { data }] of weights) {
    if (name.endsWith('running_var')) data.set(data.map(() => 0.5 + random.uniform()));
    if (name.endsWith('running_mean')) data.set(data.map(() => random.uniform() - 0.5));
    // Deep networks grow what they add up, and would leave no doubt.
    if (name === 'fc.weight' && architecture.architecture === 'resnet34') {
      data.set(data.map((v) => v / 100));
    }
  }
  classifier.weights.load(weights);
  const pixels = Float32Array.from({ length: count * channels * size * size }, () =>
    random.int(256),
  );
  const split: Split = {
    count,
    images: Uint8Array.from(pixels),
    labels: new Int32Array(count),
    ids: Array.from({ length: count }, (_, i) => `${i}`),
  };
  const stats = {
    mean: Float32Array.from({ length: channels }, (_, c) => 0.4 + 0.1 * c),
    std: Float32Array.from({ length: channels }, (_, c) => 0.2 + 0.05 * c),
  };
  const evaluator = new Evaluator(gpu, classifier, stats);
  const { probs } = await evaluator.predict(split);
  await evaluator.dispose();
  const model: ModelFile = {
    ...{ arm: 'guided', data: 'toy', stats, architecture, weights, madeWith: {} },
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    config: defaultConfig,
  };
  return { model, pixels, shape: [count, channels, size, size], probs };
}

const largest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

for (const [architecture, count] of CASES) {
  const { architecture: name, size, channels } = architecture;
  test(`${name}, ${channels}×${size}×${size}: the same probabilities to 1e-4`, async () => {
    const { model, pixels, shape, probs } = await trained(architecture, count);
    assert.ok(
      probs.some((p) => p > 0.05 && p < 0.95),
      'probabilities that say something',
    );
    if (ort) {
      const session = await ort.InferenceSession.create(encodeOnnx(model));
      const { probabilities } = await session.run({
        pixels: new ort.Tensor('float32', pixels, shape),
      });
      assert.is(probabilities.data.length, probs.length);
      assert.ok(
        largest(probs, probabilities.data) < 1e-4,
        `ONNX: ${largest(probs, probabilities.data)}`,
      );
      const one = pixels.slice(0, pixels.length / count);
      const single = await session.run({
        pixels: new ort.Tensor('float32', one, [1, ...shape.slice(1)]),
      });
      assert.ok(largest(single.probabilities.data, probs) < 1e-4);
    }
    if (python) {
      for (const [file, content] of pytorchFiles(model)) writeFileSync(join(folder, file), content);
      writeFileSync(join(folder, 'pixels.npy'), encodeNpy({ shape, data: pixels }));
      const args = ['load_in_pytorch.py', 'pixels.npy'];
      const { stdout, stderr, status } = spawnSync(python, args, { cwd: folder, encoding: 'utf8' });
      assert.is(status, 0, stderr);
      const got = Float32Array.from(stdout.trim().split(/\s+/).map(Number));
      assert.is(got.length, probs.length);
      assert.ok(largest(probs, got) < 1e-4, `PyTorch: ${largest(probs, got)}`);
    }
  });
}

test('the same classifier gives the same bytes', async () => {
  const { model } = await trained(CASES[0][0], 1);
  assert.equal(encodeOnnx(model), encodeOnnx(model));
});

test.run();
