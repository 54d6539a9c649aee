// The whole job on tiny data: run folder, report, determinism, interruption, and a classifier used afterwards.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePng } from '../../../gfsr/image/png.ts';
import { decodeSafetensors } from '../../../model/safetensors.ts';
import { writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, TINY, tempFolder } from './cli.ts';

const folder = tempFolder();
const data = writeTiny(folder);
const bare = writeTiny(folder, 'bare', { masks: false });
const whole = join(folder, 'whole');

/** sha256 of each weights file of a run, by its path in the folder. */
function weightHashes(run: string): Record<string, string> {
  const files = readdirSync(run, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|\/)(cross-entropy|guided)[^/]*\.safetensors$/.test(file))
    .sort();
  return Object.fromEntries(
    files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(run, file)))
        .digest('hex'),
    ]),
  );
}

/** The tensors of both arms. Unlike hashes of their files, they do not depend on settings, which are in the headers. */
const weightsOf = (run: string) =>
  ['cross-entropy', 'guided'].map((arm) => [
    ...decodeSafetensors(readFileSync(join(run, `${arm}.safetensors`))).tensors,
  ]);

/** The step logs of a run by arm, without the seconds that the steps took. */
function stepLogs(run: string): Record<string, readonly object[]> {
  const arms = ['warm-start', 'cross-entropy', 'guided'];
  const stepsOf = (arm: string) =>
    readFileSync(join(run, 'steps', `${arm}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => ({ ...JSON.parse(line), seconds: undefined }));
  return Object.fromEntries(arms.map((arm) => [arm, stepsOf(arm)]));
}

test('trains both arms, prints what it found and writes a report', async () => {
  const { code, stdout, stderr } = await gfsr(['train', '--data', data, '--out', whole, ...TINY]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^data +tiny: 12×12 grey, 2 classes; 48 train, 16 val, 16 test$/m);
  assert.match(stdout, /^annotations simulated, one click on 4 of 48 training images/m);
  assert.match(stdout, /^guidance +gfsr, λ 1, on gradcam at layer last, sign relu, target label$/m);
  assert.match(stdout, /^ +from epoch 3 of 6, at full weight after epoch 3$/m);
  assert.match(stdout, /^defaults +by the size and number of the images$/m);
  assert.match(stdout, /warm-start +epoch 1\/6 .*val accuracy/);
  assert.match(stdout, /cross-entropy +epoch 6\/6/);
  assert.match(stdout, /guided +epoch 6\/6 .*relevance/);
  assert.match(stdout, /cross-entropy +guided\ntest accuracy +\d\.\d{3} +\d\.\d{3}$/m);
  const report = stdout.match(/^report +(.+\.html)$/m)?.[1];
  assert.ok(report && existsSync(report), stdout);
  const { sessions } = JSON.parse(readFileSync(join(whole, 'run.json'), 'utf8'));
  assert.is(sessions.length, 1);
  assert.is(sessions[0].command, ['gfsr train --data tiny.npz --out whole', ...TINY].join(' '));
});

test('prints no control characters where stdout is not a terminal, even with colours forced', async () => {
  const out = join(folder, 'plain');
  const env = { FORCE_COLOR: '1', CI: '1' };
  const { stdout } = await gfsr(['train', '--data', bare, '--out', out, ...TINY], { env });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.not.match(stdout, /[\x00-\x09\x0b-\x1f\x7f]/);
  assert.match(stdout, /^annotations none, so only cross-entropy: .*--annotations file\.json/m);
  assert.not.match(stdout, /^ +guided/m);
});

test('prints the result only where quiet', async () => {
  const out = join(folder, 'quiet');
  const { stdout } = await gfsr(['train', '--data', bare, '--out', out, '--quiet', ...TINY]);
  assert.match(stdout, /^ +cross-entropy\ntest accuracy/);
});

test('gives the same weights for the same seed, and others for another', async () => {
  const again = join(folder, 'again');
  const other = join(folder, 'other');
  assert.is((await gfsr(['train', '--data', data, '--out', again, ...TINY])).code, 0);
  assert.equal(weightHashes(again), weightHashes(whole));
  assert.is(Object.keys(weightHashes(whole)).length, 2);
  assert.is(
    (await gfsr(['train', '--data', data, '--out', other, '--seed', '1', ...TINY])).code,
    0,
  );
  assert.is.not(Object.values(weightHashes(other))[0], Object.values(weightHashes(whole))[0]);
});

test('--eager gives the same weights, and records nothing', async () => {
  const eager = join(folder, 'eager');
  assert.is((await gfsr(['train', '--data', data, '--out', eager, '--eager', ...TINY])).code, 0);
  assert.equal(weightsOf(eager), weightsOf(whole));
  const steps = (run: string) => JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')).steps;
  assert.is(steps(eager), undefined);
  assert.equal(Object.keys(steps(whole)), ['warm-start', 'cross-entropy', 'guided']);
  const { dispatches, plannedBytes, unsharedBytes } = steps(whole).guided;
  assert.ok(dispatches > steps(whole)['cross-entropy'].dispatches);
  assert.ok(plannedBytes < unsharedBytes);
});

for (const [when, sign, ...asked] of [
  ['in the warm start', /warm-start +epoch 1/],
  ['in the guided arm', /guided +epoch 4/, '--detect-anomaly', '--uncertainty'],
] as const) {
  test(`stops at a signal ${when}, and resumes to the same weights`, async () => {
    const out = join(folder, `stopped ${when}`);
    let sent = false;
    const stopped = await gfsr(['train', '--data', data, '--out', out, ...asked, ...TINY], {
      watch: (stdout, child) => {
        if (sent || !sign.test(stdout)) return;
        sent = true;
        child.kill('SIGINT');
      },
    });
    assert.is(stopped.code, 130, stopped.stdout + stopped.stderr);
    const again = ['gfsr train --resume', `'${out}'`, ...asked].join(' ');
    assert.ok(stopped.stdout.includes(`continue with: ${again}\n`), stopped.stdout);
    const resumed = await gfsr(['train', '--resume', out]);
    assert.is(resumed.code, 0, resumed.stdout + resumed.stderr);
    assert.equal(weightHashes(out), weightHashes(whole));
    assert.equal(stepLogs(out), stepLogs(whole));
  });
}

test('logs every step of every arm once, and not at all if told so', async () => {
  const numbers = (arm: string) =>
    stepLogs(whole)[arm].map((step) => (step as { step: number }).step);
  const count = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => from + i + 1);
  const [warm, all] = [numbers('warm-start').length, numbers('guided').at(-1) as number];
  assert.equal(numbers('warm-start'), count(0, warm));
  for (const arm of ['cross-entropy', 'guided']) assert.equal(numbers(arm), count(warm, all));
  const out = join(folder, 'unlogged');
  await gfsr(['train', '--data', data, '--out', out, '--log-every', '0', ...TINY]);
  assert.equal(weightsOf(out), weightsOf(whole));
  assert.not.ok(existsSync(join(out, 'steps')));
});

test('resumes a finished run without training again, and takes no new settings', async () => {
  const { code, stdout } = await gfsr(['train', '--resume', whole]);
  assert.is(code, 0);
  assert.not.match(stdout, /epoch \d+\/\d/);
  const changed = await gfsr(['train', '--resume', whole, '--lr', '1']);
  assert.is(changed.code, 1);
  assert.match(complaint(changed), /--lr/);
});

test('does not resume on other pixels', async () => {
  writeTiny(folder, 'bare', { masks: false, brightness: 100 });
  const changed = await gfsr(['train', '--resume', join(folder, 'plain')]);
  assert.is(changed.code, 1);
  assert.match(complaint(changed), /bare\.npz has changed since this run began/);
});

test('a run that diverges keeps its last good weights, and anomaly detection names the op', async () => {
  const out = join(folder, 'diverged');
  const wild = ['--lr', '1e20', '--optimizer', 'sgd', '--norm', 'none'];
  const run = await gfsr(['train', '--data', data, '--out', out, ...TINY, ...wild]);
  assert.is(run.code, 1);
  assert.match(
    complaint(run),
    /not finite at step 2\. The weights of step 0 are kept\..*--detect-anomaly/,
  );
  const named = await gfsr(['train', '--resume', out, '--detect-anomaly']);
  assert.match(
    complaint(named),
    /anomaly at step 2: \w+ .*made a NaN or an infinity out of finite/,
  );
});

test('evaluates a run and a weights file', async () => {
  const run = await gfsr(['evaluate', '--run', whole, '--json']);
  assert.is(run.code, 0, run.stderr);
  const scores = JSON.parse(run.stdout);
  assert.equal(Object.keys(scores), ['cross-entropy', 'guided']);
  assert.ok(scores.guided.accuracy >= 0 && scores.guided.accuracy <= 1);
  const weights = Object.keys(weightHashes(whole)).find((file) =>
    file.includes('guided'),
  ) as string;
  const file = await gfsr([
    'evaluate',
    '--weights',
    join(whole, weights),
    '--data',
    data,
    '--split',
    'val',
  ]);
  assert.is(file.code, 0, file.stderr);
  assert.match(file.stdout, /^val accuracy +\d\.\d{3}$/m);
});

test('draws what a classifier looks at, for images of the data set and for a file', async () => {
  const out = join(folder, 'drawn');
  const drawn = await gfsr([
    'explain',
    '--run',
    whole,
    '--index',
    '3,5',
    '--layer',
    'last',
    '--out',
    out,
  ]);
  assert.is(drawn.code, 0, drawn.stderr);
  const files = readdirSync(out).sort();
  assert.is(files.length, 2);
  const { width, height } = decodePng(readFileSync(join(out, files[0])));
  assert.equal([width, height], [2 * 228 + 8, 228]);
  const sheet = join(folder, 'image.png');
  writeFileSync(sheet, readFileSync(join(out, files[0])));
  const wrong = await gfsr(['explain', '--run', whole, '--image', sheet, '--out', out]);
  assert.match(complaint(wrong), /464×228 pixels, expected 12×12/);
  const layer = await gfsr([
    'explain',
    '--run',
    whole,
    '--index',
    '3',
    '--layer',
    'conv9',
    '--out',
    out,
  ]);
  assert.match(complaint(layer), /no layer conv9, expected first, last, conv1, conv2/);
});

test.run();
