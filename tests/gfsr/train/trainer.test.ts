// The trainer's settings for small medical sets: averaged weights, resumed exactly; masks that move with their images.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu } from '../../../engine/core/gpu.ts';
import { Random } from '../../../engine/core/random.ts';
import { avgPool2d, flatten, mean, relu, square, sub } from '../../../engine/index.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import type { Config } from '../../../gfsr/config/config.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import type { TrainSettings } from '../../../gfsr/config/train.ts';
import { assembleDataset } from '../../../gfsr/data/assemble.ts';
import type { Dataset } from '../../../gfsr/data/dataset.ts';
import { allBytes } from '../../../gfsr/data/pixels.ts';
import { defineRelevanceLoss } from '../../../gfsr/guidance/losses.ts';
import type { RelevanceMasks } from '../../../gfsr/masks/masks.ts';
import { drawTransforms } from '../../../gfsr/train/augment.ts';
import { DivergedError } from '../../../gfsr/train/train-hooks.ts';
import { Trainer } from '../../../gfsr/train/trainer.ts';
import { TrainingBatches } from '../../../gfsr/train/training-batches.ts';
import type { Classifier } from '../../../model/classifier.ts';
import { convLayer, linearLayer } from '../../../model/layers.ts';
import { Weights } from '../../../model/weights.ts';
import { balanced, rejects } from '../../support/assertions.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const SIDE = 14;
const AREA = SIDE * SIDE;
const random = new Random(0);

function split(count: number, prefix: string) {
  const labels = Int32Array.from({ length: count }, (_, i) => Number(i % 4 === 0));
  const images = Uint8Array.from({ length: count * AREA }, () => random.int(256));
  return { count, images, labels, ids: Array.from(labels, (_, i) => `${prefix}${i}`) };
}

const dataset: Dataset = assembleDataset(
  { name: 'noise', classes: ['a', 'b'], channels: 1, height: SIDE, width: SIDE },
  { train: split(24, 'a'), val: split(8, 'b'), test: split(8, 'c') },
);

const settings = (train: Partial<TrainSettings>): Config =>
  parseConfig({
    model: { widths: [2], hidden: 4, norm: 'batch' },
    train: { batchSize: 8, epochs: 4, augment: 'none', ema: 0, ...train },
  });

/** M = the image itself, so that the two can be compared after a move. */
function ownMasks(): RelevanceMasks {
  const masks = Float32Array.from(allBytes(dataset.train.images), (v) => v / 255);
  const weights = new Float32Array(24).fill(1);
  const [height, width] = [SIDE, SIDE];
  return { masks, weights, height, width, annotated: 24, segments: 1, meanRelevance: 0.5 };
}

test('masks move with their images, in the guided part of a batch and nowhere else', () => {
  const stats = { mean: Float32Array.of(0), std: Float32Array.of(1) };
  const batches = new TrainingBatches(dataset, stats, settings({ augment: 'flip-shift' }));
  const indices = Uint32Array.from({ length: 8 }, (_, i) => i);
  const { images, masks } = batches.guided(indices, '0/0', { masks: ownMasks() });
  assert.is(masks.length, 8 * AREA);
  masks.forEach((value, p) => {
    assert.ok(Math.abs(value - images[p]) < 1e-6);
  });
  const still = new TrainingBatches(dataset, stats, settings({})).plain(indices, '0/0').images;
  const moves = drawTransforms('flip-shift', 8, SIDE, 0, '0/0');
  for (const [i, { flip, down, right }] of moves.entries()) {
    const [a, b] = [images, still].map((all) => all.slice(i * AREA, (i + 1) * AREA).join());
    assert.is(a === b, !flip && down === 0 && right === 0);
  }
  assert.equal(batches.plain(indices, '0/0').images, images);
});

test('an eager run, and one that gives way, end with the bits of a replayed one', async () => {
  const settled = { ema: 0.9, optimizer: 'sgd', weightDecay: 0.01, epochs: 2 } as const;
  const run = async (eager: boolean, on = gpu) => {
    const trainer = new Trainer(on, { dataset, config: settings({ ...settled, eager }) });
    const losses: number[] = [];
    let recorded = 0;
    await trainer.train(5, undefined, {
      onRecord: ({ dispatches, plannedBytes, unsharedBytes }) => {
        recorded++;
        assert.ok(dispatches > 20 && plannedBytes < unsharedBytes);
      },
      onStep: ({ crossEntropy }) => losses.push(crossEntropy),
    });
    assert.is(recorded, eager ? 0 : 1);
    const { tensors } = await trainer.checkpoint();
    await trainer.dispose();
    return { losses, tensors: [...tensors] };
  };
  const replayed = await run(false);
  assert.equal(await run(true), replayed);
  let ways = 0;
  const giveWay = async () => void ways++;
  const { device, wait } = await createNodeDevice();
  const sharing = new Gpu(device, { wait, giveWay });
  assert.equal(await run(false, sharing), replayed);
  sharing.destroy();
  assert.ok(ways > 5, `gave way ${ways} times in 5 steps`);
});

