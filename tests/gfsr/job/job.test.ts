// A job as a library runs it: prepared, run, loaded again, examined and explained, with few calls and no command line.
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu } from '../../../engine/core/gpu.ts';
import { availableMemory, createNodeDevice } from '../../../engine/node.ts';
import type { ConfigChanges } from '../../../gfsr/config/config.ts';
import { Evaluator } from '../../../gfsr/evaluation/evaluator.ts';
import { examine } from '../../../gfsr/evaluation/examination.ts';
import { checkFits, checkModel } from '../../../gfsr/job/fits.ts';
import { prepareJob, resumeJob } from '../../../gfsr/job/job.ts';
import { runJob } from '../../../gfsr/job/run-job.ts';
import { explainImages } from '../../../gfsr/report/explanation.ts';
import { readModel } from '../../../gfsr/store/load-model.ts';
import { RunFolder } from '../../../gfsr/store/run-folder.ts';
import { loadRun, loadTrained, preferGuided } from '../../../gfsr/store/trained.ts';
import { InterruptedError } from '../../../gfsr/train/experiment.ts';
import { SIDE, writeTiny } from '../../support/tiny-data.ts';

const root = mkdtempSync(join(tmpdir(), 'gfsr-job-'));
const { device, wait, info: adapter } = await createNodeDevice();
const gpu = new Gpu(device, { wait });
test.after(() => {
  gpu.destroy();
  rmSync(root, { recursive: true });
});

const settings: ConfigChanges = {
  data: { source: writeTiny(root) },
  model: { widths: [2, 4], hidden: 4 },
  train: { epochs: 3, batchSize: 8 },
  guidance: { warmupEpochs: 1 },
  masks: { concepts: 3, segments: 16 },
};
const path = join(root, 'run');

test('a job that is stopped says so in its folder, and goes on from there', async () => {
  const job = await prepareJob(settings, path);
  checkFits(adapter, job.config, job.dataset, availableMemory());
  const stop = new AbortController();
  const hooks = { signal: stop.signal, onEpoch: () => stop.abort() };
  const stopped = await runJob(gpu, job, job.open(adapter), hooks).catch((error) => error);
  assert.instance(stopped, InterruptedError);
  assert.is(RunFolder.open(path).info.status, 'interrupted');
  assert.throws(() => loadRun(gpu, path), /is not finished\. Continue it with/);
  assert.throws(() => job.open(adapter), /there is already a run in this folder/);

  const again = await resumeJob(path);
  assert.equal(again.config, job.config);
  assert.equal([...again.annotations.keys()], [...job.annotations.keys()]);
  const { result, report } = await runJob(gpu, again, again.open(adapter));
  assert.equal(Object.keys(result.arms), ['cross-entropy', 'guided']);
  assert.is(report, join(path, 'report.html'));
  const { status, steps } = RunFolder.open(path).info;
  assert.is(status, 'finished');
  assert.equal(Object.keys(steps ?? {}).sort(), ['cross-entropy', 'guided', 'warm-start']);
});

test('a layer that does not exist, or has no positions, is refused before the folder is made', async () => {
  const check = (changes: ConfigChanges) => async () => {
    const { config, dataset, loss } = await prepareJob({ ...settings, ...changes }, path);
    checkModel(gpu, { config, dataset, loss });
  };
  const refusal = (changes: ConfigChanges) => check(changes)().then(() => 'accepted', String);
  const deep = { widths: [2, 2, 2, 2], head: 'pooled' } as const;
  assert.match(
    await refusal({ model: deep, saliency: { layer: 'last' } }),
    /layer conv\d has no positions to guide, got maps \[N, 2, 1, 1\]/,
  );
  assert.match(await refusal({ saliency: { layer: 'conv9' } }), /no layer conv9, expected first/);
  assert.is(await refusal({ model: deep, saliency: { layer: 'first' } }), 'accepted');
});

test('what is passed on names no folder of this machine, and says what it was made with', () => {
  for (const name of ['guided.safetensors', 'report.html', 'metrics.json', 'run.json']) {
    const text = readFileSync(join(path, name), 'latin1');
    assert.not.ok(text.includes(root), name);
    assert.ok(text.includes(RunFolder.open(path).info.dataset.sha256.slice(0, 16)), name);
  }
  const { madeWith, config } = readModel(join(path, 'guided.safetensors'));
  assert.equal(Object.keys(madeWith).slice(-3), ['data', 'config.json', 'annotations.json']);
  assert.is(config.data.source, settings.data?.source, 'the run beside it knows the folder');
});

test('data that have changed are refused', async () => {
  const before = RunFolder.open(path);
  writeTiny(root, 'tiny', { brightness: 90 });
  await resumeJob(path).then(
    () => assert.unreachable(),
    (error) => {
      assert.is(
        error.message,
        `${path}: ${before.config.data.source} has changed since this run began. Restore the data, or begin a new run.`,
      );
    },
  );
  writeTiny(root);
});

