// Serves the studio and the benchmark's page, both built, on this machine only. Usage: web/serve.ts [port]

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalServer, serveLocally } from '../gfsr/serve/local-server.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const BENCHMARK = 'web/bench.html';

/** What the benchmark's page may ask for, beside its own code, compiled, as `build`. */
const FOLDERS = ['web', 'node_modules/valibot/dist', 'node_modules/fastest-levenshtein/esm'];

/** The import map of the page stands in it, and may be used because its hash is known. */
function importMapHash(): string {
  const page = readFileSync(join(root, BENCHMARK), 'utf8');
  const [, importMap] = page.match(/<script type="importmap">(.*?)<\/script>/s) as RegExpMatchArray;
  return `'sha256-${createHash('sha256').update(importMap).digest('base64')}'`;
}

/**
 * Starts the server; `build` is where the benchmark was compiled to, `studio` where the studio was built.
 *
 * @throws RangeError if the port is in use
 */
export const serve = ({
  port = 0,
  build = join(root, 'build'),
  studio = join(root, 'dist', 'studio'),
} = {}): Promise<LocalServer> =>
  serveLocally(
    {
      folders: {
        ...Object.fromEntries(FOLDERS.map((each) => [each, join(root, each)])),
        ...{ build, '': studio },
      },
      pages: { '/': 'index.html', '/bench': BENCHMARK },
      scripts: [importMapHash()],
    },
    port,
  );

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { url } = await serve({ port: Number(process.argv[2] ?? 8123) });
    console.log(`GFSR in the browser: ${url}, its benchmark: ${url}bench`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
