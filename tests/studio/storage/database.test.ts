// A database of the version before opens as it was, in a real Chromium: projects, marks, the log and the place.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inChromium, serving, visit } from '../../support/chromium.ts';
import {
  buildStudio,
  give,
  picturesByClass,
  serveStudio,
  writeFiles,
} from '../../support/studio.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-database-'));
const WAIT = { timeout: 60_000 };

/** A database: its stores, and their keys and values. */
interface Content {
  readonly version: number;
  readonly stores: readonly string[];
  readonly rows: Readonly<Record<string, readonly (readonly [IDBValidKey, unknown])[]>>;
}

/** What the database holds, from a page that is not the studio. */
const read = (tab: Page): Promise<Content> =>
  tab.evaluate(async () => {
    const ended = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await ended(indexedDB.open('gfsr-studio'));
    const stores = [...database.objectStoreNames];
    const rows: Record<string, [IDBValidKey, unknown][]> = {};
    for (const name of stores) {
      const store = database.transaction(name).objectStore(name);
      const [keys, values] = [await ended(store.getAllKeys()), await ended(store.getAll())];
      rows[name] = keys.map((key, i) => [key, values[i]]);
    }
    database.close();
    return { version: database.version, stores, rows };
  });

/** Replaces the database by one of version 1 with the same content. */
const asVersion1 = (tab: Page, rows: unknown): Promise<void> =>
  tab.evaluate<void, unknown>(async (given) => {
    const all = given as Content['rows'];
    const ended = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    await ended(indexedDB.deleteDatabase('gfsr-studio'));
    const opening = indexedDB.open('gfsr-studio', 1);
    opening.onupgradeneeded = () => {
      const { result: database } = opening;
      database.createObjectStore('projects', { keyPath: 'id' });
      database.createObjectStore('marks');
      database
        .createObjectStore('strokes', { autoIncrement: true })
        .createIndex('project', 'project');
      database.createObjectStore('places');
    };
    const database = await ended(opening);
    for (const name of database.objectStoreNames) {
      const store = database.transaction(name, 'readwrite').objectStore(name);
      for (const [key, value] of all[name]) {
        await ended(store.put(value, store.keyPath ? undefined : key));
      }
    }
    database.close();
  }, rows);

inChromium('an older database', () => {
  test('version 1 becomes version 2, and nothing in it changes', async () => {
    writeFiles(join(folder, 'scans'), picturesByClass(4));
    const site = await serving(serveStudio(buildStudio()));
    const { tab, faults } = await visit(site.url);
    await give(tab, 'Choose a folder', join(folder, 'scans'));
    await tab.getByRole('button', { name: 'Use these images' }).click(WAIT);
    await tab.getByText('Arrow keys move').waitFor(WAIT);
    await tab.keyboard.press('n');
    await tab.keyboard.press('ArrowUp');
    await tab.getByText('segment ').first().waitFor(WAIT);
    await tab.keyboard.press('Space');
    await tab.getByText('1 marked').waitFor(WAIT);
    await tab.locator('.saving.saved').waitFor(WAIT);
    const where = await tab.textContent('.where');

    // What tsx adds to a named function that runs in the page.
    await tab.addInitScript('globalThis.__name = (value) => value');
    const plain = `${site.url}service-worker.js`;
    await tab.goto(plain);
    const { names: _, ...before } = (await read(tab)).rows;
    await asVersion1(tab, before);
    assert.equal((await read(tab)).stores, ['marks', 'places', 'projects', 'strokes']);

    await tab.goto(site.url);
    await tab.getByText('1 marked').waitFor(WAIT);
    assert.is(await tab.textContent('.where'), where);
    await tab.goto(plain);
    const after = await read(tab);
    assert.is(after.version, 2);
    assert.equal(after.stores, ['marks', 'names', 'places', 'projects', 'strokes']);
    assert.equal(after.rows.marks, before.marks);
    assert.equal(after.rows.places, before.places);
    assert.is(after.rows.projects.length, 1);
    const iconless = 'Failed to load resource'; // of the document that is not the studio
    assert.equal(
      faults.filter((fault) => !fault.startsWith(iconless)),
      [],
    );
  });
});

test.run();