test('an eager run tells where it diverges', async () => {
  const diverges = new Trainer(gpu, { dataset, config: settings({ eager: true, lr: 1e30 }) });
  let message = '';
  await diverges.train(16, undefined, { detectAnomaly: true }).catch((error) => {
    message = error.message;
  });
  assert.match(message, /anomaly at step \d+: .* made a NaN or an infinity out of finite/);
  await diverges.dispose();
});

test('training that diverges in the last step of an epoch returns to the last good epoch', async () => {
  const config = settings({ batchSize: 24, epochs: 1, lr: 1e30 });
  const trainer = new Trainer(gpu, { dataset, config });
  const before = await trainer.classifier.weights.state();
  const error = await trainer.train(1).catch((reason) => reason);
  assert.instance(error, DivergedError);
  assert.match(error.message, /not finite after step 1\. The weights of step 0 are kept/);
  assert.equal([trainer.step, trainer.history], [0, []]);
  assert.equal(await trainer.classifier.weights.state(), before);
  await trainer.dispose();
});

test('the running mean of the weights, step by step', async () => {
  const plain = new Trainer(gpu, { dataset, config: settings({}) });
  const averaged = new Trainer(gpu, { dataset, config: settings({ ema: 0.3 }) });
  const name = 'fc.weight';
  const value = async (trainer: Trainer, prefix: string) =>
    (await trainer.checkpoint()).tensors.get(`${prefix}.${name}`)?.data as Float32Array;
  let mean = await value(plain, 'model');
  assert.equal(await value(averaged, 'average'), mean);
  for (let t = 0; t < 4; t++) {
    await plain.train(t + 1);
    await averaged.train(t + 1);
    const now = await value(plain, 'model');
    const decay = Math.min(0.3, (1 + t) / (10 + t));
    mean = mean.map((v, i) => decay * v + (1 - decay) * now[i]);
    assert.equal(await value(averaged, 'model'), now, 'training itself is the same');
    const got = await value(averaged, 'average');
    got.forEach((v, i) => {
      assert.ok(Math.abs(v - mean[i]) < 1e-6, `step ${t}: got ${v}, expected ${mean[i]}`);
    });
  }
  const kept = (await averaged.classifier.weights.state()).get(name)?.data;
  assert.equal(kept, await value(averaged, 'average'));
  await plain.dispose();
  await averaged.dispose();
});

test('a stopped run goes on as if it had not been stopped, with every setting on', async () => {
  const config = settings({
    ...{ ema: 0.9, augment: 'flip-shift', sampling: 'balanced', classLoss: 'focal' },
  });
  const whole = new Trainer(gpu, { dataset, config });
  await whole.train(whole.totalSteps);
  const first = new Trainer(gpu, { dataset, config });
  await first.train(5);
  const second = new Trainer(gpu, { dataset, config });
  const checkpoint = first.checkpoint();
  await first.train(7); // a checkpoint is of the moment when it was asked for
  second.restore(await checkpoint);
  await second.train(second.totalSteps);
  assert.equal(await second.classifier.weights.state(), await whole.classifier.weights.state());
  assert.ok(whole.history.every(({ crossEntropy }) => Number.isFinite(crossEntropy)));
  for (const trainer of [whole, first, second]) await trainer.dispose();
});

test('weighted loss takes its weights from the training labels', async () => {
  const [plain, weighted] = (['cross-entropy', 'weighted'] as const).map(
    (classLoss) => new Trainer(gpu, { dataset, config: settings({ classLoss }) }),
  );
  const firstLoss = async (trainer: Trainer) => {
    let loss = Number.NaN;
    await trainer.train(1, undefined, { onStep: ({ crossEntropy }) => (loss = crossEntropy) });
    return loss;
  };
  const [a, b] = [await firstLoss(plain), await firstLoss(weighted)];
  assert.ok(Math.abs(a - b) > 1e-4, `${a} and ${b}`);
  await plain.dispose();
  await weighted.dispose();
});

