// The marking page in a real, headless Chromium: by keyboard alone, by pointer, after a reload, without its server.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnnotationFile } from '../../gfsr/annotation/annotation-files.ts';
import { annotationPlanes } from '../../gfsr/annotation/planes.ts';
import { loadDataset } from '../../gfsr/data/load.ts';
import { MarkFile } from '../../gfsr/serve/mark-file.ts';
import { serveMarkingPage } from '../../gfsr/serve/marking-page.ts';
import { inChromium, serving, visit } from '../support/chromium.ts';
import { buildStudio, crampedOf } from '../support/studio.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-studio-'));
const dataset = await loadDataset('decoy-mnist', { limit: 60 });

let page: string | undefined;

/** Serves `path` and opens the page; requests that leave the server are collected. */
async function open(path: string) {
  page ??= buildStudio();
  const marks = await MarkFile.open(path, dataset, 'ann');
  const server = await serving(serveMarkingPage({ page, dataset, marks }));
  const { tab, faults } = await visit(server.address);
  await says(tab, 'Arrow keys move');
  await tab.waitForFunction(() => document.querySelector('canvas.image'));
  return { tab, faults, server };
}

const says = (tab: Page, text: string) =>
  tab.waitForFunction(
    (wanted) => document.querySelector('.spoken')?.textContent?.includes(wanted),
    text,
    { timeout: 30_000 },
  );

const WAIT = { timeout: 60_000 };

const saved = (tab: Page) => tab.waitForSelector('.saving.saved', { timeout: 30_000 });

