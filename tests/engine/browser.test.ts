// A training and every op in a real, headless Chromium have the results that they have in Node.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LocalServer, serveLocally } from '../../gfsr/serve/local-server.ts';
import { inChromium, serving, testChromium } from '../support/chromium.ts';
import { testGpu } from '../support/gpu.ts';
import { GUARANTEED } from '../support/guaranteed.ts';
import { closeResults, opResults } from '../support/op-results.ts';
import { twentySteps } from '../support/twenty-steps.ts';
import { opSpecifications } from './ops/index.ts';

/**
 * Two adapters round sums in different orders, to some 1e-7 of each loss; training steps amplify that, by
 * Adam's division for small gradients most of all. Measured over the 20 steps, lavapipe against
 * SwiftShader: 2e-7; the tolerance leaves room for other drivers.
 */
const TOLERANCE = 1e-5;

/** Cases per op: SwiftShader compiles slowly, and in Node a device with default limits runs all of them. */
const CASES = 1;

/** Puts on the page the losses of the steps and the results of an op, on a device asked for as every page does. */
const PROGRAM = `
  import { createBrowserDevice } from './engine/browser.ts';
  import { Gpu } from './engine/core/gpu.ts';
  import { opResults } from './tests/support/op-results.ts';
  import { twentySteps } from './tests/support/twenty-steps.ts';
  const gpu = createBrowserDevice().then(({ device, wait }) => new Gpu(device, { wait }));
  globalThis.steps = async () => twentySteps(await gpu);
  globalThis.limits = async () => {
    const { limits } = (await gpu).device;
    return Object.fromEntries(Object.keys(Object.getPrototypeOf(limits)).map((name) => [name, limits[name]]));
  };
  globalThis.opResults = async (name, most) =>
    (await opResults(await gpu, name, most)).map((each) => each.map((values) => Array.from(values)));
`;

/** A device without wishes: WebGPU's default limits, and no optional feature. */
const requestDefaults = () => {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function () {
    return requestDevice.call(this);
  };
};

/** What the program puts there. */
interface InPage {
  steps(): Promise<number[][]>;
  limits(): Promise<Record<string, number>>;
  opResults(name: string, most: number): Promise<number[][][]>;
}

let server: LocalServer;

inChromium('20 training steps', () => {
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
    server = await serving(serveLocally({ folders: { '': folder }, pages: { '/': 'index.html' } }));
  });

  for (const [what, prepare] of [
    ['the limits of the adapter', undefined],
    ['default limits and no feature', requestDefaults],
  ] as const) {
    test(`20 training steps have the losses that they have in Node: ${what}`, async () => {
      const page = await (await testChromium()).newPage();
      if (prepare) await page.addInitScript(prepare);
      await page.goto(server.url);
      await page.waitForFunction(() => 'steps' in globalThis);
      const there = await page.evaluate(() => (globalThis as unknown as InPage).steps());
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

  test('every op has the results that it has in Node: default limits and no feature', async () => {
    const page = await (await testChromium()).newPage();
    await page.addInitScript(requestDefaults);
    await page.goto(server.url);
    await page.waitForFunction(() => 'opResults' in globalThis);
    const limits = await page.evaluate(() => (globalThis as unknown as InPage).limits());
    for (const [name, value] of Object.entries(GUARANTEED)) assert.is(limits[name], value, name);
    for (const name of Object.keys(opSpecifications)) {
      const there = await page.evaluate(
        ([op, most]) => (globalThis as unknown as InPage).opResults(op, most),
        [name, CASES] as const,
      );
      closeResults(name, there, await opResults(await testGpu(), name, CASES));
    }
    await page.close();
  });
});

test.run();
