// A training for pages and servers: stopped within a second, resumed with the same bytes, on a new device by itself.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu } from '../../../engine/core/gpu.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import { type Annotations, MARK } from '../../../gfsr/annotation/marks.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { relevanceLossNamed } from '../../../gfsr/guidance/losses.ts';
import { Training, type TrainingProgress } from '../../../gfsr/job/training.ts';
import { describeData } from '../../../gfsr/store/run-info.ts';
import { type FileStore, memoryFiles, StoredRun } from '../../../gfsr/store/stored-run.ts';
import { InterruptedError } from '../../../gfsr/train/experiment.ts';
import { AREA, halves as dataset, SIDE } from '../../support/halves.ts';

const config = parseConfig({
  data: { source: 'halves' },
  model: { widths: [2], hidden: 4 },
  train: { batchSize: 8, epochs: 3 },
  guidance: { warmupEpochs: 1, rampEpochs: 1 },
  masks: { segments: 16, concepts: 3 },
});
const annotations: Annotations = new Map(
  [0, 1, 2].map((i) => [
    i,
    [Uint8Array.from({ length: AREA }, (_, p) => (p % SIDE < 3 ? MARK.positive : 0))],
  ]),
);
const work = { config, dataset, annotations, loss: relevanceLossNamed(config.guidance.loss) };

const devices: Gpu[] = [];
test.after(() => {
  for (const gpu of devices) gpu.destroy();
});

/** Where the tests train: in memory, on the last device as long as it is not lost. */
function place(files: FileStore) {
  let opened: { gpu: Gpu; device: GPUDevice; adapter: Awaited<ReturnType<typeof open>>['info'] };
  const open = () => createNodeDevice();
  let lost = true;
  return {
    opened: () => opened,
    device: async () => {
      if (lost) {
        const { device, wait, info } = await open();
        opened = { gpu: new Gpu(device, { wait }), device, adapter: info };
        devices.push(opened.gpu);
        lost = false;
        void device.lost.then(() => {
          lost = true;
        });
      }
      return opened;
    },
    openRun: async () =>
      (await StoredRun.open(files)) ??
      StoredRun.create(files, config, {
        started: '2026-01-02T03:04:05.000Z',
        adapter: opened.adapter,
        processor: 'test',
        versions: { gfsr: '0', browser: 'test', os: 'test' },
        dataset: { ...describeData(dataset), sha256: '0' },
        annotations: 'three marks',
      }),
  };
}

const weightsOf = async (files: FileStore) =>
  Promise.all(['cross-entropy', 'guided'].map((arm) => files.read(`${arm}.safetensors`)));

const whole = memoryFiles();
const progress: TrainingProgress[] = [];
const finished = await Training.start(work, place(whole), (now) => progress.push(now)).done;
const expected = await weightsOf(whole);

test('it writes the files of a run, and says what each stage costs and how long the rest takes', async () => {
  const names = await whole.list();
  for (const name of ['config.json', 'run.json', 'metrics.json', 'report.html', 'masks.png']) {
    assert.ok(names.includes(name), name);
  }
  assert.is(finished.report, 'report.html');
  assert.is(progress[0].stage, 'preparing');
  assert.is(progress[0].secondsLeft, undefined);
  const measuring = progress.filter(({ stage, costs }) => stage === 'preparing' && !costs);
  assert.equal(
    measuring.flatMap(({ timing }) => timing ?? []),
    ['steps without guidance', 'guided steps', 'masks', 'saliency'],
    'it says what is timed, as long as nothing else can be said',
  );
  assert.is(progress.at(-1)?.timing, undefined);
  const [first] = progress.filter(({ costs }) => costs);
  assert.ok(Object.values(first.costs ?? {}).every((seconds) => seconds > 0));
  assert.ok((first.secondsLeft ?? 0) > 0);
  const last = progress.at(-1) as TrainingProgress;
  assert.is(last.stage, 'writing');
  assert.is(last.share, 1);
  assert.is(last.secondsLeft, 0);
});

test('stopped while preparing, training or making masks, it goes on with the same bytes', async () => {
  for (const stage of ['preparing', 'cross-entropy', 'masks'] as const) {
    const files = memoryFiles();
    const where = place(files);
    let reached = () => {};
    const there = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const training = Training.start(work, where, (now) => now.stage === stage && reached());
    await there;
    await training.stop();
    const outcome = await training.done.catch((error: Error) => error);
    assert.instance(outcome, InterruptedError, stage);
    await Training.start(work, where).done;
    assert.equal(await weightsOf(files), expected, stage);
  }
});

test('Stop is answered even if the device never answers', async () => {
  const silent = new Promise<never>(() => {});
  const where = { ...place(memoryFiles()), device: () => silent };
  await Training.start(work, where).stop();
});

test('two devices lost in a row cost no bit, and the training says so', async () => {
  const files = memoryFiles();
  const where = place(files);
  let toLose = ['warm-start', 'guided'];
  const training = Training.start(work, where, ({ stage }) => {
    if (stage !== toLose[0]) return;
    toLose = toLose.slice(1);
    where.opened().device.destroy(); // without the knowledge of our own code
  });
  await training.done;
  assert.equal(toLose, []);
  assert.equal(await weightsOf(files), expected);
  assert.is(
    training.progress.notes.filter((note) => /Going on with a new one/.test(note)).length,
    2,
  );
});

test('settings that do not fit end it before anything is computed', async () => {
  const wrong = { ...work, config: { ...config, masks: { ...config.masks, sigma: 100 } } };
  const outcome = await Training.start(wrong, place(memoryFiles())).done.catch(String);
  assert.match(`${outcome}`, /masks.sigma is 100/);
});

test.run();
