// The report of a comparison: every column once, and no p-value where there is none to give.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderComparisonReport } from '../../../gfsr/compare/comparison-report.ts';
import { heading } from '../../../gfsr/compare/comparison-tables.ts';
import { dataset } from '../report/synthetic.ts';
import { ALL_FIGURES, compared } from '../report/synthetic-comparison.ts';

function pageOf(seeds: number[], change: (value: number, i: number) => number = (v) => v) {
  const { summary, trials, records } = compared('gfsr', { seeds, figures: ALL_FIGURES, change });
  const page = renderComparisonReport(summary, trials, records, dataset());
  return { page, summary };
}

test('every column stands in one table of figures, of differences and of validation', () => {
  const { page, summary } = pageOf([0, 1, 2]);
  assert.is(summary.columns.length, ALL_FIGURES.length);
  for (const column of summary.columns) {
    assert.is(page.split(`>${heading(column)}</th>`).length - 1, 3, column.label);
  }
  assert.is(page.match(/<caption>Differences from /g)?.length, 3);
});

test('fewer than three seeds, or equal differences, have no p-value', () => {
  const some = pageOf([0, 1, 2], (value, i) => value + (i * i) / 1000).page;
  assert.match(some, /<small>\(p /);
  for (const { page } of [pageOf([0, 1]), pageOf([0, 1, 2], (_, i) => 0.5 + (i % 2) / 10)]) {
    assert.not.match(page, /<small>\(p |p &#60;(?! 0\.05)/);
  }
  assert.match(pageOf([0, 1]).page, /From 2 seeds there is neither an interval nor a p\./);
});

test.run();
