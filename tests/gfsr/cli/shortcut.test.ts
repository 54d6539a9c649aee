// A shortcut planted from the command line: pictured, trained on, recorded, and still there when the run is evaluated.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, TINY, tempFolder } from './cli.ts';

const folder = tempFolder();
const data = writeTiny(folder);
const run = join(folder, 'planted');
const PLANT = ['--shortcut', 'border', '--shortcut-strength', '0.9'];

test('data shows the data set with the shortcut', async () => {
  const png = join(folder, 'sheet.png');
  const { code, stdout, stderr } = await gfsr(['data', data, ...PLANT, '--png', png]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^data +tiny\+border$/m);
  assert.match(stdout, /^shortcut +train marked, val marked, test marked$/m);
  assert.match(stdout, /^tests +present, random, absent, misleading$/m);
  assert.match(stdout, /Planted: a frame .*; strength 0\.9 in train and val/);
  assert.ok(existsSync(png));
});

test('data shows images as --side reduces them', async () => {
  const { code, stdout, stderr } = await gfsr(['data', data, '--side', '8']);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^images +8×8 /m);
});

test('train records the shortcut and tests every condition; evaluate plants it again', async () => {
  const trained = await gfsr(['train', '--data', data, ...PLANT, '--out', run, ...TINY]);
  assert.is(trained.code, 0, trained.stderr);
  const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'));
  assert.is(config.data.shortcut, 'border');
  assert.is(config.data.shortcutStrength, 0.9);
  const again = await gfsr(['evaluate', '--run', run]);
  assert.is(again.code, 0, again.stderr);
  for (const { stdout } of [trained, again]) {
    for (const name of ['present', 'random', 'absent', 'misleading']) {
      assert.match(stdout, new RegExp(`^test accuracy, shortcut ${name} +\\d`, 'm'));
    }
  }
  const table = (text: string) => text.match(/ +cross-entropy +guided\n[\s\S]*?\n\n/)?.[0];
  assert.is(table(again.stdout), table(trained.stdout));
});

test('says what shortcuts there are, and where one is planted already', async () => {
  const wrong = await gfsr(['data', data, '--shortcut', 'hairs']);
  assert.match(complaint(wrong), /shortcut is "hairs", expected none, text, .*Did you mean hair\?/);
  const twice = await gfsr(['data', 'decoy-mnist', '--shortcut', 'border']);
  assert.match(complaint(twice), /decoy-mnist already has a shortcut/);
});

test.run();
