// Several people mark the same images in one browser, in Chromium.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inChromium, serving, visit } from '../../support/chromium.ts';
import {
  buildStudio,
  expectAccessible,
  give,
  picturesByClass,
  serveStudio,
  writeFiles,
} from '../../support/studio.ts';

/** What an annotation file has. */
interface Signed {
  readonly annotator: string;
  readonly strokes: readonly [{ readonly sign: string }];
}

const folder = mkdtempSync(join(tmpdir(), 'gfsr-people-'));
const PATIENCE = { timeout: 60_000 };

const text = (tab: Page, wanted: string) => tab.getByText(wanted).first().waitFor(PATIENCE);

/** Marks the segment above the middle. */
async function mark(tab: Page, key: string): Promise<void> {
  await tab.keyboard.press('ArrowUp');
  await text(tab, 'segment ');
  await tab.keyboard.press(key);
  await text(tab, '1 marked');
}

inChromium('several people', () => {
  test('two people mark the same images, each with marks of their own, into one file', async () => {
    writeFiles(join(folder, 'scans'), picturesByClass(10));
    const site = await serving(serveStudio(buildStudio()));
    const { tab, faults } = await visit(site.url);
    await give(tab, 'Choose a folder', join(folder, 'scans'));
    await tab.getByRole('button', { name: 'Use these images' }).click(PATIENCE);
    await text(tab, 'Arrow keys move');
    await mark(tab, 'Space');
    const change = async (person: string) => {
      await tab.getByRole('link', { name: 'Open' }).click();
      await tab.getByLabel('Another person').fill(person);
      await tab.getByRole('button', { name: 'Mark as this person' }).click();
      await text(tab, `Marked by ${person}`);
    };
    await change('Ada');
    await text(tab, '0 marked');
    await text(tab, 'there are marks of annotator 1, too');
    await expectAccessible(tab, 'people');
    await tab.getByRole('link', { name: 'Mark' }).click();
    await mark(tab, 'x');
    await change('annotator 1');
    await text(tab, '1 marked');
    const saving = tab.waitForEvent('download');
    await tab.getByRole('button', { name: 'Save the marks' }).click();
    await (await saving).saveAs(join(folder, 'people.json'));
    const { annotations } = JSON.parse(readFileSync(join(folder, 'people.json'), 'utf8'));
    assert.equal(
      annotations
        .map(({ annotator, strokes: [{ sign }] }: Signed) => `${annotator}: ${sign}`)
        .sort(),
      ['Ada: negative', 'annotator 1: positive'],
    );
    assert.equal(faults, []);
  });
});

test.run();
