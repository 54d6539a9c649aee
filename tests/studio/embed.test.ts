// The studio as a part of another page: as an element, by a function, with marks that the page keeps.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LocalServer, serveLocally } from '../../gfsr/serve/local-server.ts';
import { inChromium, serving, visit } from '../support/chromium.ts';
import { buildStudio } from '../support/studio.ts';
import { writeTiny } from '../support/tiny-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-embed-'));
const PATIENCE = { timeout: 60_000 };
const TRAINING = { timeout: 400_000 };

/** What a page of somebody else has heard of the studio. */
interface Heard {
  readonly events: readonly string[];
  readonly saved: readonly string[];
}

const heard = (tab: Page): Promise<Heard> =>
  tab.evaluate(() => (globalThis as unknown as { heard: Heard }).heard);

const LISTENING = `
  globalThis.heard = { events: [], saved: [] };
  const listen = (element) => {
    for (const name of ['change', 'spread', 'trained'])
      element.addEventListener(name, () => heard.events.push(name));
  };`;

/** Files of the site: pages in which the studio is. */
const PAGES: Readonly<Record<string, string>> = {
  'element.html': `<h1>Ours</h1><p tabindex="0" id="ours">Ours</p>
    <script type="module" src="/element.js"></script>
    <gfsr-studio data="set.npz" annotations="marks.json"></gfsr-studio>`,
  'element.js': `${LISTENING} listen(document.querySelector('gfsr-studio'));
    const before = new Set(Object.getOwnPropertyNames(globalThis));
    await import('/gfsr/gfsr-studio.js');
    heard.globals = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));`,
  'function.html': '<div id="there"></div><script type="module" src="/function.js"></script>',
  'function.js': `${LISTENING}
    import { createStudio } from '/gfsr/gfsr-studio.js';
    const there = document.getElementById('there');
    listen(there);
    let isFull = true;
    globalThis.empty = () => { isFull = false; };
    const storage = {
      name: 'the hospital',
      load: async () => localStorage.getItem('marks') ?? undefined,
      save: async (text) => {
        if (isFull) throw new Error('the disk is full');
        localStorage.setItem('marks', text);
        heard.saved.push(text);
      },
    };
    const open = () => createStudio(there, { data: '/set.npz', storage });
    globalThis.studio = await open();
    globalThis.again = async () => { studio.close(); studio = await open(); };`,
  'wrong.html': `<script type="module" src="/gfsr/gfsr-studio.js"></script>
    <gfsr-studio></gfsr-studio><gfsr-studio data="missing.npz"></gfsr-studio>`,
};

let site: LocalServer;

const visitPage = (page: string) => visit(new URL(page, site.url).href);

const spoken = (tab: Page, text: string) =>
  tab.locator('.spoken', { hasText: text }).waitFor(PATIENCE);

/** Marks a segment of the image that is shown, by keys that go to the studio. */
async function mark(tab: Page): Promise<void> {
  await tab.locator('#page').focus();
  await tab.keyboard.press('ArrowUp');
  await spoken(tab, 'segment ');
  await tab.keyboard.press('Space');
  await spoken(tab, 'look here');
}

inChromium('the embedded studio', () => {
  test.before(async () => {
    writeTiny(folder, 'set');
    const points = [
      [1, 1],
      [11, 6],
    ];
    const strokes = [{ kind: 'box', sign: 'positive', points }];
    const annotations = [{ image: 'train-0', annotator: 'Ada', strokes }];
    const file = { format: 'gfsr-annotations', version: 1, dataset: 'set', annotations };
    writeFileSync(join(folder, 'marks.json'), JSON.stringify(file));
    for (const [name, text] of Object.entries(PAGES)) {
      const page = name.endsWith('.html')
        ? `<!doctype html><title>host</title><link rel="icon" href="data:,">${text}`
        : text;
      writeFileSync(join(folder, name), page);
    }
    site = await serving(serveLocally({ folders: { gfsr: buildStudio(), '': folder } }));
  });

  test('an element begins with the marks it is given, says what changes, and leaves the page alone', async () => {
    const { tab, faults } = await visitPage('element.html#mine');
    await tab.getByText('1 marked').waitFor(PATIENCE);
    assert.is(await tab.locator('h1').count(), 1);
    assert.is(await tab.locator('main').count(), 0);
    await tab.locator('#ours').focus();
    await tab.keyboard.press('Enter'); // the next image, if the studio took the keys of others
    assert.match((await tab.locator('.where').textContent()) ?? '', /image 1 of/);
    await tab.getByRole('link', { name: 'Train', exact: true }).click();
    await tab.getByRole('heading', { name: 'Train' }).waitFor(PATIENCE);
    assert.is(new URL(tab.url()).hash, '#mine');
    await tab.getByRole('link', { name: 'Mark', exact: true }).click();
    await mark(tab);
    await tab.locator('.saving.saved').waitFor(PATIENCE);
    await tab.keyboard.press('Enter');
    await spoken(tab, 'image 2 of');
    await mark(tab);
    await tab.getByText('3 marked').waitFor(PATIENCE);
    await tab.waitForFunction(
      () => (globalThis as unknown as { heard: Heard }).heard.events.includes('spread'),
      undefined,
      PATIENCE,
    );
    const { events, globals } = (await heard(tab)) as Heard & { globals: string[] };
    assert.ok(events.includes('change'));
    assert.equal(globals, []);
    await tab.reload();
    await tab.getByText('3 marked').waitFor(PATIENCE); // not those of the file once more
    const button = (name: string) => tab.getByRole('button', { name, exact: true });
    await tab.getByRole('link', { name: 'Train', exact: true }).click();
    await button('Train').click();
    await button('Save the run as a zip file').waitFor(TRAINING);
    assert.ok((await heard(tab)).events.includes('trained'));
    assert.is(await tab.title(), 'host');
    assert.equal(faults, []);
    await tab.context().close();
  });

  test('a page keeps the marks: what it refuses is said, tried again, and then kept', async () => {
    const { tab, faults } = await visitPage('function.html');
    await tab.getByText('saved in the hospital').waitFor(PATIENCE);
    await mark(tab);
    await tab.getByText('the disk is full').waitFor(PATIENCE);
    assert.equal((await heard(tab)).saved, []);
    await tab.evaluate(() => (globalThis as unknown as { empty(): void }).empty());
    await tab.locator('.saving.saved').waitFor(PATIENCE);
    const { saved } = await heard(tab);
    assert.is(JSON.parse(saved[0]).annotations.length, 1);
    const kept = () =>
      tab.evaluate(() =>
        (
          globalThis as unknown as { studio: { annotations(): Promise<string> } }
        ).studio.annotations(),
      );
    assert.is(await kept(), saved[0]);
    await tab.evaluate(() => {
      localStorage.removeItem('marks');
      return (globalThis as unknown as { again(): Promise<void> }).again();
    });
    await tab.getByText('0 marked').waitFor(PATIENCE); // the page is the one that knows
    assert.equal(JSON.parse(await kept()).annotations, []);
    assert.equal(faults, []);
    await tab.context().close();
  });

  test('what cannot be shown is said', async () => {
    const { tab } = await visitPage('wrong.html');
    await tab.getByText('cannot fetch missing.npz: status 404').waitFor(PATIENCE);
    await tab.context().close();
  });
});

test.run();
