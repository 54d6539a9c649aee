// A new user's first minutes: 200 pictures of 64 pixels, ten clicks, one training, and its report, in Chromium. The
// training has the settings that the page proposes for such data. The time is printed, not judged: it is the machine's.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inChromium, serving, visit } from '../support/chromium.ts';
import {
  buildStudio,
  give,
  picturesByClass,
  serveStudio,
  shoot,
  writeFiles,
} from '../support/studio.ts';

const SIDE = 64;
const EACH = 100;
const CLICKS = 10;
const WAIT = { timeout: 540_000 };

const folder = mkdtempSync(join(tmpdir(), 'gfsr-first-'));

/** Clicks into the bright square of the picture that is shown: where it is says the class. */
async function clickSquare(tab: Page): Promise<void> {
  const label = await tab.locator('.where b').innerText();
  const canvas = tab.locator('canvas.image');
  const box = await canvas.boundingBox();
  if (!box) throw new Error('the canvas is not shown');
  const scale = Math.min(box.width, box.height) / SIDE;
  const at = (label === 'healthy' ? 3 / 8 : 5 / 8) * SIDE; // the middle of the square
  const [x, y] = [box.width, box.height].map((size) => size / 2 + (at - SIDE / 2) * scale);
  // Waits until the canvas stays where it is: a click beside it would mark nothing.
  await canvas.click({ position: { x, y }, ...WAIT });
}

inChromium('from pictures to a report', () => {
  test('200 own pictures and ten clicks become a report', async () => {
    const began = performance.now();
    const seconds = () => Math.round((performance.now() - began) / 1000);
    const times: string[] = [];
    const done = (what: string) => void times.push(`${what} ${seconds()} s`);
    writeFiles(join(folder, 'scans'), picturesByClass(EACH, SIDE));
    const site = await serving(serveStudio(buildStudio()));
    done('page built');
    const { tab, faults } = await visit(site.url);
    await give(tab, 'Choose a folder', join(folder, 'scans'));
    await tab.getByRole('button', { name: 'Use these images' }).click(WAIT);
    await tab.locator('canvas.image').waitFor(WAIT);
    for (let i = 1; i <= CLICKS; i++) {
      await tab.keyboard.press('ArrowUp');
      await tab.locator('.spoken', { hasText: 'segment ' }).waitFor(WAIT); // there are segments
      await clickSquare(tab);
      await tab.getByText(`${i} marked`).waitFor(WAIT);
      await tab.keyboard.press('Enter');
    }
    done('marked');
    await tab.getByRole('link', { name: 'Train', exact: true }).click();
    await tab.getByRole('button', { name: 'Train', exact: true }).click(WAIT);
    await tab.locator('.stages').waitFor(WAIT);
    done('machine measured');
    const end = tab.locator('.train a.button, .train [role=alert]');
    await end.waitFor(WAIT);
    assert.is(await end.textContent(), 'See where they look');
    done('trained');
    const [download] = await Promise.all([
      tab.waitForEvent('download', WAIT),
      tab.getByRole('button', { name: 'Save the run as a zip file' }).click(),
    ]);
    await download.saveAs(join(folder, 'run.zip'));
    done('report saved');
    console.log(`from pictures to a report: ${times.join(', ')}`);
    const run = unzipSync(readFileSync(join(folder, 'run.zip')));
    const text = (name: string) => new TextDecoder().decode(run[name]);
    assert.match(text('report.html'), /^<!doctype html>[\s\S]*<\/html>\s*$/i);
    const { status, annotations } = JSON.parse(text('run.json'));
    assert.equal([status, annotations], ['finished', '10 marked images, from GFSR Studio']);
    await end.click();
    await tab.waitForSelector('.compare canvas', WAIT);
    await shoot(tab, 'first-report');
    assert.equal(faults, []);
  });
});

test.run();