/** A convolution, the mean of each quadrant, and a linear layer: no architecture of the table. */
function quadrants(seed: number | string): Classifier {
  const weights = new Weights(gpu, seed);
  const conv = convLayer(weights, 'conv', { inChannels: 1, outChannels: 2, kernelSize: 1 });
  const linear = linearLayer(weights, 'fc', { inFeatures: 8, outFeatures: 2 });
  return {
    shape: { channels: 1, classes: 2, size: SIDE },
    weights,
    layers: ['means'],
    forward: (x, mode) => {
      const means = avgPool2d(relu(conv(x, mode)), { kernelSize: SIDE / 2 });
      return { logits: linear(flatten(means), mode), features: { means } };
    },
  };
}

test('a classifier of your own is trained, guided by a loss of your own, and left to you', async () => {
  const loss = defineRelevanceLoss({
    name: 'towards-the-mask',
    source: 'test',
    loss: ({ saliency, mask }) => mean(square(sub(saliency, mask)), [1, 2]),
  });
  const classifier = quadrants(0);
  const config = parseConfig({
    train: { batchSize: 8, epochs: 2, ema: 0 },
    saliency: { layer: 'means', sign: 'abs', target: 'label' },
    guidance: { loss: 'hint', balance: 'loss-ratio' },
  });
  const trainer = new Trainer(gpu, { dataset, config, loss, classifier });
  assert.is(trainer.guidance.loss, loss);
  const before = (await classifier.weights.state()).get('fc.weight')?.data;
  const [height, width] = [2, 2];
  const masks = { ...ownMasks(), masks: new Float32Array(24 * 4).fill(0.5), height, width };
  const relevance: number[] = [];
  const lossBalance = await trainer.measureBalance({ masks });
  assert.ok(lossBalance > 0 && Number.isFinite(lossBalance));
  await trainer.train(
    trainer.totalSteps,
    { masks, lossBalance },
    {
      onStep: (report) => relevance.push(report.relevance),
    },
  );
  assert.ok(relevance.every((each) => each > 0));
  await trainer.dispose();
  const after = (await classifier.weights.state()).get('fc.weight')?.data;
  assert.not.equal(after, before);
  classifier.weights.dispose();
});

test('a classifier for other images, or that cannot be made twice, is refused with the fix', () => {
  const config = settings({});
  const classifier = quadrants(0);
  const other = { ...classifier, shape: { ...classifier.shape, classes: 3 } };
  assert.throws(
    () => new Trainer(gpu, { dataset, config, classifier: other }),
    /the classifier's classes is 3, expected 2, as noise has\. Build it for this data/,
  );
  assert.throws(
    () => new Trainer(gpu, { dataset, config: settings({ ema: 0.9 }), classifier }),
    /has no `recreate`.*or set train\.ema to 0/,
  );
  classifier.weights.dispose();
});

test('a classifier of your own is not guided by a layer without positions', async () => {
  const own = quadrants(0);
  const flat: Classifier = {
    ...own,
    forward: (x, mode) => {
      const { logits, features } = own.forward(x, mode);
      return { logits, features: { means: avgPool2d(features.means, { kernelSize: 2 }) } };
    },
  };
  const config = parseConfig({ train: { batchSize: 8, ema: 0 }, saliency: { layer: 'means' } });
  const trainer = new Trainer(gpu, { dataset, config, classifier: flat });
  const failure = await trainer
    .train(1, { masks: ownMasks(), lossBalance: 1 })
    .then(() => 'accepted', String);
  assert.match(
    failure,
    /layer means has no positions to guide, got maps \[N, \d+, 1, 1\].* pool less/,
  );
  await trainer.train(1); // without guidance it is trained
  assert.is(trainer.step, 1);
  await trainer.dispose();
  own.weights.dispose();
});

test('a trainer that cannot be made leaves no memory behind', async () => {
  const config = settings({ freeze: 'conv9' });
  await balanced(gpu, () => assert.throws(() => new Trainer(gpu, { dataset, config }), /conv9/));
});

test('a loss that fails while λ is balanced leaves no memory behind', async () => {
  const loss = defineRelevanceLoss({
    ...{ name: 'fails', source: 'test' },
    loss: () => {
      throw new Error('on purpose');
    },
  });
  const { guidance, ...config } = settings({});
  const balancing = { ...config, guidance: { ...guidance, balance: 'loss-ratio' as const } };
  const trainer = new Trainer(gpu, { dataset, config: balancing, loss });
  await balanced(gpu, () =>
    rejects(() => trainer.measureBalance({ masks: ownMasks() }), /on purpose/),
  );
  await trainer.dispose();
});

test('a loss file must be loaded before it is trained with', () => {
  const config = parseConfig({ train: { batchSize: 8 }, guidance: { loss: './mine.ts' } });
  assert.throws(() => new Trainer(gpu, { dataset, config }), /\.\/mine\.ts is a file, expected/);
});

test.run();
