// A run on disk: exact round trips, what a kill leaves behind, and folders that are not what they should be.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
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
    '{"data": "tiny", "epochs": 3, "widths": [2, 3], "hidden": 4, "warmupEpochs": 1}',
  );
  const { inputs: _, sessions: __, ...old } = RunFolder.open(path).info;
  writeFileSync(join(path, 'run.json'), JSON.stringify(old));
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
  const half = join(run.path, 'checkpoints', `${name}.1.tmp`);
  writeFileSync(half, readFileSync(join(run.path, 'checkpoints', name)).subarray(0, 100));
  assert.is((await RunFolder.open(run.path).load('guided'))?.step, 1);
  run.close();
  const again = RunFolder.open(run.path);
  again.lock();
  assert.not.ok(existsSync(half));
  await again.save('guided', checkpoint(2));
  assert.is((await RunFolder.open(run.path).load('guided'))?.step, 2);
  again.close();
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
  assert.match(message, /is "gfsr-plan-1", expected gfsr-checkpoint-1/);
  writeFileSync(file(masks), readFileSync(file(masks)).subarray(0, -1));
  const truncated = await damaged(run.loadSupervision());
  assert.ok(truncated.startsWith(`RangeError: ${file(masks)}: decodeSafetensors`), truncated);
});

test('every flipped bit of a checkpoint is found', async () => {
  const run = create();
  await run.save('guided', checkpoint(1));
  const [name] = readdirSync(join(run.path, 'checkpoints'));
  const file = join(run.path, 'checkpoints', name);
  const whole = readFileSync(file);
  for (let bit = 0; bit < 8 * whole.length; bit += 37) {
    const flipped = Uint8Array.from(whole);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    writeFileSync(file, flipped);
    const outcome = await run.load('guided').catch((error) => error);
    // A bit of the padding between header and tensors holds nothing.
    if (outcome instanceof Error) assert.ok(outcome.message.startsWith(file), outcome.message);
    else assert.equal(outcome, checkpoint(1), `bit ${bit}`);
  }
});

test('the state of another arm or of another run is refused by name', async () => {
  const [one, other] = [create(), create()];
  const file = (run: RunFolder, arm: string) =>
    join(run.path, 'checkpoints', `state-${arm}.safetensors`);
  await one.save('guided', checkpoint(5));
  writeFileSync(file(one, 'cross-entropy'), readFileSync(file(one, 'guided')));
  const said = await one.load('cross-entropy').catch((error) => error.message);
  assert.match(said, /belongs to guided of run \w+, expected cross-entropy of run/);
  const changed = withChanges(config, { train: { lr: 1 } });
  const third = RunFolder.create(join(folder, `run ${made++}`), changed, about);
  await third.save('guided', checkpoint(5));
  assert.ok((await other.load('guided')) === undefined);
  await other.save('guided', checkpoint(5));
  writeFileSync(file(other, 'guided'), readFileSync(file(third, 'guided')));
  assert.match(await other.load('guided').catch((error) => error.message), /belongs to guided/);
});

test('a file that decides the result is not changed or lost without a word', () => {
  const files = new Map([['loss/mine.ts', 'a']]);
  const run = RunFolder.create(join(folder, `run ${made++}`), config, about, files);
  run.checkInputs();
  writeFileSync(join(run.path, 'loss/mine.ts'), 'b');
  assert.match(
    complaint(() => run.checkInputs()),
    /mine\.ts: was changed since this run began/,
  );
  rmSync(join(run.path, 'loss'), { recursive: true });
  assert.match(
    complaint(() => run.checkInputs()),
    /mine\.ts: is gone/,
  );
});

test('a run has one process at a time, and a run killed before its record can begin again', () => {
  const run = create();
  const again = RunFolder.open(run.path);
  assert.match(
    complaint(() => again.lock()),
    /in use by process \d+ on /,
  );
  run.close();
  again.lock();
  again.close();
  // As a kill between the two files leaves it.
  const { path } = run;
  const dead = { pid: 2 ** 22 + 1, host: hostname(), born: null, since: 'then' };
  rmSync(join(path, 'run.json'));
  writeFileSync(join(path, 'lock.json'), JSON.stringify(dead));
  RunFolder.create(path, config, about).close();
  assert.equal(RunFolder.open(path).config, config);
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
