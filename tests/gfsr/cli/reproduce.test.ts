// `gfsr reproduce` as a user runs it: a wrong name, data that are not there, and one comparison from data to page.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dataPath } from '../../support/data.ts';
import { complaint, gfsr, tempFolder } from './cli.ts';

const folder = tempFolder();

test('an unknown name, or none, is told which there are', async () => {
  const wrong = complaint(await gfsr(['reproduce', 'retinamist']));
  assert.match(
    wrong,
    /unknown name retinamist\. Did you mean retinamnist\? Expected all, or one of: brain-tumor-axial, brain-tumor-axial-folds, busi,/,
  );
  assert.match(complaint(await gfsr(['reproduce'])), /reproduce: needs a name\. Expected all/);
});

test('one line says which file to put where, and nothing is run', async () => {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const { code, stdout } = await gfsr(['reproduce', 'busi', '--data', empty, '--quick']);
  assert.is(code, 1);
  const lines = stdout.trim().split('\n');
  assert.is(lines.length, 1);
  assert.match(
    lines[0],
    /^busi: BUSI: .* Put busi_128_trainval\.npz from .* into .*empty, or set GFSR_DATA to the folder that contains it\.$/,
  );
});

test('from the published file to a page, and the second time nothing is trained', async () => {
  const data = dataPath('retinamnist/retinamnist.npz');
  if (!data) return;
  const out = join(folder, 'out');
  const args = [
    'reproduce',
    'retinamnist-text',
    '--quick',
    '--data',
    join(data, '../..'),
    '--out',
    out,
  ];
  const { code, stdout, stderr } = await gfsr(args);
  assert.is(code, 0, stderr);
  assert.match(
    stdout,
    /^data +retinamnist\.npz is the published file \(MD5 bd4c0672f1bba3e3a89f0e4e876791e4\)\.$/m,
  );
  assert.match(
    stdout,
    /^time +retinamnist-text: about \d+:\d\d for 2 trials \(a step takes \d+ ms, a guided one \d+/m,
  );
  assert.match(stdout, /^time +about \d+:\d\d in total on this adapter, measured just now$/m);
  const page = readFileSync(join(out, 'results.md'), 'utf8');
  assert.match(page, /^## RetinaMNIST with a planted text tag$/m);
  assert.match(page, /^\| gfsr \| \d\.\d{3} \|/m);
  const again = await gfsr(args);
  assert.is(again.code, 0, again.stderr);
  assert.match(again.stdout, /^time +retinamnist-text: 2 trials, all finished$/m);
  assert.not.match(again.stdout, /^trial /m);
  assert.is(readFileSync(join(out, 'results.md'), 'utf8'), page);
});

test.run();
