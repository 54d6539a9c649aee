// A real, headless Chromium, and the page of the benchmark from a separate build.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import type { LocalServer } from '../../gfsr/serve/local-server.ts';
import { serve } from '../../web/serve.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** SwiftShader computes on the processor. */
const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
/** The rest keeps Chromium from contacting its vendor. */
const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

/** @param hasWebgpu whether its pages find a device */
export const launchChromium = (
  executablePath: string | undefined,
  hasWebgpu = true,
): Promise<Browser> => {
  const args = [...FLAGS, ...(hasWebgpu ? WEBGPU : ['--disable-gpu'])];
  return chromium.launch({ executablePath, args, headless: true });
};

/**
 * Compiles the page into a temporary folder and serves them from there: tests run in parallel, and one must not
 * replace the build that another uses.
 */
export async function serveBuilt(): Promise<Pick<LocalServer, 'url' | 'close'>> {
  const build = mkdtempSync(join(tmpdir(), 'gfsr-build-'));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.web.json', '--outDir', build], {
    cwd: root,
    stdio: 'inherit',
  });
  const { url, close } = await serve({ build });
  return {
    url,
    close: async () => {
      await close();
      rmSync(build, { recursive: true, force: true });
    },
  };
}
