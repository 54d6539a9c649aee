// The example page, bundled by Vite, in a real, headless Chromium: it trains, and guidance leads away from the patch.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { build, preview } from 'vite';
import { inChromium, testChromium } from '../support/chromium.ts';

const root = fileURLToPath(new URL('../../examples/browser', import.meta.url));

inChromium('the example page', () => {
  test('trains twice and shows where each classifier looks', async () => {
    const outDir = mkdtempSync(join(tmpdir(), 'gfsr-example-'));
    await build({ root, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
    const server = await preview({
      root,
      logLevel: 'warn',
      build: { outDir },
      preview: { host: '127.0.0.1', port: 0 },
    });
    try {
      const page = await (await testChromium()).newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(server.resolvedUrls?.local[0] as string);
      await page.click('#train');
      await page.waitForFunction(
        () => !/^$|step/.test(document.getElementById('status')?.textContent ?? ''),
        null,
        { timeout: 300_000 },
      );
      assert.is(await page.locator('#status').textContent(), 'done');
      assert.is(await page.locator('canvas').count(), 3);
      const accuracy = async (arm: string) => {
        const caption = await page.locator('figcaption', { hasText: arm }).textContent();
        return Number(caption?.match(/accuracy ([\d.]+)/)?.[1]);
      };
      assert.ok((await accuracy('cross-entropy')) < 0.7);
      assert.ok((await accuracy('guided')) > 0.9);
      assert.equal(errors, []);
    } finally {
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    }
  });
});

test.run();
