// A person's own data in a real Chromium without a server: opened, marked, reloaded, and deleted without a trace.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnnotationFile } from '../../../gfsr/annotation/annotation-files.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import type { LocalServer } from '../../../gfsr/serve/local-server.ts';
import { MarkFile, revisionOf } from '../../../gfsr/serve/mark-file.ts';
import { inChromium, serving, visit } from '../../support/chromium.ts';
import { npy, npz } from '../../support/npz.ts';
import {
  buildStudio,
  crampedOf,
  expectAccessible,
  give,
  openTab,
  picturesByClass,
  serveStudio,
  writeFiles,
} from '../../support/studio.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-open-'));
const PATIENCE = { timeout: 60_000 };

let site: LocalServer;

const text = (tab: Page, wanted: string) => tab.getByText(wanted).first().waitFor(PATIENCE);

const open = () => visit(site.url);

/** Takes what was read, and marks the segment above the middle as relevant. */
async function markFirst(tab: Page): Promise<void> {
  await tab.getByRole('button', { name: 'Use these images' }).click();
  await text(tab, 'Arrow keys move');
  await tab.keyboard.press('ArrowUp');
  await text(tab, 'segment ');
  await tab.keyboard.press('Space');
  await text(tab, '1 marked'); // a stroke that is seen is in the log
  await tab.locator('.saving.saved').waitFor(PATIENCE);
}

