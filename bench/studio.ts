// Measures the marking page in Chromium: preparation, time from a mark to the masks on 40 images, and long tasks.
//
//   node --conditions=gfsr-source --import tsx bench/studio.ts --limit 1000 --side 28 pneumoniamnist.npz
//
// Marks are made by key on images of each class in turn. Chromium computes with SwiftShader, on the processor.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadDataset } from '../gfsr/data/load.ts';
import { findChromium } from '../gfsr/machine/machine.ts';
import { MarkFile } from '../gfsr/serve/mark-file.ts';
import { serveMarkingPage } from '../gfsr/serve/marking-page.ts';
import { launchChromium } from '../tests/support/browser.ts';
import { buildStudio } from '../tests/support/studio.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    limit: { type: 'string', default: '1000' },
    side: { type: 'string' },
    marks: { type: 'string', default: '40' },
    /** Folder for screenshots in light and dark. */
    pictures: { type: 'string' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'gfsr-bench-studio-'));
const page = buildStudio();
const browser = await launchChromium(findChromium());
try {
  for (const path of positionals) await measure(path);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(path: string): Promise<void> {
  const side = values.side ? { side: Number(values.side) } : {};
  const dataset = await loadDataset(path, { limit: Number(values.limit), ...side });
  const marks = await MarkFile.open(join(folder, `${dataset.name}.json`), dataset, 'bench');
  const server = await serveMarkingPage({ page, dataset, marks });
  const context = await browser.newContext({ viewport: { width: 1400, height: 950 } });
  const tab = await context.newPage();
  tab.on('pageerror', (error) => console.error(error.message));
  await tab.addInitScript(() => {
    const lengths: number[] = [];
    Object.assign(globalThis, { longTasks: lengths });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) lengths.push(duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  // What tsx adds to a named function that runs in the page.
  await tab.addInitScript('globalThis.__name = (value) => value');
  const began = performance.now();
  await tab.goto(server.address);
  await tab.waitForSelector('canvas.image');
  const usable = performance.now() - began;
  await tab.keyboard.press('ArrowUp');
  await tab.keyboard.press('Space');
  await tab.waitForSelector('.tiles[aria-busy=false]', { timeout: 600_000 });
  const prepared = performance.now() - began;
  const times: number[] = [];
  for (let i = 0; i < Number(values.marks); i++) {
    await tab.keyboard.press(i % 4 === 3 ? 'Enter' : 'ArrowRight');
    await tab.waitForTimeout(150);
    times.push(await tab.evaluate(markAndWait, i % 3 === 2 ? 'x' : ' '));
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))].toFixed(0);
  const long = await tab.evaluate(
    () => (globalThis as unknown as { longTasks: number[] }).longTasks,
  );
  const { count } = dataset.train;
  console.log(`${dataset.name}, ${count} images of ${dataset.height} px:`);
  console.log(`  image shown after ${usable.toFixed(0)} ms, masks after ${prepared.toFixed(0)} ms`);
  console.log(`  mark to masks: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, slowest ${at(1)} ms`);
  console.log(`  tasks over 50 ms: ${long.length}, longest ${Math.max(0, ...long).toFixed(0)} ms`);
  console.log(`  ${await tab.textContent('.effect')}`);
  const refined = performance.now();
  await tab.waitForSelector('text=Refined by the relevance network', { timeout: 300_000 });
  console.log(`  refined after ${((performance.now() - refined) / 1000).toFixed(1)} s`);
  for (const colorScheme of values.pictures ? (['light', 'dark'] as const) : []) {
    await tab.emulateMedia({ colorScheme });
    await tab.screenshot({ path: join(values.pictures as string, `mark-${colorScheme}.png`) });
  }
  await context.close();
  await server.close();
}

/** Runs in the page: marks the segment at the cursor, and waits until the masks have followed and are painted. */
async function markAndWait(key: string): Promise<number> {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const start = performance.now();
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  const isBusy = () => document.querySelector('.tiles')?.getAttribute('aria-busy') !== 'false';
  // The mark is seen once it is in the log: the masks are busy from then on.
  while (!isBusy() && performance.now() - start < 5000) await frame();
  while (isBusy()) await frame();
  return performance.now() - start;
}
