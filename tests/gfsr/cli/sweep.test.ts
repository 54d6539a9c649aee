// `gfsr sweep` as a user runs it: resumed, ranked, and blind to test images, whatever they show.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { npz } from '../../support/npz.ts';
import { tinyArrays } from '../../support/tiny-data.ts';
import { complaint, gfsr, tempFolder } from './cli.ts';

const folder = tempFolder();
const out = join(folder, 'out');
const data = join(folder, 'tiny.npz');

/** The same training and validation images every time, and other test images for every brightness. */
function writeData(brightness: number): void {
  const test = tinyArrays(16, 'test', { brightness, masks: brightness < 150 });
  writeFileSync(data, npz({ ...tinyArrays(48, 'train'), ...tinyArrays(16, 'val'), ...test }));
}

const file = join(folder, 'sweep.json');
writeFileSync(
  file,
  JSON.stringify({
    settings: {
      data: { source: data },
      model: { widths: [2], hidden: 4 },
      train: { batchSize: 8, epochs: 2 },
      guidance: { warmupEpochs: 1, rampEpochs: 0 },
      masks: { concepts: 3, segments: 16 },
    },
    try: { 'guidance.loss': ['cross-entropy', 'gfsr'], 'guidance.lambda': [1, 3] },
    seeds: [0, 1],
    second: 'epgGain',
  }),
);
const run = () => gfsr(['sweep', file, '--out', out]);
const trials = () =>
  readdirSync(join(out, 'trials')).map((name) => readFileSync(join(out, 'trials', name), 'utf8'));

test('an estimate trains nothing', async () => {
  writeData(160);
  const { code, stdout, stderr } = await gfsr(['sweep', file, '--out', out, '--estimate']);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^estimate +about \d+:\d\d for 6 trials \(a step takes/m);
  assert.not.ok(existsSync(out));
});

test('ranks the candidates on validation images, and writes the best settings', async () => {
  writeData(160);
  const { code, stdout, stderr } = await run();
  assert.is(code, 0, stderr);
  assert.match(stdout, /48 train, 16 val\n/);
  assert.match(stdout, /test images were left out when the data was read/);
  assert.match(stdout, /^ *1 \* +guidance\.loss /m);
  assert.is(trials().length, 3 * 2);
  for (const text of trials()) {
    const { figures, examples } = JSON.parse(text);
    assert.ok('val accuracy' in figures && 'val epgGain' in figures);
    assert.equal(
      Object.keys(figures).filter((key) => key.startsWith('test')),
      [],
    );
    assert.is(examples, undefined);
  }
  const table = JSON.parse(readFileSync(join(out, 'table.json'), 'utf8'));
  assert.is(table.candidates.length, 3);
  assert.match(readFileSync(join(out, 'table.csv'), 'utf8'), /^1,.*,accuracy,/m);
});

test('other test images change nothing: no trial is repeated, no figure differs, none is refused', async () => {
  const before = trials();
  const table = readFileSync(join(out, 'table.json'), 'utf8');
  writeData(90);
  const { code, stdout, stderr } = await run();
  assert.is(code, 0, stderr);
  assert.not.match(stdout, /^trial /m);
  assert.equal(trials(), before);
  assert.is(readFileSync(join(out, 'table.json'), 'utf8'), table);
  const fresh = join(folder, 'fresh');
  assert.is((await gfsr(['sweep', file, '--out', fresh])).code, 0);
  assert.is(readFileSync(join(fresh, 'table.json'), 'utf8'), table);
});

test('the best settings are taken by train and by compare', async () => {
  const best = join(out, 'best.json');
  const { code, stderr } = await gfsr(['train', '--config', best, '--out', join(folder, 'run')]);
  assert.is(code, 0, stderr);
  const lab = join(folder, 'lab.json');
  writeFileSync(lab, JSON.stringify({ variants: ['cross-entropy'], seeds: [0] }));
  const to = join(folder, 'lab');
  const compared = await gfsr(['compare', '--config', lab, '--settings', best, '--out', to]);
  assert.is(compared.code, 0, compared.stderr);
  const [trial] = readdirSync(join(to, 'trials'));
  const { settings } = JSON.parse(readFileSync(join(to, 'trials', trial), 'utf8'));
  assert.is(settings.train.epochs, 2);
  assert.is(settings.data.source, basename(data));
});

test('what is wrong is said before anything is trained', async () => {
  const wrong = join(folder, 'wrong.json');
  writeFileSync(wrong, JSON.stringify({ try: { 'guidance.lamda': [1] }, seeds: [0] }));
  assert.match(complaint(await gfsr(['sweep', wrong])), /Did you mean guidance\.lambda/);
  const foreign = join(folder, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'x.txt'), '');
  assert.match(
    complaint(await gfsr(['sweep', file, '--out', foreign])),
    /is not the folder of a comparison/,
  );
});

test('a criterion that the data cannot have is refused before anything is trained', async () => {
  writeFileSync(
    data,
    npz({
      ...tinyArrays(48, 'train'),
      ...tinyArrays(16, 'val', { masks: false }),
      ...tinyArrays(16, 'test'),
    }),
  );
  const shared = JSON.parse(readFileSync(file, 'utf8'));
  const other = join(folder, 'criterion.json');
  const refused = join(folder, 'refused');
  for (const [criterion, lacks] of [
    ['misleading accuracy', /criterion misleading accuracy needs a planted shortcut/],
    ['pointingGame', /criterion pointingGame needs real masks of validation images/],
  ] as const) {
    writeFileSync(other, JSON.stringify({ ...shared, second: undefined, criterion }));
    const outcome = await gfsr(['sweep', other, '--out', refused]);
    assert.is(outcome.code, 1);
    assert.match(complaint(outcome), lacks);
    assert.not.ok(existsSync(refused));
  }
});

test.run();
