// Other people and other times, in Chromium: whose marks stay, and where strokes go that a server had not heard of.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Dataset, subset } from '../../../gfsr/data/dataset.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { MarkFile } from '../../../gfsr/serve/mark-file.ts';
import { type MarkingPage, serveMarkingPage } from '../../../gfsr/serve/marking-page.ts';
import { inChromium, serving, visit } from '../../support/chromium.ts';
import { buildStudio, expectAccessible, openTab } from '../../support/studio.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-others-'));
const dataset = await loadDataset('decoy-mnist', { limit: 40 });
const WAIT = { timeout: 60_000 };
let page: string | undefined;

async function serve(path: string, images: Dataset = dataset) {
  page ??= buildStudio();
  const marks = await MarkFile.open(path, images, 'ann');
  const site: MarkingPage = { page, dataset: images, marks };
  return { marks, server: await serving(serveMarkingPage(site)) };
}

const text = (tab: Page, wanted: string) => tab.getByText(wanted).first().waitFor(WAIT);

/** Marks the segment above the middle of image 3. */
async function mark(tab: Page, key: string): Promise<void> {
  await tab.evaluate(() => {
    location.hash = '#tab=mark&image=3';
  });
  await tab.locator(`canvas.image[aria-label="image ${dataset.train.ids[3]}"]`).waitFor(WAIT);
  await tab.keyboard.press('ArrowUp');
  await text(tab, 'segment ');
  await tab.keyboard.press(key);
  await text(tab, '1 marked');
}

const signs = (marks: MarkFile) =>
  marks.all().map(({ image, strokes }) => [image, strokes[0].sign]);

inChromium('other people and other times', () => {
  test('of two browsers that mark the same image, the second one is asked whose marks stay', async () => {
    const { marks, server } = await serve(join(folder, 'two.json'));
    const { tab: first } = await visit(server.address);
    const { tab: second } = await visit(server.address);
    await text(second, 'Arrow keys move');
    await mark(first, 'Space');
    await first.locator('.saving.saved').waitFor(WAIT);
    await mark(second, 'x');
    const question = second.getByRole('alert');
    await text(second, 'was marked elsewhere since. Which marks stay?');
    await expectAccessible(second, 'asked');
    assert.equal(signs(marks), [[3, 'positive']]);
    await second.reload();
    await text(second, 'was marked elsewhere since. Which marks stay?');
    assert.equal(signs(marks), [[3, 'positive']]);
    await second.getByRole('button', { name: 'Mine' }).click();
    await question.waitFor({ state: 'detached', ...WAIT });
    await second.locator('.saving.saved').waitFor(WAIT);
    assert.equal(signs(marks), [[3, 'negative']]);
    await first.context().close();
    await second.context().close();
  });

  test('strokes from before the server ended are saved by the next one, on their image', async () => {
    const path = join(folder, 'later.json');
    const { server } = await serve(path);
    const { tab } = await visit(server.address);
    await text(tab, 'Arrow keys move');
    await server.close();
    await mark(tab, 'x');
    await text(tab, 'Your marks are kept in this browser');
    const context = tab.context();
    await tab.close();
    // An image less before it: its index is another one.
    const train = subset(
      dataset.train,
      Array.from({ length: 39 }, (_, i) => i + 1),
    );
    const later = await serve(path, { ...dataset, train });
    assert.is(later.server.port, server.port);
    const { tab: again } = await openTab(context, later.server.address);
    await text(again, '1 marked');
    await again.locator('.saving.saved').waitFor(WAIT);
    assert.equal(signs(later.marks), [[2, 'negative']]);
    await context.close();
  });
});

test.run();
