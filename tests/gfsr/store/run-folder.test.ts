// A run on disk: exact round trips, what a kill leaves behind, and folders that are not what they should be.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withChanges } from '../../../gfsr/config/config.ts';
import { defaultRunPath, RunFolder } from '../../../gfsr/store/run-folder.ts';
import { encodeTensorFile } from '../../../gfsr/store/tensor-file.ts';
import type { Checkpoint } from '../../../gfsr/train/checkpoint.ts';
import { config, context, dataset, history, tempFolder, weights } from '../report/synthetic.ts';

const folder = tempFolder();
const about = context(dataset());
let made = 0;
const create = () => RunFolder.create(join(folder, `run ${made++}`, 'deep'), config, about);

function complaint(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    assert.instance(error, RangeError);
    assert.not.match((error as Error).message, /\n/);
    return (error as Error).message;
  }
  return 'no error';
}

const checkpoint = (step: number): Checkpoint => ({
  step,
  tensors: weights(`step ${step}`),
  history: history(true),
  partial: { crossEntropy: 0.1 + 0.2, relevance: 1 / 3, guided: 1, steps: 2, seconds: 0.7 },
});

const supervision = {
  masks: {
    masks: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i) ** 2),
    weights: Float32Array.of(1, 1 / 3),
    height: 2,
    width: 3,
    annotated: 1,
    segments: 9,
    meanRelevance: 0.1 + 0.2,
  },
  lossBalance: Math.PI,
  step: 7,
};

test('settings and record come back as they were written', () => {
  const { path, info } = create();
  const again = RunFolder.open(path, config);
  assert.equal(again.config, config);
  assert.equal(again.info, info);
  assert.is(again.info.status, 'running');
  again.update({ status: 'finished', seconds: 12.5 });
  assert.equal(RunFolder.open(path).info, { ...info, status: 'finished', seconds: 12.5 });
});

test('checkpoints and masks come back bit by bit, and none is there before it is saved', async () => {
  const { path } = create();
  assert.is(await RunFolder.open(path).load('guided'), undefined);
  assert.is(await RunFolder.open(path).loadSupervision(), undefined);
  await RunFolder.open(path).save('guided', checkpoint(5));
  await RunFolder.open(path).saveSupervision(supervision);
  assert.equal(await RunFolder.open(path).load('guided'), checkpoint(5));
  assert.equal(await RunFolder.open(path).loadSupervision(), supervision);
  const initialSaliency = supervision.masks.masks.map((m) => m / 3);
  const withInitial = { ...supervision, initialSaliency };
  await RunFolder.open(path).saveSupervision(withInitial);
  assert.equal(await RunFolder.open(path).loadSupervision(), withInitial);
  assert.is(await RunFolder.open(path).load('warm-start'), undefined);
});

test('a run from when settings were a flat list goes on', async () => {
  const { path } = create();
  writeFileSync(
    join(path, 'config.json'),
    '{"data": "tiny", "epochs": 3, "widths": [2, 3], "hidden": 4}',
  );
  const run = RunFolder.open(path);
  assert.equal(run.config, config);
  const { lossBalance: rate, step, masks: all } = supervision;
  const { masks, weights: each, height, width, ...counts } = all;
  const shape = [2, height, width];
  const tensors = new Map([
    ['masks', { shape, data: masks }],
    ['weights', { shape: [2], data: each }],
    ['reference', { shape, data: masks }],
  ]);
  const bytes = encodeTensorFile('gfsr-plan-1', { tensors, value: { rate, step, ...counts } });
  await run.saveSupervision(supervision);
  const [name] = readdirSync(join(path, 'checkpoints'));
  writeFileSync(join(path, 'checkpoints', name), bytes);
  assert.equal(await run.loadSupervision(), { ...supervision, initialSaliency: masks });
});

test('a diverged run keeps its NaN and infinities', async () => {
  const run = create();
  const [first] = history(true);
  const record = { ...first, crossEntropy: Number.NaN, relevance: Number.POSITIVE_INFINITY };
  await run.save('guided', { ...checkpoint(1), history: [record] });
  assert.equal((await run.load('guided'))?.history, [record]);
});

