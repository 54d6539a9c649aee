// What a comparison refuses to take from its folder: records and warm starts that are damaged or of other trials.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ComparisonFolder } from '../../../gfsr/compare/comparison-folder.ts';
import { runTrials } from '../../../gfsr/compare/run-trials.ts';
import type { TrialRecord } from '../../../gfsr/compare/trial-record.ts';
import { defaultConfig } from '../../../gfsr/config/config.ts';
import { tempFolder, weights } from '../report/synthetic.ts';

const path = join(tempFolder(), 'comparison');
const folder = ComparisonFolder.open(path, '{}');
test.after(() => folder.close());
const record: TrialRecord = {
  ...{ format: 'gfsr-trial', version: 2, key: 'aa', label: 'gfsr', seed: 0, control: 'none' },
  settings: {},
  dataset: { name: 'tiny', sha256: '0f' },
  ...{ adapter: 'none', isSoftware: true, gfsr: '1.0.0', code: 'then', finished: 'now' },
  ...{ seconds: 1, annotated: 2, lossBalance: null },
  figures: { 'test accuracy': 0.75, 'test auc': Number.NaN },
};
const partial = { crossEntropy: 0, relevance: 0, guided: 0, steps: 0, seconds: 0 };

function complaint(body: () => unknown): string {
  try {
    body();
    return 'no error';
  } catch (error) {
    return (error as Error).message;
  }
}

test('a record comes back, and one with another figure does not', () => {
  folder.saveTrial(record);
  assert.equal(folder.loadTrial('aa'), record);
  const file = join(path, 'trials', 'aa.json');
  const text = readFileSync(file, 'utf8');
  for (const figure of ['0.76', 'null']) {
    writeFileSync(file, text.replace('0.75', figure));
    assert.match(
      complaint(() => folder.loadTrial('aa')),
      /aa\.json: its content does not have the checksum/,
    );
  }
  writeFileSync(file, text);
});

test('a warm start of other trials or with a flipped bit is refused', () => {
  const tensors = weights('warm');
  folder.saveWarmStart('one', { step: 3, tensors, history: [], partial });
  folder.saveWarmStart('two', { step: 3, tensors, history: [], partial });
  const file = (key: string) => join(path, 'warm-starts', `${key}.safetensors`);
  assert.is(readdirSync(join(path, 'warm-starts')).length, 2);
  const bytes = readFileSync(file('one'));
  writeFileSync(file('two'), bytes);
  assert.match(
    complaint(() => folder.loadWarmStart('two')),
    /belongs to warm start one, expected warm start two/,
  );
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(file('one'), bytes);
  assert.match(
    complaint(() => folder.loadWarmStart('one')),
    /one\.safetensors: .*checksum/,
  );
});

test('tables of other trials are kept, and those of the same are replaced', () => {
  const other = join(tempFolder(), 'two configurations');
  const open = (trials: string[]) => {
    const opened = ComparisonFolder.open(other, '{}', trials);
    opened.write('table.json', JSON.stringify({ trials }));
    opened.write('table.md', trials.join());
    opened.close();
    return opened.kept;
  };
  assert.is(open(['a']), undefined);
  assert.is(open(['a']), undefined);
  const kept = open(['a', 'b']) as string;
  assert.is(readFileSync(join(kept, 'table.md'), 'utf8'), 'a');
  assert.is(readFileSync(join(other, 'table.md'), 'utf8'), 'a,b');
});

test('trials of two versions of the code are not put into one table', async () => {
  const trial = {
    condition: {
      label: 'gfsr',
      variant: 'gfsr',
      guided: true,
      control: 'none' as const,
      isReference: true,
    },
    ...{ seed: 0, config: defaultConfig, evaluation: defaultConfig, key: 'aa', warmKey: 'bb' },
  };
  const job = { trials: [trial], folder, sources: {} as never, code: 'now' };
  assert.match(
    await runTrials(async () => {}, job).then(() => 'accepted', String),
    /trial aa \(gfsr, seed 0\) was made by code version then, the others by now\. Delete its file/,
  );
});

test('a folder that cannot be opened is not left locked', () => {
  const damaged = join(tempFolder(), 'damaged');
  ComparisonFolder.open(damaged, '{}').close();
  writeFileSync(join(damaged, 'table.json'), '{"trials":');
  for (let time = 0; time < 2; time++) {
    assert.match(
      complaint(() => ComparisonFolder.open(damaged, '{}')),
      /table\.json: .*JSON/,
    );
  }
});

test.run();
