// Which epoch is kept and when training stops: ties, guided candidates, patience; and that resuming changes nothing.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Annotations, MARK } from '../../../gfsr/annotation/marks.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import type { TrainSettings } from '../../../gfsr/config/train.ts';
import { assembleDataset } from '../../../gfsr/data/assemble.ts';
import type { Dataset } from '../../../gfsr/data/dataset.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../gfsr/store/checkpoint-file.ts';
import type { EpochRecord } from '../../../gfsr/train/checkpoint.ts';
import { InterruptedError, memoryStore, runExperiment } from '../../../gfsr/train/experiment.ts';
import { selectEpoch } from '../../../gfsr/train/selection.ts';
import { Trainer } from '../../../gfsr/train/trainer.ts';
import { testGpu } from '../../support/gpu.ts';

const settings = (train: Partial<TrainSettings>) =>
  parseConfig({
    model: { widths: [2], hidden: 4 },
    train: { batchSize: 8, epochs: 6, selection: 'best', ...train },
    guidance: { warmupEpochs: 2, rampEpochs: 2 },
    masks: { segments: 16, concepts: 3 },
  });

type Values = Partial<Pick<EpochRecord, 'valAccuracy' | 'valAuc' | 'valLoss' | 'valAlignment'>>;

const history = (...epochs: readonly Values[]): EpochRecord[] =>
  epochs.map((values, epoch) => ({
    ...{ epoch, crossEntropy: 1, relevance: 0, lambda: 0, lr: 1e-3, seconds: 1 },
    ...{ valAccuracy: 0.5, valAuc: 0.5, valLoss: 1, ...values },
  }));
const accuracies = (...values: number[]) =>
  history(...values.map((valAccuracy) => ({ valAccuracy })));
const chosen = (records: EpochRecord[], train: Partial<TrainSettings> = {}, guided = false) =>
  selectEpoch(records, settings(train), guided);

test('the last epoch is kept unless the best is asked for', () => {
  assert.equal(chosen(accuracies(0.9, 0.5), { selection: 'last' }), { stopped: false });
  assert.equal(chosen(accuracies(0.5, 0.9, 0.8)), { epoch: 1, stopped: false });
  assert.equal(chosen([]), { stopped: false });
});

test('the criterion decides: accuracy, AUC or loss; a value that is not defined never does', () => {
  const records = history(
    { valAccuracy: 0.9, valAuc: Number.NaN, valLoss: 0.7 },
    { valAccuracy: 0.8, valAuc: 0.7, valLoss: 0.2 },
    { valAccuracy: 0.7, valAuc: 0.8, valLoss: 0.3 },
  );
  assert.is(chosen(records).epoch, 0);
  assert.is(chosen(records, { criterion: 'auc' }).epoch, 2);
  assert.is(chosen(records, { criterion: 'loss' }).epoch, 1);
});

test('of equal epochs the better aligned one is kept, or else the later one', () => {
  assert.is(chosen(accuracies(0.9, 0.9, 0.8)).epoch, 1);
  const aligned = [0.1, 0.3, 0.2].map((valAlignment) => ({ valAccuracy: 0.9, valAlignment }));
  assert.is(chosen(history(...aligned)).epoch, 1);
  assert.is(chosen(history(...aligned, { valAccuracy: 0.91, valAlignment: 0 })).epoch, 3);
});

test('a guided epoch counts from where guidance has its full weight', () => {
  const records = accuracies(0.9, 0.9, 0.8, 0.7, 0.6, 0.5);
  assert.is(chosen(records, {}, false).epoch, 1);
  // Two epochs of warm-up and a ramp of two: full weight at the end of the fourth epoch.
  assert.is(chosen(records, {}, true).epoch, 3);
  assert.is(chosen(records.slice(0, 3), {}, true).epoch, undefined);
  // Shorter than warm-up and ramp: the last epoch.
  assert.is(chosen(accuracies(0.9, 0.9, 0.8), { epochs: 3 }, true).epoch, 2);
});

test('patience counts epochs without a better value; what comes after the stop does not count', () => {
  const patient = { patience: 2 };
  assert.equal(chosen(accuracies(0.5, 0.7, 0.6), patient), { epoch: 1, stopped: false });
  assert.equal(chosen(accuracies(0.5, 0.7, 0.6, 0.7), patient), { epoch: 3, stopped: true });
  assert.equal(chosen(accuracies(0.5, 0.7, 0.6, 0.6, 0.9), patient), { epoch: 1, stopped: true });
  assert.equal(chosen(accuracies(0.9, 0.8, 0.7, 0.5, 0.6), patient, true), {
    ...{ epoch: 4, stopped: false },
  });
});