test('a kill in the middle of writing leaves the older state, and the next write goes through', async () => {
  const run = create();
  await run.save('guided', checkpoint(1));
  const [name] = readdirSync(join(run.path, 'checkpoints'));
  const half = join(run.path, 'checkpoints', `${name}.tmp`);
  writeFileSync(half, readFileSync(join(run.path, 'checkpoints', name)).subarray(0, 100));
  assert.is((await RunFolder.open(run.path).load('guided'))?.step, 1);
  await run.save('guided', checkpoint(2));
  assert.is((await RunFolder.open(run.path).load('guided'))?.step, 2);
  assert.not.ok(existsSync(half));
});

test('a process killed while it saves leaves a whole checkpoint and record', async () => {
  const { path } = create();
  const script = fileURLToPath(new URL('endless-saves.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, path]);
  let saves = 0;
  child.stdout.on('data', (dots) => {
    saves += dots.length;
    if (saves > 5) setTimeout(() => child.kill('SIGKILL'), 3);
  });
  await once(child, 'close');
  const run = RunFolder.open(path);
  const { step, tensors } = (await run.load('guided')) as Checkpoint;
  assert.ok(step >= saves && step - run.info.seconds <= 1, `step ${step} after ${saves} saves`);
  assert.ok(tensors.get('w')?.data.every((value) => value === step));
});

test('a damaged checkpoint is named, and so is a file of another kind', async () => {
  const run = create();
  await run.save('guided', checkpoint(1));
  await run.saveSupervision(supervision);
  const file = (name: string) => join(run.path, 'checkpoints', name);
  const [guided, masks] = readdirSync(file('')).sort();
  writeFileSync(file(guided), readFileSync(file(masks)));
  const damaged = async (body: Promise<unknown>) => body.then(() => 'no error', String);
  const message = await damaged(run.load('guided'));
  assert.ok(message.includes(file(guided)), message);
  assert.match(message, /is gfsr-plan-1, expected gfsr-checkpoint-1/);
  writeFileSync(file(masks), readFileSync(file(masks)).subarray(0, -1));
  const truncated = await damaged(run.loadSupervision());
  assert.ok(truncated.startsWith(`RangeError: ${file(masks)}: decodeSafetensors`), truncated);
});

test('a resumed run must have the same settings, and the first that differs is named', () => {
  const { path } = create();
  const message = complaint(() =>
    RunFolder.open(path, withChanges(config, { model: { widths: [2, 4] }, train: { lr: 1 } })),
  );
  assert.match(message, /model\.widths is \[2,4\], expected \[2,3\]/);
});

test('a folder with something in it is left alone', () => {
  const { path } = create();
  assert.match(
    complaint(() => RunFolder.create(path, config, about)),
    /--resume/,
  );
  const other = join(folder, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'thesis.tex'), '');
  assert.match(
    complaint(() => RunFolder.create(other, config, about)),
    /thesis\.tex/,
  );
  assert.match(
    complaint(() => RunFolder.create(join(other, 'thesis.tex'), config, about)),
    /is a file/,
  );
  assert.equal(readdirSync(other), ['thesis.tex']);
});

test('what is no run folder is not opened', () => {
  assert.match(
    complaint(() => RunFolder.open(join(folder, 'missing'))),
    /no such folder/,
  );
  assert.match(
    complaint(() => RunFolder.open(folder)),
    /not a run folder/,
  );
  const { path } = create();
  writeFileSync(join(path, 'run.json'), '{"format":"gfsr-run","version":2}');
  assert.match(
    complaint(() => RunFolder.open(path)),
    /run\.json: version is 2, expected 1/,
  );
  writeFileSync(join(path, 'run.json'), '{');
  assert.match(
    complaint(() => RunFolder.open(path)),
    /run\.json: damaged JSON/,
  );
});

test('a default name says what data and when, and is a plain folder name', () => {
  const now = new Date(2026, 0, 2, 3, 4, 5);
  assert.is(defaultRunPath('decoy-mnist', now), join('runs', 'decoy-mnist-20260102-030405'));
  assert.is(defaultRunPath('/data/my set.NPZ', now), join('runs', 'my-set-20260102-030405'));
  assert.is(defaultRunPath('..', now), join('runs', 'data-20260102-030405'));
});

test.run();
