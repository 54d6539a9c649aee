// Where training starts: pretrained weights and their normalisation, frozen layers, and a slower backbone.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ConfigChanges, withChanges } from '../../../gfsr/config/config.ts';
import { channelStats } from '../../../gfsr/data/normalise.ts';
import { decodePretrained } from '../../../gfsr/store/pretrained.ts';
import { statsFor } from '../../../gfsr/train/classifier.ts';
import { runExperiment } from '../../../gfsr/train/experiment.ts';
import { Trainer } from '../../../gfsr/train/trainer.ts';
import { createClassifier } from '../../../model/architectures.ts';
import { encodeSafetensors } from '../../../model/safetensors.ts';
import type { StateDict } from '../../../model/weights.ts';
import { testGpu } from '../../support/gpu.ts';
import { config as base, dataset } from '../report/synthetic.ts';

const gpu = await testGpu();
const whole = dataset();
const data = { ...whole, test: whole.val, tests: {} };
const resnet = { architecture: 'resnet18', stageWidth: 2 } as const;
const configOf = (...changes: ConfigChanges[]) =>
  withChanges(
    base,
    {
      model: { ...resnet, init: 'resnet.safetensors' },
      train: { epochs: 2, batchSize: 4, ema: 0, augment: 'none' },
      saliency: { layer: 'last', source: 'cam' },
    },
    ...changes,
  );

/** As of a classifier of colour images with five classes. */
async function pretrainedBytes(metadata: Record<string, string> = {}): Promise<Uint8Array> {
  const shape = { channels: 3, classes: 5, size: data.height };
  const { weights } = createClassifier(gpu, { ...resnet, ...shape }, 'pretrained');
  const state = await weights.state();
  weights.dispose();
  return encodeSafetensors(state, metadata);
}
const bytes = await pretrainedBytes({ mean: '[0.25, 0.5, 0.75]', std: '[0.125, 0.25, 0.375]' });
const pretrained = decodePretrained(bytes);

const modelOf = (tensors: StateDict): StateDict =>
  new Map([...tensors].filter(([name]) => name.startsWith('model.')));
const hex = ({ data: values }: { readonly data: Float32Array }) =>
  Buffer.from(values.slice().buffer).toString('hex');

/** Names of the weights that training changed. */
async function moved(changes: ConfigChanges): Promise<string[]> {
  const trainer = new Trainer(gpu, { dataset: data, config: configOf(changes), pretrained });
  const before = modelOf((await trainer.checkpoint()).tensors);
  await trainer.train(2);
  const after = modelOf((await trainer.checkpoint()).tensors);
  await trainer.dispose();
  return [...before].flatMap(([name, value]) =>
    hex(value) === hex(after.get(name) as { data: Float32Array }) ? [] : [name.slice(6)],
  );
}

test('training starts from the file: its layers, a new head, and its normalisation', async () => {
  const trainer = new Trainer(gpu, { dataset: data, config: configOf(), pretrained });
  const weights = await trainer.classifier.weights.state();
  assert.equal(
    weights.get('layer3.1.conv2.weight')?.data,
    pretrained.tensors.get('layer3.1.conv2.weight')?.data,
  );
  assert.equal(weights.get('fc.weight')?.shape, [data.classes.length, 16]);
  assert.equal(trainer.stats, { mean: Float32Array.of(0.5), std: Float32Array.of(0.25) });
  await trainer.dispose();
});

test('a file that does not say its normalisation leaves that to the training images', async () => {
  const silent = decodePretrained(await pretrainedBytes());
  assert.equal(statsFor(data, silent), channelStats(data));
  assert.equal(statsFor({ ...data, channels: 3 }, pretrained), pretrained.stats);
});

test('frozen layers do not move, byte for byte; all others do', async () => {
  const names = await moved({ train: { freeze: 'layer2' } });
  assert.ok(names.includes('layer3.0.bn1.running_mean') && names.includes('fc.bias'));
  assert.equal(
    names.filter((name) => /^(conv1|bn1|layer[12])\./.test(name)),
    [],
  );
  const head = await moved({ train: { freeze: 'last' } });
  assert.equal(head.sort(), ['fc.bias', 'fc.weight']);
});

test('frozen layers do not move in guided training and its running mean either, whichever map is guided', async () => {
  for (const layer of ['layer1', 'last']) {
    const config = configOf({
      train: { freeze: 'layer2', ema: 0.5 },
      saliency: { layer },
      guidance: { warmupEpochs: 1, rampEpochs: 0 },
    });
    const annotations = new Map([[0, [new Uint8Array(data.height * data.width).fill(1)]]]);
    const { arms } = await runExperiment(gpu, { dataset: data, config, annotations, pretrained });
    const kept = arms.guided?.weights.get('layer2.1.conv2.weight');
    assert.equal(kept?.data, pretrained.tensors.get('layer2.1.conv2.weight')?.data);
    assert.equal(arms.guided?.stats.mean, Float32Array.of(0.5));
  }
});

test('a backbone of learning rate 0 stays, except for its running statistics', async () => {
  const names = await moved({ train: { backboneLr: 0, weightDecay: 0 } });
  const trained = names.filter((name) => !/running_(mean|var)$/.test(name));
  assert.equal(trained.sort(), ['fc.bias', 'fc.weight']);
});

test('weights that are missing, not asked for or of another network are refused', () => {
  const make =
    (changes: ConfigChanges, given = { pretrained }) =>
    () =>
      new Trainer(gpu, { dataset: data, config: configOf(changes), ...given });
  assert.throws(make({}, {} as { pretrained: typeof pretrained }), /its weights are missing/);
  assert.throws(make({ model: { init: 'random' } }), /but model\.init is random/);
  assert.throws(
    make({ model: { stem: 'large' } }),
    /^resnet\.safetensors: loadPretrained: conv1\.weight is \[2, 3, 3, 3\], expected \[2, 1, 7, 7\]/,
  );
  assert.throws(make({ train: { freeze: 'layer9' } }), /no layer layer9, expected first, last/);
});

test('metadata that are no normalisation are refused', async () => {
  for (const [metadata, message] of [
    [{ mean: '[0.5]' }, /^x: metadata std is undefined, expected a JSON array of numbers/],
    [{ mean: '[0.5]', std: '[0]' }, /^x: metadata mean is \[0\.5\] and std \[0\], expected/],
    [{ mean: 'half', std: '[1]' }, /^x: metadata mean is half/],
  ] as const) {
    const wrong = await pretrainedBytes(metadata);
    assert.throws(() => decodePretrained(wrong, 'x'), message);
  }
  assert.throws(() => decodePretrained(new Uint8Array(3), 'x'), /^x: decodeSafetensors: got 3/);
});

test.after(() => gpu.destroy());
test.run();