const gpu = await testGpu();
const SIDE = 8;
const AREA = SIDE * SIDE;

/** A bright left or right half is the class, and the mask. */
function split(count: number, prefix: string) {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const inside = (k: number) => Number(k % SIDE >= SIDE / 2) === labels[Math.floor(k / AREA)];
  const images = Uint8Array.from({ length: count * AREA }, (_, k) =>
    inside(k) ? 60 + ((k * 37) % 100) : (k * 13) % 90,
  );
  const masks = new Map(
    [0, 1].map((i) => [
      i,
      Uint8Array.from({ length: AREA }, (_, p) => Number(inside(i * AREA + p))),
    ]),
  );
  return { count, images, labels, masks, ids: Array.from(labels, (_, i) => `${prefix}${i}`) };
}

const dataset: Dataset = assembleDataset(
  { name: 'halves', classes: ['left', 'right'], channels: 1, height: SIDE, width: SIDE, notes: [] },
  { train: split(24, 'a'), val: split(8, 'b'), test: split(8, 'c') },
);
const annotations: Annotations = new Map(
  [0, 1].map((i) => [
    i,
    [Uint8Array.from({ length: AREA }, (_, p) => (p < 8 ? MARK.positive : 0))],
  ]),
);

test('the weights of the best epoch are loaded, those of the running mean where it is evaluated', async () => {
  for (const ema of [0, 0.5]) {
    const config = settings({ ema, criterion: 'loss', lr: 0.05 });
    const trainer = new Trainer(gpu, { dataset, config });
    const states: unknown[] = [];
    await trainer.train(trainer.totalSteps, undefined, {
      onEpoch: async () => void states.push(await trainer.classifier.weights.state()),
    });
    assert.ok(trainer.history.every(({ valAlignment }) => Number.isFinite(valAlignment)));
    const losses = trainer.history.map(({ valLoss }) => valLoss);
    const epoch = trainer.selectEpoch(false);
    assert.is(losses[epoch], Math.min(...losses));
    assert.equal(await trainer.classifier.weights.state(), states[epoch]);
    await trainer.dispose();
  }
});

test('both arms stop and choose; a run that was interrupted anywhere ends with the same bytes', async () => {
  const config = settings({ epochs: 9, patience: 2, lr: 0.05, ema: 0.5 });
  const told: string[] = [];
  const onStage = (text: string) => void told.push(text);
  const whole = await runExperiment(gpu, { dataset, config, annotations, onStage });
  assert.ok(told.includes(`evaluating guided, epoch ${Number(whole.arms.guided?.epoch) + 1}`));
  for (const arm of ['cross-entropy', 'guided'] as const) {
    const records = whole.arms[arm]?.history ?? [];
    assert.ok(records.length > 0);
    assert.is(whole.arms[arm]?.epoch, selectEpoch(records, config, arm === 'guided').epoch);
  }
  assert.ok((whole.arms.guided?.epoch as number) >= 3);
  const kept = memoryStore();
  // What is on disk: the files, not the objects.
  const store: typeof kept = {
    ...kept,
    save: (name, checkpoint) =>
      kept.save(name, decodeCheckpoint(encodeCheckpoint(checkpoint), name)),
  };
  let result: typeof whole | undefined;
  for (let stops = 0; !result && stops < 20; stops++) {
    const stop = new AbortController();
    let steps = 0;
    result = await runExperiment(gpu, {
      ...{ dataset, config, annotations, store, signal: stop.signal },
      onStep: () => {
        if (++steps === 5) stop.abort();
      },
    }).catch((error) => {
      if (error instanceof InterruptedError) return undefined;
      throw error;
    });
  }
  for (const arm of ['cross-entropy', 'guided'] as const) {
    assert.equal(result?.arms[arm]?.weights, whole.arms[arm]?.weights);
    assert.is(result?.arms[arm]?.epoch, whole.arms[arm]?.epoch);
    assert.equal(result?.arms[arm]?.evaluation, whole.arms[arm]?.evaluation);
  }
});

test('patience without selection is refused', () => {
  const config = settings({ selection: 'last', patience: 3 });
  assert.throws(
    () => new Trainer(gpu, { dataset, config }),
    /train\.patience: got 3 with train\.selection last, expected 0\. Set train\.selection to best/,
  );
});

test.after(() => gpu.destroy());
test.run();
