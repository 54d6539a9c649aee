// What evaluate measures on request: uncertainty, faithfulness, and several classifiers as an ensemble.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { SIDE, writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, TINY, tempFolder } from './cli.ts';

const folder = tempFolder();
const SHORT = TINY.map((word, i) => (TINY[i - 1] === '--epochs' ? '3' : word));
const data = writeTiny(folder);
const bare = writeTiny(folder, 'bare', { masks: false });
const runs = [join(folder, 'a'), join(folder, 'b')];
for (const [seed, out] of runs.entries()) {
  // Without masks there is nothing to mark: the second run has cross-entropy alone.
  const from = ['--data', seed === 0 ? data : bare, '--seed', String(seed)];
  const { code, stderr } = await gfsr(['train', ...from, '--out', out, ...SHORT]);
  if (code !== 0) throw new Error(stderr);
}

test('--uncertainty prints temperature, calibration and the coverage of sets', async () => {
  const { code, stdout, stderr } = await gfsr(['evaluate', '--run', runs[0], '--uncertainty']);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^temperature, fitted on val +\d+\.\d{3} +\d+\.\d{3}$/m);
  assert.match(stdout, /^calibration error \(ECE\) after +\d\.\d{3}/m);
  assert.match(stdout, /^LAC sets for 90 %: coverage, test +[01]\.\d{3}/m);
  assert.match(stdout, /^APS sets for 90 %: coverage, test +[01]\.\d{3}/m);
});

test('--faithfulness prints every figure, and a line for each layer', async () => {
  const args = ['evaluate', '--run', runs[1], '--faithfulness', '--images', '5'];
  const { code, stdout, stderr } = await gfsr(args);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^deletion AUC ↓ \(5 images\) +0\.\d{3}$/m);
  assert.match(stdout, /^insertion AUC ↑ +0\.\d{3}$/m);
  assert.match(stdout, /^ROAD, \(LeRF − MoRF\)\/2 ↑ +-?0\.\d{3}$/m);
  assert.match(
    stdout,
    /^cross-entropy: weights randomised from the output down to +rank correlation +SSIM$/m,
  );
  assert.match(stdout, /^conv1 +-?[01]\.\d{3} +-?[01]\.\d{3}$/m);
});

test('--ensemble measures the members and all as one, in JSON too', async () => {
  const members = `${runs[0]},${join(runs[1], 'cross-entropy.safetensors')}`;
  const { code, stdout, stderr } = await gfsr([
    ...[
      'evaluate',
      '--ensemble',
      members,
      '--uncertainty',
      '--faithfulness',
      '--images',
      '3',
      '--json',
    ],
  ]);
  assert.is(code, 0, stderr);
  const { ensemble, ...rest } = JSON.parse(stdout);
  assert.equal(Object.keys(rest), ['member 1', 'member 2']);
  assert.ok(
    ensemble.accuracy >= 0 && ensemble.alignment.epg.count === 16 && ensemble.imageSize[0] === SIDE,
  );
  assert.ok(ensemble.spread.disagreement.mean >= 0);
  assert.ok(ensemble.spread.disagreement.mean < ensemble.spread.total.mean);
  assert.is(
    ensemble.spread.saliencyAgreement.count + ensemble.spread.saliencyAgreement.skipped,
    16,
  );
  assert.ok(ensemble.uncertainty.temperature > 0);
  assert.is(ensemble.faithfulness.road.count, 3);
  assert.is(ensemble.randomisation, undefined);
  assert.is(rest['member 1'].randomisation.length, 5);
});

test('members of different seeds share the split of a folder, and are an ensemble', async () => {
  const images = join(folder, 'images');
  mkdirSync(images);
  const pixels = { width: SIDE, height: SIDE, channels: 1 as const };
  const rows = Array.from({ length: 40 }, (_, i) => {
    const shade = new Uint8Array(SIDE * SIDE).map((_, p) => (p * (i + 1) * 7) % 256);
    writeFileSync(join(images, `${i}.png`), encodePng({ ...pixels, data: shade }));
    return `${i}.png,${i % 2}`;
  });
  writeFileSync(join(images, 'manifest.csv'), `file,label\n${rows.join('\n')}\n`);
  const members: string[] = [];
  for (const seed of ['0', '1']) {
    const out = join(folder, `split${seed}`);
    const args = ['train', '--data', images, '--seed', seed, '--out', out, ...SHORT];
    assert.is((await gfsr(args)).code, 0);
    members.push(out);
    assert.ok(existsSync(join(out, 'cross-entropy.safetensors')));
  }
  const outcome = await gfsr(['evaluate', '--ensemble', members.join(',')]);
  assert.is(outcome.code, 0, outcome.stderr);
  assert.match(outcome.stdout, 'ensemble');
});

test('flags that do not fit each other are named', async () => {
  const wrong = async (...args: string[]) =>
    complaint(await gfsr(['evaluate', '--run', runs[0], ...args]));
  assert.match(
    await wrong('--ensemble', 'a,b'),
    /--ensemble, --run, --weights: name the trained classifiers by only one/,
  );
  assert.match(
    await wrong('--images', '5'),
    /--images: is the number of images for --faithfulness/,
  );
  assert.match(await wrong('--faithfulness', '--images', '0'), /--images is 0, expected a whole/);
  assert.match(await wrong('--split', 'val', '--uncertainty'), /are measured on test/);
});

test.run();