test('data that were moved are found when their new place is given', async () => {
  const from = RunFolder.open(path).config.data.source;
  const to = join(mkdtempSync(join(tmpdir(), 'gfsr-moved-')), basename(from));
  renameSync(from, to);
  const lost = await resumeJob(path).then(() => 'accepted', String);
  assert.match(lost, /no such file or folder.* lies elsewhere now, add --data\.$/);
  const { config, dataset } = await resumeJob(path, undefined, to);
  assert.is(config.data.source, to);
  assert.ok(dataset.train.count > 0);
  assert.is(RunFolder.open(path).config.data.source, from, 'the run is as it was');
  renameSync(to, from);
});

test('settings or marks that were edited are refused, and so is a deleted plan', async () => {
  const refusal = () => resumeJob(path).then(() => 'accepted', String);
  for (const name of ['config.json', 'annotations.json']) {
    const file = join(path, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${text} `);
    assert.match(await refusal(), new RegExp(`${name}: was changed since this run began`));
    writeFileSync(file, text);
  }
  const plan = join(path, 'checkpoints/state-plan.safetensors');
  const kept = readFileSync(plan);
  rmSync(plan);
  const job = await resumeJob(path);
  const failure = await runJob(gpu, job, job.open(adapter)).catch(String);
  assert.match(String(failure), /the masks that guided it are gone/);
  assert.is(RunFolder.open(path).info.status, 'failed');
  writeFileSync(plan, kept);
});

test('a loss whose import has changed is refused, and the run keeps a copy of both', async () => {
  const root_ = new URL('../../../', import.meta.url).href;
  const [loss, factor] = [join(root, 'mine.mts'), join(root, 'factor.mts')];
  writeFileSync(factor, 'export const factor = 1;\n');
  writeFileSync(
    loss,
    `import { mean } from '${root_}engine/index.ts';
import { factor } from './factor.mts';
export default { name: 'mine', source: 'a test', loss: ({ saliency }) => mean(saliency, [1, 2]) };
`,
  );
  const own = join(root, 'own loss');
  const job = await prepareJob({ ...settings, guidance: { loss, warmupEpochs: 1 } }, own);
  job.open(adapter).close();
  assert.is(readFileSync(join(own, 'loss/factor.mts'), 'utf8'), 'export const factor = 1;\n');
  await resumeJob(own);
  writeFileSync(factor, 'export const factor = 2;\n');
  assert.match(
    await resumeJob(own).then(() => 'accepted', String),
    /mine\.mts is not what this run began with: factor\.mts differs/,
  );
});

test('another adapter or code version is told and recorded', async () => {
  const before = RunFolder.open(path).info.sessions.length;
  const job = await resumeJob(path);
  const told: string[] = [];
  const folder = job.open(
    { ...adapter, description: 'another one' },
    { warn: (line) => told.push(line) },
  );
  folder.close();
  assert.match(told.join(), /^adapter was .*, is another one.* now: the result may differ/);
  assert.is(RunFolder.open(path).info.sessions.length, before + 1);
});

test('a run is loaded, examined and explained', async () => {
  const trained = loadRun(gpu, path);
  assert.equal(
    trained.map(({ arm }) => arm),
    ['cross-entropy', 'guided'],
  );
  const guided = preferGuided(trained);
  assert.is(guided.arm, 'guided');
  assert.is(loadTrained(gpu, path).arm, 'guided');
  assert.is(loadTrained(gpu, join(path, 'cross-entropy.safetensors')).arm, 'cross-entropy');

  const { dataset } = await resumeJob(path);
  const evaluator = new Evaluator(gpu, guided.classifier, guided.stats);
  const options = { faithfulness: true, images: 5 };
  const examined = await examine(gpu, { predictor: evaluator, trained: guided }, dataset, options);
  assert.is(examined.faithfulness?.deletion.count, 5);
  assert.ok(examined.randomisation && !examined.uncertainty && !examined.spread);

  const [first, second] = await explainImages(gpu, guided, dataset.test, { indices: [3, 7] });
  assert.equal([first.index, second.index], [3, 7]);
  assert.is(first.explained, first.predicted);
  assert.ok(first.probability >= 0.5 && first.probability <= 1);
  assert.ok(first.picture.width > 2 * SIDE && first.picture.channels === 3);
  const { probs } = await evaluator.predict(dataset.test, [3]);
  assert.is(first.probability, Math.max(...probs));
  const [other] = await explainImages(gpu, guided, dataset.test, { indices: [3], target: 1 });
  assert.is(other.explained, 1);
  await evaluator.dispose();
});

test.run();
