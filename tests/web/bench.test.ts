// The benchmark's page in a real, headless Chromium: a tiny part of the suite, and the file that it offers.

import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseResult } from '../../bench/result.ts';
import { serveBuilt } from '../support/browser.ts';
import { inChromium, serving, testChromium } from '../support/chromium.ts';

inChromium('the benchmark', () => {
  test('measures, shows the report and offers the result', async () => {
    const server = await serving(serveBuilt());
    const page = await (await testChromium()).newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(`${server.url}bench`);
    await page.locator('#start:enabled').waitFor({ timeout: 60_000 });
    await page.fill('#only', 'dense N64 64→10 forward');
    await page.uncheck('#quick'); // that case is not in the short run …
    await page.click('#start');
    await page.locator('#download:visible').waitFor({ timeout: 400_000 });
    assert.is(await page.locator('#status').textContent(), 'done');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
    const path = await download.path();
    const result = parseResult(readFileSync(path, 'utf8'), download.suggestedFilename());
    assert.is(result.platform.runtime, 'browser');
    assert.ok(result.adapter.isSoftware);
    assert.equal(
      result.kernels.map(({ name }) => name),
      ['dense N64 64→10 forward'],
    );
    assert.equal(result.failures, []);
    const report = page.frameLocator('#report');
    assert.is(await report.locator('tbody th', { hasText: 'dense N64' }).count(), 1);
    assert.equal(errors, []);
  });
});

test.run();
