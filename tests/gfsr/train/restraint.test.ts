// Guidance that gives way: when its weight is halved, when it ends, what is said, and that a resumed run does the same.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exp, mul, oneHot, sum } from '../../../engine/index.ts';
import { type Annotations, MARK } from '../../../gfsr/annotation/marks.ts';
import { defaultConfig } from '../../../gfsr/config/config.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { defineRelevanceLoss } from '../../../gfsr/guidance/losses.ts';
import type { Checkpoint, EpochRecord } from '../../../gfsr/train/checkpoint.ts';
import { InterruptedError, memoryStore, runExperiment } from '../../../gfsr/train/experiment.ts';
import { restraint } from '../../../gfsr/train/restraint.ts';
import { Trainer } from '../../../gfsr/train/trainer.ts';
import { testGpu } from '../../support/gpu.ts';
import { AREA, halves as dataset } from '../../support/halves.ts';

const gpu = await testGpu();

const guidance = {
  ...defaultConfig.guidance,
  ...{ lambda: 2, warmupEpochs: 2, rampEpochs: 4, harmTolerance: 0.1 },
};

/** Epochs with these validation losses; two of warm-up, then guided with this relevance loss. */
const epochs = (valLosses: number[], relevance = 0.3): EpochRecord[] =>
  valLosses.map((valLoss, epoch) => ({
    ...{ epoch, valLoss, crossEntropy: 0.5, lr: 1, valAccuracy: 0.5, valAuc: 0.5, seconds: 1 },
    relevance: epoch < 2 ? 0 : relevance,
    lambda: epoch < 2 ? 0 : 2 * Math.min(1, (epoch - 1) / 4),
  }));

test('an epoch that is worse than the warm-up by more than the tolerance halves the weight; the third ends guidance', () => {
  const losses = [0.9, 0.6, 0.65, 0.7, 0.6, 0.7, 0.7, 0.9, 0.5];
  const factors = losses.map((_, i) => restraint(epochs(losses.slice(0, i + 1)), guidance).factor);
  assert.equal(factors, [1, 1, 1, 0.5, 0.5, 0.25, 0, 0, 0]);
  const { news } = restraint(epochs(losses.slice(0, 4)), guidance);
  assert.is(
    news,
    'guidance is weakened to 0.5 of its weight after epoch 4: the validation loss is 0.700, in the warm-up it was 0.600.',
  );
  assert.match(
    restraint(epochs(losses.slice(0, 7)), guidance).news as string,
    /^guidance ends after epoch 7/,
  );
  assert.is(restraint(epochs(losses), guidance).news, undefined, 'nothing changed at the end');
});

test('guidance ends after its first epoch if it has nothing to undo, but not later', () => {
  assert.equal(restraint(epochs([1, 1, 1], 1e-4), guidance), {
    factor: 0,
    news: 'guidance ends after epoch 3: its loss is 0.00010, so there is nothing to undo.',
  });
  assert.is(restraint(epochs([1, 1, 1], 1e-3), guidance).factor, 1);
  const later = [...epochs([1, 1, 1]), { ...epochs([1, 1, 1, 1], 1e-4)[3] }];
  assert.is(restraint(later, guidance).factor, 1);
});

test('without a tolerance nothing gives way, and a loss that is no number changes nothing', () => {
  const off = { ...guidance, harmTolerance: 0 };
  assert.equal(restraint(epochs([1, 1, 9, 9, 9], 0), off), { factor: 1 });
  assert.is(restraint(epochs([1, 1, Number.NaN]), guidance).factor, 1);
});

const annotations: Annotations = new Map(
  [0, 1].map((i) => [
    i,
    [Uint8Array.from({ length: AREA }, (_, p) => (p < 8 ? MARK.positive : MARK.negative))],
  ]),
);
const config = parseConfig({
  model: { widths: [3], hidden: 4 },
  train: { batchSize: 8, epochs: 8, baseline: false, ema: 0, augment: 'none', lr: 0.02 },
  saliency: { layer: 'first' },
  guidance: { lambda: 4, warmupEpochs: 3, rampEpochs: 0, harmTolerance: 0.01 },
  masks: { segments: 16, concepts: 3, fallback: 'none' },
});
/** Makes the true class unlikely. */
const loss = defineRelevanceLoss({
  name: 'harm',
  source: 'test',
  loss: ({ logits, labels }) => exp(sum(mul(logits, oneHot(labels, 2)), [1])),
});

test('steps that guide no image do not thin out the loss that decides', async () => {
  const trainer = new Trainer(gpu, { dataset, config, loss });
  const { count } = dataset.train;
  const [height, width] = trainer.maskSize;
  const weights = Float32Array.from({ length: count }, (_, i) => Number(i === 0));
  const masks = {
    ...{ masks: new Float32Array(count * height * width).fill(1), weights, height, width },
    ...{ annotated: 1, segments: 0, meanRelevance: 1 },
  };
  const told: number[] = [];
  await trainer.train(
    trainer.stepsPerEpoch,
    { masks, lossBalance: 1 },
    {
      onStep: ({ relevance }) => void told.push(relevance),
    },
  );
  const guided = told.filter((relevance) => relevance > 0);
  assert.equal([told.length, guided.length], [3, 1]);
  assert.is(trainer.history[0].relevance, guided[0]);
  await trainer.dispose();
});

test('what is decided is said, recorded with its epoch, and decided again by a resumed run', async () => {
  const warnings: string[] = [];
  const saved: Checkpoint[] = [];
  const store = memoryStore();
  const whole = await runExperiment(gpu, {
    ...{ dataset, config, annotations, loss },
    store: {
      ...store,
      save: async (name, checkpoint) => {
        await store.save(name, checkpoint);
        if (name === 'guided') saved.push(checkpoint);
      },
    },
    onWarning: (text) => warnings.push(text),
  });
  const history = whole.arms.guided?.history ?? [];
  const notes = history.flatMap(({ note }) => (note ? [note] : []));
  assert.ok(notes.length > 0, 'this guidance harms');
  assert.equal(warnings, notes);
  const after = (i: number) => restraint(history.slice(0, i), config.guidance).factor;
  history.forEach(({ lambda, epoch }, i) => {
    assert.is(lambda, epoch < 3 ? 0 : 4 * after(i), `epoch ${epoch}`);
  });

  const again = memoryStore();
  const stop = new AbortController();
  const how = { dataset, config, annotations, loss, store: again };
  const stopped = await runExperiment(gpu, {
    ...how,
    signal: stop.signal,
    onEpoch: ({ note }) => {
      if (note) stop.abort();
    },
  }).catch((error) => error);
  assert.instance(stopped, InterruptedError);
  const resumed = await runExperiment(gpu, how);
  const figures = (records: readonly EpochRecord[] = []) =>
    records.map(({ seconds: _, ...rest }) => rest);
  assert.equal(figures(resumed.arms.guided?.history), figures(history));
  assert.equal(resumed.arms.guided?.weights, whole.arms.guided?.weights);
});

test.run();
