// A trained classifier put to use: names of its classes on other data, and files beside those of another run.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { npy } from '../../support/npz.ts';
import { SIDE, writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, TINY, tempFolder } from './cli.ts';

const folder = tempFolder();
const SHORT = TINY.map((word, i) => (TINY[i - 1] === '--epochs' ? '3' : word));

/** A folder of 40 images of 16 bits and two classes, which have these names. */
function writeImages(name: string, classes: readonly [string, string]): string {
  const path = join(folder, name);
  mkdirSync(path);
  const rows = Array.from({ length: 40 }, (_, i) => {
    const data = new Uint16Array(SIDE * SIDE).map((_, p) => (p * (i + 1) * 7919) % 40_000);
    writeFileSync(join(path, `${i}.npy`), npy([SIDE, SIDE], data, '<u2'));
    return `${i}.npy,${classes[i % 2]}`;
  });
  writeFileSync(join(path, 'manifest.csv'), `file,label\n${rows.join('\n')}\n`);
  return path;
}

async function train(name: string, data: string): Promise<string> {
  const out = join(folder, name);
  const args = ['--data', data, '--window', 'full-range', '--out', out, ...SHORT];
  const { code, stderr } = await gfsr(['train', ...args]);
  if (code !== 0) throw new Error(stderr);
  return out;
}

const named = writeImages('named', ['even', 'odd']);
const numbered = writeImages('numbered', ['0', '1']);
const guided = await train('guided', writeTiny(folder));
const plain = await train('plain', named);

/** What a command prints. */
async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await gfsr(args);
  assert.is(code, 0, stderr);
  return stdout;
}

test('classes that are numbers in other data get the names of the classifier, which every command says', async () => {
  const out = join(folder, 'renamed');
  const note = /classes without names are taken in the order of their numbers: 0 even, 1 odd$/m;
  const on = ['--run', plain, '--data', numbered];
  assert.match(await printed('evaluate', ...on), note);
  assert.match(await printed('explain', ...on, '--index', '0', '--out', out), note);
  assert.match(await printed('predict', ...on, '--out', out), note);
  assert.match(readFileSync(join(out, 'predictions.csv'), 'utf8'), /,train,odd,/);
});

test('names are not matched with numbers, whose order nobody knows', async () => {
  const weights = join(guided, 'guided.safetensors');
  const refused = await gfsr(['evaluate', '--weights', weights, '--data', named]);
  assert.match(
    complaint(refused),
    /^named: has the classes even, odd, expected 0, 1, .* Give them these numbers as names\.$/,
  );
});

test('a training image is explained alike from the data set and from its file', async () => {
  const out = join(folder, 'drawn');
  await printed('explain', '--run', plain, '--split', 'test', '--index', '0', '--out', out);
  const [name] = readdirSync(out);
  const among = readFileSync(join(out, name));
  const image = join(named, name.replace(/-cross-entropy\.png$/, ''));
  const file = (await printed('explain', '--run', plain, '--image', image, '--out', out)).match(
    /\S+\.png$/m,
  )?.[0] as string;
  assert.equal(readFileSync(file), among);
});

test('predictions and events of two runs in one folder are not mixed', async () => {
  const out = join(folder, 'both');
  const both = [guided, plain];
  const masks = join(out, 'masks.npz');
  const events = join(out, 'guided', 'events.out.tfevents.gfsr');
  for (const run of both) {
    await printed('predict', '--run', run, '--out', out);
    await printed('export', '--run', run, '--format', 'tensorboard', '--out', out);
    assert.is(existsSync(masks), run === guided);
    assert.is(existsSync(events), run === guided);
  }
  assert.ok(existsSync(join(out, 'cross-entropy', 'events.out.tfevents.gfsr')));
});

test.run();
