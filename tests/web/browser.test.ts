// The page in a real, headless Chromium: the same training steps as in Node, and the app as a person uses it.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium } from '../../gfsr/machine/machine.ts';
import type { LocalServer } from '../../gfsr/serve/local-server.ts';
import { twentySteps } from '../../web/twenty-steps.ts';
import { launchChromium, serveBuilt } from '../support/browser.ts';
import { testGpu } from '../support/gpu.ts';

const executablePath = findChromium();

/**
 * Two adapters round sums in different orders, to some 1e-7 of each loss; training steps amplify that, by
 * Adam's division for small gradients most of all. Measured over the 20 steps, lavapipe against
 * SwiftShader: 2e-7; the tolerance leaves room for other drivers.
 */
const TOLERANCE = 1e-5;

let browser: Browser | undefined;
let server: Pick<LocalServer, 'url' | 'close'> | undefined;

/** A device without wishes: WebGPU's default limits, and no optional feature. */
const requestDefaults = () => {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function () {
    return requestDevice.call(this);
  };
};

/** @param prepare runs in the page before its scripts */
async function open(prepare?: () => void): Promise<{ page: Page; errors: string[] }> {
  if (!browser || !server) {
    server = await serveBuilt();
    browser = await launchChromium(executablePath);
  }
  const page = await browser.newPage({ viewport: { width: 1000, height: 1400 } });
  if (prepare) await page.addInitScript(prepare);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(server.url);
  await page.waitForFunction(
    () => !(document.getElementById('simulate') as HTMLButtonElement).disabled,
    null,
    {
      timeout: 60_000,
    },
  );
  return { page, errors };
}

if (!executablePath && process.env.GFSR_REQUIRE_BROWSER !== '1') {
  console.log('skipped: no Chromium');
  test.skip('the page in Chromium', () => {});
} else {
  for (const [what, prepare] of [
    ['the limits of the adapter', undefined],
    ['default limits and no feature', requestDefaults],
  ] as const) {
    test(`20 training steps have the losses that they have in Node: ${what}`, async () => {
      const { page, errors } = await open(prepare);
      const there = await page.evaluate(() =>
        (globalThis as unknown as { twentySteps: () => Promise<number[][]> }).twentySteps(),
      );
      const here = await twentySteps(await testGpu());
      assert.is(there.length, 20);
      let worst = 0;
      here.forEach((losses, step) => {
        losses.forEach((loss, i) => {
          worst = Math.max(worst, Math.abs(loss - there[step][i]) / Math.max(1, Math.abs(loss)));
        });
      });
      console.log(
        `largest difference of a loss between Node and Chromium: ${worst.toExponential(1)}`,
      );
      assert.ok(worst <= TOLERANCE, `differs by ${worst}, expected at most ${TOLERANCE}`);
      assert.ok(here[9][0] < here[0][0], 'the loss falls');
      assert.ok(
        here.slice(10).every(([, relevance]) => relevance > 0),
        'ten steps are guided',
      );
      assert.equal(errors, []);
      await page.close();
    });
  }

  test('a person marks digits, trains, and sees maps', async () => {
    const { page, errors } = await open();
    assert.ok(await page.locator('#start').isDisabled(), 'nothing is marked yet');
    await page
      .locator('#digits canvas')
      .first()
      .click({ position: { x: 40, y: 40 } });
    assert.is(await page.locator('#marked').textContent(), '1 digits marked');
    await page.click('#simulate');
    assert.match((await page.locator('#marked').textContent()) ?? '', /3\d digits marked/);
    await page.selectOption('#count', '200');
    await page.selectOption('#epochs', '2');
    await page.click('#start');
    await page.waitForFunction(
      () => ['done'].includes(document.getElementById('status')?.textContent ?? ''),
      null,
      { timeout: 300_000 },
    );
    assert.is(await page.locator('#maps figure').count(), 12);
    assert.is(await page.locator('#results td').count(), 10);
    const shot = join(mkdtempSync(join(tmpdir(), 'gfsr-page-')), 'page.png');
    await page.screenshot({ path: shot, fullPage: true });
    console.log(`screenshot: ${shot}`);
    assert.equal(errors, []);
    await page.close();
  });

  test.after(async () => {
    await browser?.close();
    await server?.close();
  });
}

test.run();
