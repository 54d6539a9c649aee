// The server of the page survives every request, and serves only its pages, and only to this machine.

import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../engine/index.ts';
import { serve } from '../../web/serve.ts';

const studio = fileURLToPath(new URL('../../studio', import.meta.url));
const server = await serve({ build: tmpdir(), studio });
const { port } = new URL(server.url);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Asks with a path as it is: `fetch` would tidy it up. */
const ask = (path: string, { method = 'GET', host = `127.0.0.1:${port}` } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { host } }, (answer) => {
      answer.resume();
      answer.once('end', () =>
        resolve({ status: answer.statusCode as number, headers: answer.headers }),
      );
    });
    sent.once('error', reject);
    sent.end();
  });

test('gives out its pages, and says what they may do', async () => {
  const { status, headers } = await ask('/');
  assert.is(status, 200);
  assert.match(
    String(headers['content-security-policy']),
    /default-src 'self'.*'sha256-.*frame-ancestors 'none'/,
  );
  assert.is(headers['x-content-type-options'], 'nosniff');
  assert.is((await ask('/web/style.css')).status, 200);
  assert.is((await ask('/bench', { method: 'HEAD' })).status, 200);
});

for (const [path, expected] of [
  ['/%', 400],
  ['//', 400],
  ['/%00', 400],
  ['/web/%00.css', 400],
  ['/%c0%af', 400],
  [`/${'a'.repeat(5000)}`, 404],
  [`/web/${'a'.repeat(5000)}`, 404],
  ['/web', 404],
  ['/web/', 404],
  ['/web/index.html/x', 404],
  ['/web/../package.json', 404],
  ['/web/%2e%2e/package.json', 404],
  ['/web/..%2f..%2fetc/passwd', 404],
  ['/package.json', 404],
  ['/.git/config', 404],
] as const) {
  test(`${path.slice(0, 40)} is answered with ${expected}`, async () => {
    assert.is((await ask(path)).status, expected);
  });
}

test('nothing but GET and HEAD, and no other name for this machine', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    assert.is((await ask('/', { method })).status, 405);
  }
  for (const host of ['example.com', 'attacker.test:80']) {
    assert.is((await ask('/', { host })).status, 403);
  }
  assert.is((await ask('/', { host: `localhost:${port}` })).status, 200);
});

/** Sends raw bytes and waits for the connection to end. */
const send = (bytes: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.end(bytes));
    socket.resume();
    socket.setTimeout(2000, () => socket.destroy());
    socket.once('close', () => resolve());
    socket.once('error', () => resolve());
  });

test('outlives 2,000 malformed requests', async () => {
  const random = new Random(0, 'requests');
  const letters = '/%.\\0123456789abcdefABCDEF?#&=:@[]{}<>"\' \t\r\n\u0000\u00ff';
  for (let i = 0; i < 2000; i++) {
    const path = Array.from(
      { length: 1 + random.int(40) },
      () => letters[random.int(letters.length)],
    ).join('');
    await send(
      `${['GET', 'HEAD', 'X', ''][random.int(4)]} /${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    );
  }
  assert.is((await ask('/')).status, 200);
});

test('a port in use is one line', async () => {
  try {
    await serve({ port: Number(port) });
    assert.unreachable();
  } catch (error) {
    assert.is(
      (error as Error).message,
      `port ${port} is in use. Choose another one, or 0 for any that is free.`,
    );
  }
});

test.after(() => server.close());

test.run();
