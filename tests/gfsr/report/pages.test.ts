// Both reports in a real, headless Chromium: no violation that axe finds, readable on a phone, and whole on paper.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderComparisonReport } from '../../../gfsr/compare/comparison-report.ts';
import { drawImage } from '../../../gfsr/report/pictures.ts';
import { writeReport } from '../../../gfsr/report/report.ts';
import { writeResults } from '../../../gfsr/report/result-files.ts';
import { RunFolder } from '../../../gfsr/store/run-folder.ts';
import { inChromium, testChromium } from '../../support/chromium.ts';
import { config, context, dataset, result, tempFolder } from './synthetic.ts';
import { ALL_FIGURES, compared } from './synthetic-comparison.ts';

const folder = tempFolder();
/** Width between margins of 12 mm, in CSS pixels. */
const PAPER = { A4: 703, Letter: 725 } as const;
const MOST_PAGES = 8;

/** As long as reports get: ten classes with names of several words, twelve examples of a kind, concepts, groups. */
async function runReport(): Promise<string> {
  const classes = Array.from({ length: 10 }, (_, c) => `benign keratosis-like lesion ${c}`);
  const made = dataset(1, classes);
  const groups = made.test.ids.map((_, i) => `hospital ${i % 4}`);
  const data = { ...made, test: { ...made.test, groups } };
  const run = RunFolder.create(join(folder, 'run'), config, context(data));
  run.update({ status: 'finished', seconds: 75 });
  const twelve = Array.from({ length: 12 }, (_, i) => i);
  const found = result({ plain: 0.7, guided: 0.9 }, data, {
    train: twelve.slice(0, 8),
    test: twelve,
  });
  const picture = drawImage({
    pixels: new Uint8Array(16 * 64),
    channels: 1,
    height: 16,
    width: 64,
  });
  const concepts = Array.from({ length: 20 }, (_, concept) => ({
    ...{ concept, picture, segments: 10, examples: [], meanRelevance: 0.5 },
    ...{ relevance: classes.map((_, c) => c / 10), confidence: classes.map(() => 0.5) },
  }));
  return writeReport(run, found, data, await writeResults(run, found, data), concepts);
}

function comparisonReport(): string {
  const losses = ['gfsr', 'cross-entropy', 'energy', 'rrr', 'gain', 'hint'];
  const { summary, trials, records } = compared('gfsr with masks that are permuted', {
    ...{ variants: losses, seeds: [0, 1, 2], figures: ALL_FIGURES },
  });
  const path = join(folder, 'comparison.html');
  writeFileSync(path, renderComparisonReport(summary, trials, records, dataset()));
  return path;
}

/** Everything that axe has a rule for. */
async function violations(page: Page): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const found = await axe.run(document);
    return found.violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html.slice(0, 120))
          .slice(0, 3)
          .join(' | ')}`,
    );
  });
}

/** Cells, captions and figures whose content is wider than they are, and whether the page is wider than its window. */
const tooWide = (page: Page): Promise<string[]> =>
  page.evaluate(() => [
    ...[...document.querySelectorAll('td, th, caption, figure, figcaption, dt, dd, p, h1, h2')]
      .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
      .map(({ tagName, textContent }) => `${tagName} ${textContent?.slice(0, 60)}`),
    ...(document.documentElement.scrollWidth > window.innerWidth ? ['the page'] : []),
  ]);

inChromium('the reports', () => {
  for (const [name, make] of [
    ['a run', runReport],
    ['a comparison', comparisonReport],
  ] as const) {
    test(`the report of ${name}: accessible, readable on a phone, whole on paper`, async () => {
      const url = pathToFileURL(await make()).href;
      const browser = await testChromium();
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ bypassCSP: true, colorScheme });
        await page.goto(url);
        assert.equal(await violations(page), [], colorScheme);
        await page.close();
      }
      const page = await browser.newPage({ viewport: { width: 400, height: 800 } });
      await page.goto(url);
      assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 400);
      await page.emulateMedia({ media: 'print' });
      for (const [format, width] of Object.entries(PAPER)) {
        await page.setViewportSize({ width, height: 1000 });
        assert.equal(await tooWide(page), [], format);
        const pdf = (await page.pdf({ format, preferCSSPageSize: false })).toString('latin1');
        const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
        assert.ok(pages > 0 && pages <= MOST_PAGES, `${pages} pages of ${format}`);
      }
    });
  }
});

test.run();