inChromium('the Open screen', () => {
  test.before(async () => {
    const files = picturesByClass(10);
    writeFiles(join(folder, 'scans'), files);
    const broken = new Map<string, Uint8Array | string>([
      ['ill/broken.png', Uint8Array.of(0x89, 0x50, 1, 2)],
      ['ill/copy.png', files.get('ill/0.png') as Uint8Array],
    ]);
    writeFiles(join(folder, 'faulty'), new Map([...files, ...broken]));
    const zipped = Object.fromEntries([...files].map(([path, bytes]) => [`top/${path}`, bytes]));
    writeFiles(folder, new Map([['archive.zip', zipSync(zipped)]]));
    const loose = new Map([...files].slice(0, 8).map(([path, bytes]) => [path.slice(8), bytes]));
    writeFiles(join(folder, 'loose'), loose);
    const images = (count: number) =>
      npy(
        [count, 28, 28],
        new Uint8Array(count * 784).map((_, i) => (i * i) % 251),
      );
    const labels = (count: number) =>
      npy(
        [count],
        new Uint8Array(count).map((_, i) => i % 2),
      );
    const arrays = npz({
      train_images: images(12),
      train_labels: labels(12),
      val_images: images(4),
      val_labels: labels(4),
    });
    writeFiles(folder, new Map([['digits.npz', arrays]]));
    site = await serving(serveStudio(buildStudio()));
  });

  test('a folder by class is previewed, marked, and there again after a reload', async () => {
    const { tab, faults } = await open();
    await give(tab, 'Choose a folder', join(folder, 'scans'));
    await text(tab, 'Images by class');
    await expectAccessible(tab, 'preview');
    assert.equal(await tab.locator('.preview tbody tr').allInnerTexts(), [
      'healthy\t7\t1\t2',
      'ill\t7\t1\t2',
    ]);
    await markFirst(tab);
    await tab.keyboard.press('n');
    await text(tab, 'image 2 of 14');
    await tab.keyboard.press('+');
    const before = await tab.locator('.where').innerText();
    await tab.waitForTimeout(300);
    await tab.reload();
    await text(tab, 'Arrow keys move');
    assert.is(await tab.locator('.count').innerText(), '1 marked');
    assert.is(await tab.locator('.where').innerText(), before);
    assert.equal(faults, []);
    await tab.context().close();
  });

  test('the annotations that leave are those of gfsr annotate, byte for byte, and come in again', async () => {
    const { tab, faults } = await open();
    await give(tab, 'Choose a folder', join(folder, 'scans'));
    await text(tab, 'Images by class');
    await markFirst(tab);
    await tab.keyboard.press('n');
    await text(tab, 'image 2 of 14');
    await tab.keyboard.press('v');
    await text(tab, '2 marked');
    await tab.locator('.saving.saved').waitFor(PATIENCE);
    await tab.getByRole('link', { name: 'Open' }).click();
    await expectAccessible(tab, 'files');
    const saving = tab.waitForEvent('download');
    await tab.getByRole('button', { name: 'Save the marks' }).click();
    const path = join(folder, 'exported.json');
    await (await saving).saveAs(path);
    const exported = readFileSync(path, 'utf8');

    const dataset = await loadDataset(join(folder, 'scans'));
    const file = await readAnnotationFile(path, dataset);
    assert.is(file.annotations.length, 2);
    const written = join(folder, 'written.json');
    const marks = await MarkFile.open(written, dataset, 'annotator 1');
    for (const { image, strokes } of file.annotations) {
      marks.replace(dataset.train.ids.indexOf(image as string), strokes, revisionOf([]));
    }
    assert.is(exported, readFileSync(written, 'utf8'));

    const other = await open();
    await give(other.tab, 'Choose a folder', join(folder, 'scans'));
    await other.tab.getByRole('button', { name: 'Use these images' }).click();
    await text(other.tab, 'Arrow keys move');
    await other.tab.getByRole('link', { name: 'Open' }).click();
    await give(other.tab, 'Add marks from files', path);
    await text(other.tab, '2 marked');
    const again = other.tab.waitForEvent('download');
    await other.tab.getByRole('button', { name: 'Save the marks' }).click();
    await (await again).saveAs(join(folder, 'again.json'));
    assert.is(readFileSync(join(folder, 'again.json'), 'utf8'), exported);
    assert.equal([...faults, ...other.faults], []);
    await tab.context().close();
    await other.tab.context().close();
  });

  test('an archive and an npz file open like a folder', async () => {
    for (const file of ['archive.zip', 'digits.npz']) {
      const { tab, faults } = await open();
      await give(tab, 'Choose files', join(folder, file));
      await text(tab, 'Images by class');
      await markFirst(tab);
      await tab.reload();
      await text(tab, '1 marked');
      assert.equal(faults, [], file);
      await tab.context().close();
    }
  });

  test('faults and duplicates name their files, and the rest is read', async () => {
    const { tab } = await open();
    await give(tab, 'Choose a folder', join(folder, 'faulty'));
    await text(tab, '1 file cannot be read and is left out');
    await text(tab, 'ill/broken.png');
    await text(tab, '1 set of images with the same pixels');
    const listed = await tab.locator('.preview li').allInnerTexts();
    assert.ok(
      listed.includes('ill/0.png = ill/copy.png') || listed.includes('ill/copy.png = ill/0.png'),
    );
    await tab.context().close();
  });

  test('pictures in no folder get the classes and patients that a person types', async () => {
    const { tab } = await open();
    await give(tab, 'Choose a folder', join(folder, 'loose'));
    await text(tab, 'Which class is each picture?');
    await expectAccessible(tab, 'labels');
    const rows = await tab.locator('.labels tbody tr').count();
    assert.is(rows, 8);
    for (let i = 0; i < rows; i++) {
      const row = tab.locator('.labels tbody tr').nth(i);
      await row.getByLabel('class of').fill(i % 2 ? 'b' : 'a');
      await row.getByLabel('patient of').fill(`p${Math.floor(i / 2)}`);
    }
    await tab.getByRole('button', { name: 'Read the pictures' }).click();
    await text(tab, '4 patients or groups');
    await tab.getByRole('button', { name: 'Use these images' }).click();
    await text(tab, 'Arrow keys move');
    const save = async () => {
      await tab.getByRole('link', { name: 'Open' }).click();
      const [saved] = await Promise.all([
        tab.waitForEvent('download'),
        tab.getByRole('button', { name: 'Save the classes' }).click(),
      ]);
      await saved.saveAs(join(folder, 'loose', 'manifest.csv'));
      return loadDataset(join(folder, 'loose'));
    };
    const { classes, train, val, test } = await save();
    assert.equal(classes, ['a', 'b']);
    assert.is(new Set([train, val, test].flatMap(({ groups }) => groups ?? [])).size, 4);
    await text(tab, 'It has 0 corrected classes.');
    await tab.getByRole('link', { name: 'Mark' }).click();
    const other = (await tab.locator('.where b').innerText()) === 'a' ? 'b' : 'a';
    await tab.getByLabel('Class of this image').selectOption(other);
    await text(tab, ', corrected');
    await tab.locator('.saving.saved').waitFor(PATIENCE);
    const corrected = await save();
    await text(tab, 'It has 1 corrected class.');
    const changed = corrected.train.labels.filter((label, i) => label !== train.labels[i]);
    assert.equal([...changed], [classes.indexOf(other)]);
    await tab.context().close();
  });

  test('what cannot be opened says why', async () => {
    const { tab } = await open();
    await expectAccessible(tab, 'entrance');
    writeFiles(folder, new Map([['bad.zip', Uint8Array.of(1, 2, 3)]]));
    await give(tab, 'Choose files', join(folder, 'bad.zip'));
    await text(tab, 'bad: not a complete zip archive');
    await expectAccessible(tab, 'failed');
    await tab.context().close();
  });

  test('a second tab only shows, and marks once the first one is closed', async () => {
    const { tab } = await open();
    await give(tab, 'Choose files', join(folder, 'digits.npz'));
    await text(tab, 'Images by class');
    await markFirst(tab);
    const { tab: second } = await openTab(tab.context(), site.url);
    await text(second, 'Another tab marks this data set');
    await expectAccessible(second, 'read-only');
    await second.keyboard.press('ArrowUp');
    await second.keyboard.press('x');
    assert.is(await second.locator('.count').innerText(), '1 marked');
    await tab.close();
    await second.getByText('Another tab marks').waitFor({ state: 'detached', ...PATIENCE });
    await text(second, 'Arrow keys move');
    const label = await second.locator('canvas.image').getAttribute('aria-label');
    await second.keyboard.press('n');
    await second.locator(`canvas.image:not([aria-label="${label}"])`).waitFor(PATIENCE);
    await second.context().close();
  });

  test('without a network the page opens again, with the marks', async () => {
    const { tab } = await open();
    await give(tab, 'Choose files', join(folder, 'digits.npz'));
    await text(tab, 'Images by class');
    await markFirst(tab);
    await tab.evaluate(async () => void (await navigator.serviceWorker.ready));
    await tab.context().setOffline(true);
    await tab.reload();
    await text(tab, '1 marked');
    await tab.context().close();
  });

  test('everything can be deleted: no file and no record is left', async () => {
    const { tab } = await open();
    await give(tab, 'Choose files', join(folder, 'digits.npz'));
    await text(tab, 'Images by class');
    await markFirst(tab);
    await tab.goto(`${site.url}#tab=open`);
    await tab.getByRole('button', { name: 'Delete everything here' }).dblclick();
    await tab.getByRole('button', { name: 'Cancel' }).click();
    await tab.getByRole('button', { name: 'Delete digits' }).dblclick();
    await expectAccessible(tab, 'asked once more');
    await tab.getByRole('button', { name: 'Cancel' }).click();
    await tab.getByRole('button', { name: 'Yes, delete' }).waitFor({ state: 'detached' });
    await tab.getByRole('button', { name: 'Delete everything here' }).click();
    await tab.getByRole('button', { name: 'Yes, delete' }).click();
    const list = tab.getByRole('heading', { name: 'In this browser' });
    await list.waitFor({ state: 'detached', ...PATIENCE });
    const left = await tab.evaluate(async () => {
      const files: string[] = [];
      for await (const name of (await navigator.storage.getDirectory()).keys()) files.push(name);
      const databases = (await indexedDB.databases()).map(({ name }) => name);
      return { files, keys: Object.keys(localStorage), databases };
    });
    assert.equal(left, { files: [], keys: [], databases: [] });
    await tab.context().close();
  });

  test('at 320 pixels nothing is cut off, and everything can be hit', async () => {
    const { tab } = await open();
    await tab.setViewportSize({ width: 320, height: 700 });
    await give(tab, 'Choose a folder', join(folder, 'faulty'));
    await text(tab, 'Images by class');
    const targets = 'button, select, label, summary, input, nav a';
    assert.equal(await crampedOf(tab, targets), { width: 320, small: [] });
    // Two lines: no word of a heading is broken.
    const heading = tab.getByRole('columnheader', { name: 'to validate' });
    assert.ok(((await heading.boundingBox())?.height as number) < 60, 'a heading is broken');
    await tab.context().close();
  });
});

test.run();
