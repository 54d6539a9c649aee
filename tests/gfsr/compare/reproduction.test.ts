// The page of a reproduction: what a reader needs to believe it stands in it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import { reproductionMarkdown } from '../../../gfsr/compare/reproduction.ts';
import { rowLabel, summarise } from '../../../gfsr/compare/summary.ts';
import type { TrialRecord } from '../../../gfsr/compare/trial-record.ts';
import { listTrials } from '../../../gfsr/compare/trials.ts';
import { defaultConfig } from '../../../gfsr/config/config.ts';

const spec = {
  title: 'A set',
  notes: ['One note.'],
  ...{ variants: ['cross-entropy', { name: 'gfsr', seeds: [0, 1] }], seeds: [0, 1, 2] },
};
const trials = listTrials(parseComparison(JSON.stringify(spec), 'lab.json'), defaultConfig);
const records = trials.map(({ condition, seed }) => ({
  ...{ label: condition.label, seed, dataset: { name: 'retinamnist', sha256: '' } },
  ...{ adapter: 'llvmpipe', isSoftware: true, gfsr: '1.0.0', commit: 'abc1234', seconds: 30 },
  ...{ annotated: condition.guided ? 7 : 0, finished: `2026-01-0${seed + 1}T00:00:00.000Z` },
  figures: { 'test accuracy': 0.5 + 0.1 * seed + (condition.guided ? 0.05 : 0) },
})) as unknown as TrialRecord[];
const summary = summarise(trials, records);
const part = {
  ...{ name: 'a-set', title: 'A set', notes: spec.notes, data: '5 training images.' },
  ...{ summary, records },
};
const page = (quick: boolean, missing: string[] = []) =>
  reproductionMarkdown([part], { command: 'npm run reproduce -- all', quick, missing });

test('a row that lacks seeds says so', () => {
  assert.equal(
    summary.rows.map((row) => rowLabel(row, summary)),
    ['cross-entropy', 'gfsr (2 seeds)'],
  );
  assert.is(summary.rows[1].cells['test accuracy'].test?.pairs, 2);
});

test('how it was made, the table, every seed, and what was published', () => {
  const text = page(false);
  assert.match(
    text,
    /^## A set\n\n5 training images\. One note\.\n\n5 trainings, 2\.5 minutes in total, on llvmpipe \(software\); commit abc1234; finished 2026-01-03\. Guided by marks on\s7\straining\simages\.\nTo repeat: `npm run reproduce -- a-set`\.$/m,
  );
  assert.match(text, /^\| cross-entropy \| 0\.600 ± 0\.100 \|$/m);
  assert.match(text, /^\| gfsr \(2 seeds\) \| 0\.600 ± 0\.071 \|$/m);
  for (const line of ['| cross-entropy | 2 | 0.7000 |', '| gfsr | 1 | 0.6500 |']) {
    assert.ok(text.split('\n').includes(line), line);
  }
  assert.not.match(text, /^\| gfsr \| 2 \|/m);
  assert.match(text, /^\| ResNet-18 \(28\) \| 0\.513 \| – \| 0\.712 \| re-run/m);
  assert.not.match(text, /Quick size|Not run/);
});

test('paragraphs are wrapped, tables are not', () => {
  const long = { ...part, notes: Array(40).fill('A note of five words.') };
  const context = { command: 'npm run reproduce', quick: false, missing: [] };
  const lines = reproductionMarkdown([long], context).split('\n');
  assert.equal(
    lines.filter((line) => line.length > 140 && !line.startsWith('|')),
    [],
  );
  assert.is(lines.join(' ').split('A note of five words.').length, 41);
});

test('a quick run is called one, and what is missing is named', () => {
  const text = page(true, ['BUSI: put it there.']);
  assert.match(text, /^\*\*Quick size: .*its figures mean nothing\.\*\*$/m);
  assert.match(text, /^Not run: BUSI: put it there\.$/m);
});

test.run();