inChromium('the marking page', () => {
  test('by keyboard alone: ten images are marked, one is taken back, and the file says so', async () => {
    const path = join(folder, 'keyboard.json');
    const { tab, faults } = await open(path);
    for (let i = 0; i < 10; i++) {
      await tab.keyboard.press('ArrowUp');
      await says(tab, 'segment ');
      await tab.keyboard.press('Space');
      await says(tab, 'look here');
      await tab.keyboard.press('ArrowDown');
      await tab.keyboard.press('x');
      await says(tab, 'not here');
      await tab.keyboard.press('Enter');
      await says(tab, `image ${i + 2} of 60`);
    }
    await tab.keyboard.press('z');
    await says(tab, 'image 10 of 60');
    await saved(tab);
    const file = await readAnnotationFile(path, dataset);
    assert.is(file.annotations.length, 10);
    assert.is(file.annotations.flatMap(({ strokes }) => strokes).length, 19);
    assert.is(annotationPlanes(file, dataset).size, 10);
    // One of each class in turn: ten images are of ten classes.
    const labels = file.annotations.map(
      ({ image }) => dataset.train.labels[dataset.train.ids.indexOf(image as string)],
    );
    assert.is(new Set(labels).size, 10);
    assert.equal(faults, []);
    await tab.context().close();
  });

  test('Tab goes through the segments while the image has the focus, and there are three ways out', async () => {
    const { tab } = await open(join(folder, 'tab.json'));
    const focused = () => tab.evaluate(() => document.activeElement?.tagName);
    const canvas = tab.locator('canvas.image');
    await tab.keyboard.press('ArrowUp');
    await says(tab, 'segment '); // the segments are there
    const count = Number(/of (\d+)/.exec((await tab.textContent('.spoken')) as string)?.[1]);
    await canvas.focus();
    const shown = async () =>
      Number(/segment (\d+)/.exec((await tab.textContent('.spoken')) as string)?.[1]);
    const first = await shown();
    await tab.keyboard.press('Tab');
    await says(tab, `segment ${first + 1} of ${count}`);
    await tab.keyboard.press('Space');
    await says(tab, 'look here');
    await tab.keyboard.press('Shift+Tab');
    await says(tab, `segment ${first} of ${count}`);
    for (let i = first; i < count; i++) await tab.keyboard.press('Tab');
    await says(tab, `segment ${count} of ${count}`);
    assert.is(await focused(), 'CANVAS');
    await tab.keyboard.press('Tab');
    assert.is(await focused(), 'INPUT', 'the last segment is a trap');
    await tab.keyboard.press('Shift+Tab');
    assert.is(await focused(), 'CANVAS');
    for (const [key, where] of [
      ['Tab', 'INPUT'],
      ['Shift+Tab', 'A'],
    ] as const) {
      await canvas.focus();
      await tab.keyboard.press('Shift+Tab');
      await says(tab, 'segment ');
      await tab.keyboard.press('Escape');
      await tab.keyboard.press(key);
      assert.is(await focused(), where, `Escape, then ${key}`);
    }
    await tab.context().close();
  });

  test('by pointer: each tool leaves its stroke where it was drawn, and a reload shows them', async () => {
    const path = join(folder, 'pointer.json');
    const { tab, faults } = await open(path);
    const box = (await tab.locator('canvas.image').boundingBox()) as { x: number; y: number };
    const { width, height } = box as unknown as { width: number; height: number };
    const scale = Math.min(width, height) / 28;
    const at = (x: number, y: number): [number, number] => [
      box.x + width / 2 + (x - 14) * scale,
      box.y + height / 2 + (y - 14) * scale,
    ];
    const drag = async (...points: [number, number][]) => {
      await tab.mouse.move(...at(...points[0]));
      await tab.mouse.down();
      for (const [x, y] of points.slice(1)) await tab.mouse.move(...at(x, y));
      await tab.mouse.up();
    };
    await tab.keyboard.press('r');
    await drag([2, 3], [10, 12]);
    await tab.keyboard.press('b');
    await drag([14, 14], [18, 16], [22, 20]);
    await drag([25, 5]);
    await tab.keyboard.press('g');
    await tab.mouse.click(...at(3, 20));
    await tab.mouse.click(...at(9, 20));
    await tab.mouse.dblclick(...at(6, 26));
    await saved(tab);
    const image = JSON.parse(readFileSync(path, 'utf8')).annotations[0];
    assert.equal(
      image.strokes.map(({ kind }: { kind: string }) => kind),
      ['box', 'scribble', 'click', 'polygon'],
    );
    const [[x0, y0], [x1, y1]] = image.strokes[0].points;
    for (const [got, expected] of [
      [x0, 2],
      [y0, 3],
      [x1, 10],
      [y1, 12],
    ]) {
      assert.ok(Math.abs(got - expected) < 0.2, `${got}, expected ${expected}`);
    }
    await tab.keyboard.press('e');
    await tab.mouse.click(...at(5, 5));
    await saved(tab);
    await tab.reload();
    await says(tab, 'Arrow keys move');
    assert.is(await tab.textContent('.count'), '1 marked');
    const kinds = JSON.parse(readFileSync(path, 'utf8')).annotations[0].strokes;
    assert.equal(
      kinds.map(({ kind }: { kind: string }) => kind),
      ['scribble', 'click', 'polygon'],
    );
    assert.equal(faults, []);
    await tab.context().close();
  });

  test('masks on other images follow a mark, are refined when it is quiet, and M hides them', async () => {
    const { tab, faults } = await open(join(folder, 'masks.json'));
    await tab.keyboard.press('ArrowUp');
    await says(tab, 'segment ');
    await tab.keyboard.press('Space');
    await tab.waitForSelector('.tiles[aria-busy=false]', { timeout: 60_000 });
    assert.is(await tab.locator('.tiles button').count(), 40);
    assert.match(
      (await tab.textContent('.effect')) as string,
      /^Your marks now also spread to \d+ segments? in/,
    );
    const pixels = () =>
      tab.evaluate(() =>
        [...document.querySelectorAll<HTMLCanvasElement>('.tiles canvas')].map((canvas) => {
          const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(
            ...([0, 0, canvas.width, canvas.height] as const),
          );
          return data.reduce((sum, value, i) => sum + (i % 4 === 0 ? value - data[i + 2] : 0), 0);
        }),
      );
    const tinted = await pixels();
    assert.ok(tinted.filter((tint) => tint > 0).length > 20, `tinted ${tinted}`);
    // A screen reader hears how relevant a segment is by now.
    await tab.keyboard.press('ArrowLeft');
    await tab.waitForFunction(
      () =>
        /, relevance [01]\.\d, not marked/.test(
          document.querySelector('.spoken')?.textContent ?? '',
        ),
      undefined,
      WAIT,
    );
    await tab.waitForSelector('text=Refined by the relevance network', { timeout: 300_000 });
    await tab.keyboard.press('z');
    await tab.waitForSelector('text=Mark something', { timeout: 30_000 });
    await tab.keyboard.press('m');
    await tab.waitForSelector('.masks', { state: 'detached' });
    assert.equal(faults, []);
    await tab.context().close();
  });

  test('the queue offers what is worth marking next, says why, and goes on after a mark', async () => {
    const { tab, faults } = await open(join(folder, 'queue.json'));
    await tab.getByLabel('Order').selectOption('queue');
    await tab.waitForSelector('text=Next is the image that is most worth marking', WAIT);
    await tab.getByRole('button', { name: 'Next n' }).click();
    await tab.waitForSelector('text=Why this image: its mask is unsure in 100 %', WAIT);
    const seen = await tab.textContent('.where .id');
    await tab.locator('canvas.image').click();
    await tab.waitForSelector('.tiles[aria-busy=false]', WAIT);
    await tab.keyboard.press('Enter');
    await tab.waitForSelector('text=Why this image:', WAIT);
    assert.is.not(await tab.textContent('.where .id'), seen);
    await says(tab, 'image 3 of 60');
    assert.equal(faults, []);
    await tab.context().close();
  });

  test('a server that goes away loses nothing: the page says so, and keeps the marks', async () => {
    const path = join(folder, 'away.json');
    const { tab, server } = await open(path);
    await tab.keyboard.press('ArrowUp');
    await says(tab, 'segment ');
    await server.close();
    await tab.keyboard.press('Space');
    await tab.waitForSelector('.saving.waiting', { timeout: 30_000 });
    await tab.waitForSelector('.thumbnail.marked');
    const kept = await tab.evaluate(async () => {
      const opening = indexedDB.open('gfsr-studio');
      await new Promise((resolve) => {
        opening.onsuccess = resolve;
      });
      const all = opening.result.transaction('strokes').objectStore('strokes').getAll();
      await new Promise((resolve) => {
        all.onsuccess = resolve;
      });
      return JSON.stringify(all.result);
    });
    assert.match(kept, /"positive"/);
    await tab.context().close();
  });

  test('at 320 pixels nothing is cut off, and every button can be hit', async () => {
    const { tab } = await open(join(folder, 'narrow.json'));
    await tab.setViewportSize({ width: 320, height: 700 });
    await tab.keyboard.press('?');
    assert.equal(await crampedOf(tab, 'button, select, label'), { width: 320, small: [] });
    await tab.context().close();
  });
});

test.run();
