// One Chromium for a test file: started when it is needed, and closed after the last test with what was served to it.

import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import { findChromium } from '../../gfsr/machine/machine.ts';
import { launchChromium } from './browser.ts';
import { openTab } from './studio.ts';

const executablePath = findChromium();
const served: { close(): Promise<unknown> }[] = [];
let started: Promise<Browser> | undefined;

/** Defines tests that need Chromium. Where there is none they are skipped, unless the environment requires them. */
export function inChromium(what: string, define: () => void): void {
  if (!executablePath && process.env.GFSR_REQUIRE_BROWSER !== '1') {
    console.log('skipped: no Chromium');
    test.skip(`${what} in Chromium`, () => {});
    return;
  }
  define();
  test.after(async () => {
    const browser = await started?.catch(() => undefined); // the tests have said why it did not start
    await browser?.close();
    for (const each of served) await each.close();
  });
}

/** The browser of the test file. */
export function testChromium(): Promise<Browser> {
  started ??= launchChromium(executablePath);
  return started;
}

/** A browser that finds no device. The caller closes it. */
export const withoutWebgpu = (): Promise<Browser> => launchChromium(executablePath, false);

/** A tab in a fresh profile, as `openTab`. */
export async function visit(
  url: string,
  browser?: Browser,
): Promise<{ tab: Page; faults: string[] }> {
  const own = browser ?? (await testChromium());
  return openTab(await own.newContext({ viewport: { width: 1200, height: 900 } }), url);
}

/** A server that is closed after the last test. */
export async function serving<T extends { close(): Promise<unknown> }>(
  starting: Promise<T>,
): Promise<T> {
  const server = await starting;
  served.push(server);
  return server;
}
