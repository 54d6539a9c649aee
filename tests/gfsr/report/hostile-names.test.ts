// What users typed is text in every file that we write: it starts no script, cell, formula, link, escape or direction.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderReport } from '../../../bench/report.ts';
import { renderComparisonReport } from '../../../gfsr/compare/comparison-report.ts';
import {
  comparisonCsv,
  comparisonLatex,
  comparisonMarkdown,
  describeSummary,
} from '../../../gfsr/compare/comparison-tables.ts';
import { withChanges } from '../../../gfsr/config/config.ts';
import type { Dataset } from '../../../gfsr/data/dataset.ts';
import { describeDataset, summariseDataset } from '../../../gfsr/data/dataset-summary.ts';
import { writeReport } from '../../../gfsr/report/report.ts';
import { writeResults } from '../../../gfsr/report/result-files.ts';
import { RunFolder } from '../../../gfsr/store/run-folder.ts';
import { Output } from '../../../gfsr/terminal/output.ts';
import { parseCsv } from '../../../gfsr/text/csv.ts';
import { syntheticResult } from '../../bench/synthetic.ts';
import { config, context, dataset, result, tempFolder } from './synthetic.ts';
import { compared } from './synthetic-comparison.ts';

const folder = tempFolder();

const HOSTILE: Readonly<Record<string, string>> = {
  script: '<script>alert(1)</script>',
  'an image': '<img src=x onerror=alert(1)>',
  'the end of a style or title': '</style></title><svg onload=alert(1)>',
  'the end of an attribute': '" onmouseover="alert(1)" \' onfocus=\'alert(1)',
  entities: '&lt;script&gt;&#60;b&#62;',
  formula: '=HYPERLINK("http://x","y")',
  'a table': 'a | b\n| --- |\n',
  link: '[click](javascript:alert(1)) ![i](http://x/y.png) `code`',
  'control characters': 'a\u0000b\u0007c\u001b[31mred\u001b]0;title\u0007\r\n',
  'right to left': '\u202egnp.exe\u2066\u200f',
  LaTeX: '\\input{/etc/passwd} \\write18{id} $x$ %',
  'a long name': 'x'.repeat(100_000),
  prototype: '__proto__',
};

/** What no page, table or terminal may hold, whatever the names were. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const INVISIBLE = /[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069\u200e\u200f]/;

/** @throws if a page has an element or attribute that our templates do not write, or no policy */
function assertHarmless(page: string): void {
  assert.match(page, /<meta http-equiv="Content-Security-Policy" content="default-src 'none'/);
  assert.not.match(page, INVISIBLE);
  const body = page.replace(/<style>.*?<\/style>/s, '');
  const tags = body.match(/<[^>]*>/g) ?? [];
  for (const tag of tags) {
    assert.not.match(tag, /^<\/?(script|iframe|object|embed|form|base|link)\b/i);
    assert.not.match(tag.replace(/"[^"]*"/g, '""'), /\son\w+\s*=|javascript:/i, tag.slice(0, 200));
  }
  assert.is(page.split('<body>')[0].match(/<\/?title>/g)?.length, 2);
}

const named = (name: string): Dataset => {
  const made = dataset();
  return { ...made, name, classes: [name, `${name}2`], notes: [name] };
};

let made = 0;

for (const [what, name] of Object.entries(HOSTILE)) {
  test(`${what}: the report of a run, its tables and JSON`, async () => {
    const data = named(name);
    const settings = withChanges(config, {
      data: { source: name },
      annotation: { source: name },
      guidance: { loss: name as 'gfsr' },
    });
    const about = { ...context(data), annotations: name };
    const run = RunFolder.create(join(folder, `${made++}`), settings, {
      ...about,
      adapter: { ...about.adapter, description: name, backend: name },
    });
    run.update({ status: 'finished', seconds: 75 });
    const found = result({ plain: 0.7, guided: 0.9 });
    const written = await writeResults(run, found, data);
    assertHarmless(readFileSync(await writeReport(run, found, data, written), 'utf8'));
    for (const table of ['metrics.csv', 'history.csv']) {
      for (const { fields } of parseCsv(readFileSync(join(run.path, table), 'utf8'))) {
        for (const field of fields) assert.not.match(field, /^[=+@]/);
      }
    }
    const metrics = JSON.parse(readFileSync(join(run.path, 'metrics.json'), 'utf8'));
    assert.is(metrics.adapter, name);
    assert.is(Object.getPrototypeOf({}).polluted, undefined);
  });

  test(`${what}: the report and the tables of a comparison`, () => {
    const { summary, trials, records } = compared(name);
    assertHarmless(renderComparisonReport(summary, trials, records, named(name)));
    const rows = parseCsv(comparisonCsv(summary));
    assert.ok(rows.every(({ fields }) => fields.length <= rows[0].fields.length));
    for (const { fields } of rows) assert.not.match(fields[0], /^[=+@\-\t\r]/);
    const markdown = comparisonMarkdown(summary);
    assert.not.match(markdown, /<(?!$)|(?<!\\)`|(?<!\\)\]\(/);
    assert.not.match(markdown, INVISIBLE);
    const widths = markdown.split('\n').filter((line) => line.startsWith('|'));
    const cells = new Set(widths.map((line) => line.replace(/\\[\\|]/g, '').split('|').length));
    assert.is(cells.size, 1, 'every row has the cells of its table');
    const latex = comparisonLatex(summary);
    assert.not.match(latex, /\\(input|write|def|include)|[^\\]%/);
    assert.not.match(latex, INVISIBLE);
  });

  test(`${what}: the benchmark's page`, () => {
    const plain = syntheticResult();
    const changed = syntheticResult({
      commit: name,
      adapter: { ...plain.adapter, description: name, vendor: name },
      platform: { ...plain.platform, os: name, processor: name },
      clock: { source: 'wall', reason: name },
      kernels: plain.kernels.map((kernel) => ({ ...kernel, name })),
    });
    assertHarmless(renderReport([changed]));
  });

  test(`${what}: the terminal`, () => {
    const written: string[] = [];
    const { write } = process.stdout;
    process.stdout.write = ((text: string) => written.push(text) > 0) as typeof write;
    try {
      const out = new Output();
      const data = named(name);
      const lines = [...summariseDataset(data), ...describeDataset(data)];
      for (const line of [...lines, ...describeSummary(compared(name).summary)]) out.result(line);
    } finally {
      process.stdout.write = write;
    }
    assert.ok(written.length > 10);
    assert.not.match(written.join(''), INVISIBLE);
  });
}

test.run();
