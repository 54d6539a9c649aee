// Exported classifiers say what the trained ones say: in ONNX Runtime, and in PyTorch through their own script.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../engine/core/random.ts';
import { defaultConfig, withChanges } from '../../../../gfsr/config/config.ts';
import type { SaliencySettings } from '../../../../gfsr/config/saliency.ts';
import type { Split } from '../../../../gfsr/data/dataset.ts';
import { encodeNpy } from '../../../../gfsr/data/npz-writer.ts';
import { Evaluator } from '../../../../gfsr/evaluation/evaluator.ts';
import { exportFiles } from '../../../../gfsr/report/export-files.ts';
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
      ...{ norm: 'batch', head: 'pooled', depths: [1, 2], poolings: 1 },
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
  return { model, split, pixels, shape: [count, channels, size, size], probs };
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

/** The model with other settings of its saliency. */
const explaining = (model: ModelFile, saliency: Partial<SaliencySettings>): ModelFile => ({
  ...model,
  config: withChanges(defaultConfig, { saliency }),
});

/** Our own maps of one class, in the general form: by a gradient. */
async function mapsOf({ architecture, weights, stats, config }: ModelFile, of: Split, c: number) {
  const classifier = createClassifier(await testGpu(), architecture, 'export');
  classifier.weights.load(weights);
  const { pooledHead: _, ...general } = classifier;
  const evaluator = new Evaluator(await testGpu(), general, stats);
  const split = { ...of, labels: of.labels.map(() => c) };
  const { maps, height, width } = await evaluator.explain(split, config.saliency);
  await evaluator.dispose();
  return { maps, area: height * width };
}

const EXPLAINED: readonly [ClassifierConfig, Partial<SaliencySettings>][] = [
  [
    { architecture: 'small-cnn', channels: 1, classes: 3, size: 29, head: 'pooled' },
    { layer: 'last', sign: 'relu' },
  ],
  [
    { architecture: 'resnet18', channels: 3, classes: 2, size: 64, stem: 'large', stageWidth: 8 },
    { layer: 'layer4', sign: 'abs', method: 'hirescam' },
  ],
];

for (const [architecture, settings] of EXPLAINED) {
  const { architecture: name, classes } = architecture;
  test(`${name}: the saliency of every class of 100 images is ours to 1e-4`, async () => {
    const { model: plain, split, pixels, shape } = await trained(architecture, 100);
    const model = explaining(plain, settings);
    const bytes = encodeOnnx(model, { saliency: true });
    if (!ort) return;
    const session = await ort.InferenceSession.create(bytes);
    const results = await session.run({ pixels: new ort.Tensor('float32', pixels, shape) });
    const { data } = results.saliency;
    for (let c = 0; c < classes; c++) {
      const { maps, area } = await mapsOf(model, split, c);
      assert.is(data.length, maps.length * classes);
      assert.ok(Math.max(...maps) > 1e-3, 'maps that show something');
      const ours = (at: number) => maps[Math.floor(at / classes / area) * area + (at % area)];
      const wrong = data.findIndex(
        (value, at) => Math.floor(at / area) % classes === c && Math.abs(value - ours(at)) > 1e-4,
      );
      assert.is(wrong, -1, `class ${c}: ${data[wrong]} instead of ${ours(wrong)}`);
    }
    const without = await ort.InferenceSession.create(encodeOnnx(model));
    const only = await without.run({ pixels: new ort.Tensor('float32', pixels, shape) });
    assert.equal(Object.keys(only), ['probabilities']);
    assert.equal(only.probabilities.data, results.probabilities.data);
  });
}

test('saliency without a closed form is refused in words', async () => {
  const pooled = { ...CASES[0][0], head: 'pooled' } as ClassifierConfig;
  const mobilenet = CASES[5][0];
  for (const [architecture, settings, what] of [
    [pooled, { source: 'input-gradient' }, 'the saliency input-gradient has'],
    [pooled, { method: 'gradcam++' }, 'the method gradcam\\+\\+ has'],
    [pooled, { layer: 'first' }, 'the saliency at first has'],
    [{ ...pooled, head: 'dense' }, {}, 'a head with a hidden layer has'],
    [mobilenet, {}, 'a head with a hidden layer has'],
  ] as const) {
    const { model } = await trained(architecture as ClassifierConfig, 1);
    const encode = () => encodeOnnx(explaining(model, settings), { saliency: true });
    assert.throws(encode, new RegExp(`^export: ${what} no closed form, expected .*gfsr predict`));
  }
});

test('the same classifier gives the same bytes', async () => {
  const { model } = await trained(CASES[0][0], 1);
  assert.equal(encodeOnnx(model), encodeOnnx(model));
});

test('every format says which code and data made the classifier', async () => {
  const { model } = await trained(CASES[0][0], 1);
  const made = { ...model, madeWith: { gfsr: '9.8.7', data: 'a1b2c3d4' } };
  const context = { figures: [], tested: 1, notes: [], annotations: 'none' };
  for (const [format, name] of [
    ['onnx', 'model.onnx'],
    ['pytorch', 'config.json'],
    ['huggingface', 'README.md'],
  ] as const) {
    const text = Buffer.from(exportFiles(format, made, context).get(name) ?? '').toString('latin1');
    for (const part of ['9.8.7', 'a1b2c3d4']) assert.ok(text.includes(part), `${name}: ${part}`);
  }
});

test.run();
