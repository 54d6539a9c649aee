// The experiment as a library: masks are rebuilt when they should be, and nothing is guided by marks that say nothing.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Annotations, MARK } from '../../../gfsr/annotation/marks.ts';
import { type ConfigChanges, withChanges } from '../../../gfsr/config/config.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { allValues } from '../../../gfsr/data/values.ts';
import { InterruptedError, memoryStore, runExperiment } from '../../../gfsr/train/experiment.ts';
import type { TrainHooks } from '../../../gfsr/train/train-hooks.ts';
import { testGpu } from '../../support/gpu.ts';
import { AREA, halves as dataset } from '../../support/halves.ts';

const gpu = await testGpu();
const config = parseConfig({
  model: { widths: [2], hidden: 4 },
  train: { batchSize: 8, epochs: 6, baseline: false },
  guidance: { warmupEpochs: 2, rampEpochs: 1 },
  masks: { segments: 16, concepts: 3 },
});

const marks = (mark: number): Annotations =>
  new Map(
    [0, 1].map((i) => [i, [Uint8Array.from({ length: AREA }, (_, p) => (p < 8 ? mark : 0))]]),
  );

test('masks are rebuilt every refreshEpochs, from the classifier as it is then', async () => {
  const supervisions = async (refreshEpochs: number) => {
    const store = memoryStore();
    const steps: number[] = [];
    const sums: number[] = [];
    const saveSupervision: typeof store.saveSupervision = async (supervision) => {
      steps.push(supervision.step);
      sums.push(allValues(supervision.masks.masks).reduce((a, b) => a + b));
      await store.saveSupervision(supervision);
    };
    await runExperiment(gpu, {
      dataset,
      // The same marks on both images, so that their mean would be as good, and would never change.
      config: withChanges(config, { guidance: { refreshEpochs }, masks: { fallback: 'none' } }),
      annotations: marks(MARK.positive),
      store: { ...store, saveSupervision },
    });
    return { steps, sums };
  };
  assert.equal((await supervisions(0)).steps, [6]);
  const { steps, sums } = await supervisions(2);
  assert.equal(steps, [6, 12]); // 3 steps per epoch: after the warm-up of 2 epochs, and 2 epochs later
  assert.is.not(sums[0], sums[1]);
});

test('a run that is resumed after its last step keeps the masks that guided it, also where new ones would be due', async () => {
  const store = memoryStore();
  let made = 0;
  const saveSupervision: typeof store.saveSupervision = async (supervision) => {
    made++;
    await store.saveSupervision(supervision);
  };
  const run = (hooks: TrainHooks = {}) =>
    runExperiment(gpu, {
      // Its end, after six epochs, is when masks are remade: two of warm-up, and every two after that.
      ...{ dataset, config: withChanges(config, { guidance: { refreshEpochs: 2 } }) },
      ...{ annotations: marks(MARK.positive), store: { ...store, saveSupervision }, ...hooks },
    });
  const stop = new AbortController();
  const stopped = await run({
    signal: stop.signal,
    onStep: ({ step, total }) => {
      if (step === total) stop.abort();
    },
  }).catch((error) => error);
  assert.instance(stopped, InterruptedError);
  const resumed = await run();
  const again = await run();
  assert.is(made, 2);
  assert.is(again.masks, resumed.masks);
  assert.equal(again.arms.guided?.weights, resumed.arms.guided?.weights);
});

test('marks that only strike out leave the rest relevant, and guide', async () => {
  const { masks } = await runExperiment(gpu, {
    dataset,
    config,
    annotations: marks(MARK.negative),
  });
  if (!masks) throw new Error('no masks');
  const { masks: all, weights, height, width } = masks;
  const mean = (from: number, to: number) =>
    all.subarray(from * width, to * width).reduce((a, b) => a + b) / ((to - from) * width);
  assert.is(mean(0, 1), 0); // the rows struck out, of the first image
  assert.ok(mean(2 * height - 3, 2 * height) > 0.3, `${mean(2 * height - 3, 2 * height)}`);
  assert.is(weights[0], 1);
  assert.ok(
    weights.every((weight) => weight > 0 && weight <= 1),
    `${weights}`,
  );
});

test('hooks are told of every phase; what an epoch gave is saved before', async () => {
  const store = memoryStore();
  const told: string[] = [];
  await runExperiment(gpu, {
    ...{ dataset, config, annotations: marks(MARK.positive), store },
    onStage: (text) => told.push(text.replace(/[\d]+/g, 'n')),
    onRecord: ({ dispatches }, phase) => told.push(`${phase} recorded ${dispatches > 0}`),
    onEpoch: async ({ epoch }, phase) => {
      const saved = await store.load(phase as 'guided');
      told.push(`${phase} ${epoch} ${saved?.history.length}`);
    },
  });
  assert.equal(told, [
    ...['warm-start recorded true', 'warm-start 0 1', 'warm-start 1 2'],
    'spreading n annotations over n images',
    ...['training guided by gfsr', 'guided recorded true'],
    ...['guided 2 3', 'guided 3 4', 'guided 4 5', 'guided 5 6'],
    'evaluating guided',
  ]);
});

test('a guided layer without positions is refused before anything is trained', async () => {
  const pooled = { widths: [2, 2, 2, 2], head: 'pooled' } as const; // 8 px, pooled three times
  const run = async (changes: ConfigChanges) => {
    const stages: string[] = [];
    const failure = await runExperiment(gpu, {
      ...{ dataset, annotations: marks(MARK.positive) },
      config: withChanges(config, { model: pooled, ...changes }),
      onStage: (text) => stages.push(text),
      onEpoch: ({ epoch }) => void stages.push(`epoch ${epoch}`),
    }).then(() => 'accepted', String);
    return { stages, failure };
  };
  assert.equal(await run({}), {
    stages: [],
    failure:
      'RangeError: saliency: layer conv4 has no positions to guide, got maps [N, 2, 1, 1], expected [N, K, h, w] with h·w > 1. Choose saliency.layer conv1 or conv2 or conv3, or another saliency.source.',
  });
  assert.is((await run({ saliency: { layer: 'conv3' } })).failure, 'accepted');
});

test('marks that only say "don\'t know" are refused', async () => {
  try {
    await runExperiment(gpu, { dataset, config, annotations: marks(MARK.unknown) });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /do not say what is relevant/);
  }
});

test.after(() => gpu.destroy());
test.run();
