// The built page of the studio, served as a static site, in a real Chromium.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { encodePng } from '../../gfsr/image/png-encode.ts';
import { type LocalServer, serveLocally } from '../../gfsr/serve/local-server.ts';
import { sharedFolder } from './shared.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The built page, in a folder of the tests. The environment can name a folder where it is built already. */
export const buildStudio = (): string =>
  process.env.GFSR_STUDIO_PAGE || sharedFolder('studio', buildInto);

function buildInto(page: string): void {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const out = ['--outDir', page, '--emptyOutDir'];
  const args = [vite, 'build', 'studio', ...out, '--logLevel', 'warn'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
  });
  // `npm run annotate` shows what it prints before the address of the page.
  assert.equal([status, stdout + stderr], [0, ''], 'the build warns of something');
}

/** The page without anything behind it, as any static server has it. */
export const serveStudio = (page: string): Promise<LocalServer> =>
  serveLocally({ folders: { '': page }, pages: { '/': 'index.html' } });

/** A tab whose faults are collected: errors, and requests that leave its server. */
export async function openTab(
  context: BrowserContext,
  url: string,
): Promise<{ tab: Page; faults: string[] }> {
  const tab = await context.newPage();
  const faults: string[] = [];
  const site = `${new URL(url).origin}/`;
  tab.on('pageerror', (error) => faults.push(error.message));
  tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  tab.on('request', (request) => {
    const own = [site, 'data:', `blob:${site}`].some((start) => request.url().startsWith(start));
    if (!own) faults.push(`asked ${request.url()}`);
  });
  // Dialogs of the operating system cannot be driven; without them the page asks by an <input>, as in other browsers.
  await tab.addInitScript(() => {
    for (const name of ['showDirectoryPicker', 'showOpenFilePicker', 'showSaveFilePicker']) {
      delete (globalThis as Record<string, unknown>)[name];
    }
  });
  await tab.goto(url);
  return { tab, faults };
}

/** At a width of 320 pixels: what is wider than the window, and which of the things to hit are lower than 24 pixels. */
export async function crampedOf(
  tab: Page,
  targets: string,
): Promise<{ width: number; small: (string | null)[] }> {
  return tab.evaluate(
    (wanted) => ({
      width: document.documentElement.scrollWidth,
      small: [...document.querySelectorAll(wanted)]
        .filter((each) => each.getBoundingClientRect().height < 24)
        .map((each) => each.textContent),
    }),
    targets,
  );
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** No violation of the rules of axe in what is shown, once there is a heading: before that, the page has not drawn. */
export async function expectAccessible(tab: Page, where: string): Promise<void> {
  await tab.locator('h1').first().waitFor({ state: 'attached' });
  await tab.evaluate(axe); // the page's own policy allows no foreign <script>
  const violations = await tab.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: [] }> } };
    const found: { id: string; nodes: { html: string }[] }[] = (await axe.run()).violations;
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
  assert.equal(violations, [], where);
}

/** What is shown now obeys axe in light and dark, and at 320 pixels nothing is cut off and everything can be hit. */
export async function expectUsable(tab: Page, where: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await tab.emulateMedia({ colorScheme });
    await expectAccessible(tab, `${where}, ${colorScheme}`);
  }
  const size = tab.viewportSize();
  await tab.setViewportSize({ width: 320, height: 700 });
  // A radio button is hit by its label.
  const targets = 'button, select, label, summary, input:not([type=radio]), nav a, a.button';
  assert.equal(await crampedOf(tab, targets), { width: 320, small: [] }, where);
  if (size) await tab.setViewportSize(size);
}

/** A picture for people who want to see what the test saw. */
export async function shoot(tab: Page, name: string): Promise<void> {
  const { GFSR_SCREENSHOTS: at } = process.env;
  if (!at) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await tab.emulateMedia({ colorScheme });
    await tab.screenshot({ path: join(at, `${name}-${colorScheme}.png`), fullPage: true });
  }
}

/** Answers the page's question for files. */
export async function give(tab: Page, button: string, files: string | string[]): Promise<void> {
  const asked = tab.waitForEvent('filechooser');
  await tab.getByRole('button', { name: button }).click();
  await (await asked).setFiles(files);
}

/** A picture in grey, whose bright square says its class; `seed` makes it another one. */
export function picture(side: number, klass: number, seed: number): Uint8Array {
  const data = new Uint8Array(side * side).map((_, p) => {
    const [x, y] = [p % side, Math.floor(p / side)];
    const at = klass === 0 ? side / 4 : side / 2;
    const isIn = x >= at && y >= at && x < at + side / 4 && y < at + side / 4;
    return (isIn ? 200 : 40) + ((p * 7 + seed * 13) % 23);
  });
  return encodePng({ width: side, height: side, channels: 1, data });
}

/** Pictures by path: `count` of each of two classes, in folders. */
export function picturesByClass(count: number, side = 32): Map<string, Uint8Array> {
  return new Map(
    ['healthy', 'ill'].flatMap((name, klass) =>
      Array.from(
        { length: count },
        (_, i) => [`${name}/${i}.png`, picture(side, klass, 100 * klass + i)] as const,
      ),
    ),
  );
}

export function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array | string>): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}
