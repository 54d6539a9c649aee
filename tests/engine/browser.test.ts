// A training in a real, headless Chromium has the losses that it has in Node.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium } from '../../gfsr/machine/machine.ts';
import { type LocalServer, serveLocally } from '../../gfsr/serve/local-server.ts';
import { launchChromium } from '../support/browser.ts';
import { testGpu } from '../support/gpu.ts';
import { twentySteps } from '../support/twenty-steps.ts';

const executablePath = findChromium();

/**
 * Two adapters round sums in different orders, to some 1e-7 of each loss; training steps amplify that, by
 * Adam's division for small gradients most of all. Measured over the 20 steps, lavapipe against
 * SwiftShader: 2e-7; the tolerance leaves room for other drivers.
 */
const TOLERANCE = 1e-5;

/** Puts `steps()` on the page: the losses of the steps, on a device that the page asks for as every page does. */
const PROGRAM = `
  import { createBrowserDevice } from './engine/browser.ts';
  import { Gpu } from './engine/core/gpu.ts';
  import { twentySteps } from './tests/support/twenty-steps.ts';
  globalThis.steps = async () => {
    const { device, wait } = await createBrowserDevice();
    return twentySteps(new Gpu(device, { wait }));
  };
`;

/** A device without wishes: WebGPU's default limits, and no optional feature. */
const requestDefaults = () => {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function () {
    return requestDevice.call(this);
  };
};

let browser: Browser;
let server: LocalServer;

if (!executablePath && process.env.GFSR_REQUIRE_BROWSER !== '1') {
  console.log('skipped: no Chromium');
  test.skip('20 training steps in Chromium', () => {});
} else {
  test.before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gfsr-steps-'));
    const resolveDir = fileURLToPath(new URL('../..', import.meta.url));
    await build({
      stdin: { contents: PROGRAM, resolveDir },
      outfile: join(folder, 'steps.js'),
      ...{ bundle: true, format: 'esm', logLevel: 'error' },
    });
    const page =
      '<!doctype html><title>steps</title><script type="module" src="steps.js"></script>';
    writeFileSync(join(folder, 'index.html'), page);
    server = await serveLocally({ folders: { '': folder }, pages: { '/': 'index.html' } });
    browser = await launchChromium(executablePath);
  });

  for (const [what, prepare] of [
    ['the limits of the adapter', undefined],
    ['default limits and no feature', requestDefaults],
  ] as const) {
    test(`20 training steps have the losses that they have in Node: ${what}`, async () => {
      const page = await browser.newPage();
      if (prepare) await page.addInitScript(prepare);
      await page.goto(server.url);
      await page.waitForFunction(() => 'steps' in globalThis);
      const there = await page.evaluate(() =>
        (globalThis as unknown as { steps: () => Promise<number[][]> }).steps(),
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
      await page.close();
    });
  }

  test.after(async () => {
    await browser?.close();
    await server?.close();
  });
}

test.run();
