// Mouse and keyboard together, in a real, headless Chromium: what one began, the other goes on with.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnnotationFile } from '../../../gfsr/annotation/annotation-files.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { findChromium } from '../../../gfsr/machine/machine.ts';
import { MarkFile } from '../../../gfsr/serve/mark-file.ts';
import { type MarkingServer, serveMarkingPage } from '../../../gfsr/serve/marking-page.ts';
import { launchChromium } from '../../support/browser.ts';
import { buildStudio, openTab } from '../../support/studio.ts';

const executablePath = findChromium();
const path = join(mkdtempSync(join(tmpdir(), 'gfsr-hands-')), 'marks.json');
const dataset = await loadDataset('decoy-mnist', { limit: 60 });
const WAIT = { timeout: 60_000 };
let browser: Browser | undefined;
let server: MarkingServer | undefined;
let tab: Page;
let faults: string[];

const says = (text: string) => tab.locator('.spoken', { hasText: text }).waitFor(WAIT);
/** Clicks on the image, at shares of its width and height. */
const click = async (x: number, y: number, clickCount = 1) => {
  const box = await tab.locator('canvas.image').boundingBox();
  if (!box) throw new Error('the image is not shown');
  await tab.mouse.click(box.x + x * box.width, box.y + y * box.height, { clickCount });
};
/** Strokes of the images that are marked, as the file has them. */
const kinds = async () => {
  await tab.waitForSelector('.saving.saved', WAIT);
  const { annotations } = await readAnnotationFile(path, dataset);
  return annotations.map(({ strokes }) => strokes.map(({ kind, sign }) => `${kind} ${sign}`));
};

if (!executablePath && process.env.GFSR_REQUIRE_BROWSER !== '1') {
  console.log('skipped: no Chromium');
  test.skip('mouse and keyboard in Chromium', () => {});
} else {
  test.before(async () => {
    const marks = await MarkFile.open(path, dataset, 'ann');
    server = await serveMarkingPage({ page: buildStudio(), dataset, marks });
    browser = await launchChromium(executablePath);
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    ({ tab, faults } = await openTab(context, server.address));
    await tab.waitForSelector('canvas.image', WAIT);
    await tab.keyboard.press('ArrowUp');
    await says('segment ');
  });

  test('after a click on a control, Space marks and letters are keys', async () => {
    await tab.getByText('Not here', { exact: false }).first().click(); // on its words, not on the circle
    await tab.keyboard.press('Space');
    await says('look here');
    await tab.getByRole('button', { name: 'Undo' }).click();
    await says('not marked');
    await tab.getByRole('button', { name: 'Redo' }).click();
    await says('1 mark');
    await tab.keyboard.press('Space'); // Redo would do nothing
    await says('not marked');
    const menu = tab.getByLabel('Class of this image');
    const { classes } = dataset;
    const given = await menu.inputValue();
    await menu.click();
    await menu.selectOption(classes.find((name) => name !== given) as string);
    await says('corrected');
    await tab.keyboard.press('z');
    await says('not marked');
    await tab.locator('.where b', { hasText: given }).waitFor(WAIT);
    assert.equal(await kinds(), []);
  });

  test('who chooses a tool by keyboard stays on it', async () => {
    await tab.getByRole('radio', { name: 'Segments' }).focus();
    await tab.keyboard.press('ArrowDown');
    await tab.locator('input[name=tool]:checked + kbd', { hasText: 'b' }).waitFor(WAIT);
    const focused = await tab.evaluate(() => (document.activeElement as HTMLInputElement).name);
    assert.is(focused, 'tool');
    await tab.keyboard.press('s');
    await says('tool: segment');
  });

  test('Enter closes a polygon, Escape drops it, and its corners stay on their image', async () => {
    await tab.keyboard.press('g');
    for (const [x, y] of [
      [0.4, 0.4],
      [0.6, 0.4],
      [0.5, 0.6],
    ] as const)
      await click(x, y);
    await says('Enter or a double click closes the polygon');
    await tab.keyboard.press('Enter');
    assert.equal(await kinds(), [['polygon positive']]);
    await click(0.4, 0.4);
    await tab.keyboard.press('Escape');
    await says('dropped');
    for (const leave of ['n', 's']) {
      await click(0.4, 0.4);
      await click(0.6, 0.4);
      await tab.keyboard.press(leave);
      await tab.keyboard.press('g');
      await click(0.5, 0.6);
      await tab.keyboard.press('Enter');
      await says('it takes three corners');
    }
    assert.equal(await kinds(), [['polygon positive']]);
    assert.equal(faults, []);
  });

  test('keys that say something of the image wait until it is seen', async () => {
    await tab.keyboard.press('s');
    for (const [key, word] of [
      ['v', 'nothing is relevant'],
      ['1', 'class '],
    ]) {
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      await tab.route('**/api/images/*', async (route) => {
        await released;
        await route.continue();
      });
      await tab.reload();
      await says('Arrow keys move');
      const marked = await tab.locator('header .count').innerText();
      await tab.keyboard.press(key);
      await tab.waitForTimeout(500);
      assert.match(await tab.locator('.spoken').innerText(), /^Arrow keys move/);
      assert.is(await tab.locator('header .count').innerText(), marked);
      release();
      await says(word);
      await tab.unroute('**/api/images/*');
    }
    assert.equal(faults, []);
  });

  test.after(async () => {
    await browser?.close();
    await server?.close();
  });
}

test.run();
