// The browser is killed at random strokes: every stroke that was seen is there when it opens again.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../engine/core/random.ts';
import { findChromium } from '../../gfsr/machine/machine.ts';
import { inChromium } from '../support/chromium.ts';
import { buildStudio, give, picturesByClass, serveStudio, writeFiles } from '../support/studio.ts';

/** A longer run: GFSR_KILLS=100. */
const KILLS = Number(process.env.GFSR_KILLS ?? 12);
const MOST_STROKES = 4;
const PATIENCE = { timeout: 90_000 };

const folder = mkdtempSync(join(tmpdir(), 'gfsr-killed-'));

/** A browser of our own, because only its process can be killed the hard way. */
async function start(profile: string) {
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run'];
  const own = ['--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'];
  const child: ChildProcess = spawn(findChromium() as string, [...flags, ...own], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // a group of its own, which dies as a whole
  });
  let address = '';
  for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
    address = /DevTools listening on (ws:\S+)/.exec(line)?.[1] ?? '';
    if (address) break;
  }
  const browser = await chromium.connectOverCDP(address);
  const [context] = browser.contexts();
  await context.addInitScript(() => {
    for (const name of ['showDirectoryPicker', 'showOpenFilePicker']) {
      delete (globalThis as Record<string, unknown>)[name];
    }
  });
  const tab = await context.newPage();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    process.kill(-(child.pid as number), 'SIGKILL');
    await gone;
  };
  return { tab, kill };
}

let killLatest = async () => {};
let closeSite = async () => {};

const seen = async (tab: Page): Promise<number> =>
  Number.parseInt(await tab.locator('.count').innerText(PATIENCE), 10);

inChromium('the killed browser', () => {
  test(`${KILLS} kills, and no stroke is lost`, async () => {
    writeFiles(join(folder, 'scans'), picturesByClass(10 + KILLS * MOST_STROKES, 16));
    const site = await serveStudio(buildStudio());
    closeSite = site.close;
    const random = new Random('kills');
    const profile = join(folder, 'profile');
    let made = 0;
    let known = 0;
    for (let round = 0; round <= KILLS; round++) {
      const { tab, kill } = await start(profile);
      killLatest = kill;
      await tab.goto(site.url);
      if (round === 0) {
        await give(tab, 'Choose a folder', join(folder, 'scans'));
        await tab.getByRole('button', { name: 'Use these images' }).click(PATIENCE);
      }
      await tab
        .locator('canvas.image')
        .waitFor(PATIENCE)
        .catch(async (error: Error) => {
          const shown = await tab.locator('body').innerText();
          throw new Error(`round ${round} of ${KILLS} shows no image: ${error.message}\n${shown}`);
        });
      const now = await seen(tab);
      assert.ok(
        known <= now && now <= made,
        `round ${round}: ${now}, expected ${known} to ${made}`,
      );
      if (round === KILLS) break;
      for (let stroke = 1 + random.int(MOST_STROKES); stroke > 0; stroke--) {
        // The next image without marks, and a mark on the segment at its middle.
        if (made > 0) await tab.keyboard.press('Enter');
        await tab.keyboard.press('Space');
        made++;
        known = await seen(tab);
      }
      await new Promise((wait) => setTimeout(wait, random.int(40)));
      await kill();
    }
    assert.ok(known > 0);
  });

  test.after(async () => {
    await killLatest();
    await closeSite();
  });
});

test.run();
