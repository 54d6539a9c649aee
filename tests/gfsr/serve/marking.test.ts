// The server of the marking page: only its own browser gets in, and nothing that it is asked ends it.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { MarkFile, revisionOf } from '../../../gfsr/serve/mark-file.ts';
import { portOf, serveMarkingPage } from '../../../gfsr/serve/marking-page.ts';

const dataset = await loadDataset('decoy-mnist', { limit: 40 });
const folder = mkdtempSync(join(tmpdir(), 'gfsr-marking-'));
writeFileSync(join(folder, 'served.html'), '<!doctype html>');
const path = join(folder, 'marks.json');
const marks = await MarkFile.open(path, dataset, 'ann');
const faults: unknown[] = [];
const onFault = (error: unknown) => void faults.push(error);
const server = await serveMarkingPage({ page: folder, dataset, marks, onFault });
const host = `127.0.0.1:${server.port}`;

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function ask(address: string, { method = 'GET', headers = {}, body }: Asked = {}) {
  return new Promise<{ status: number; cookie: string; body: Buffer }>((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path: address, method };
    const sent = request({ ...options, headers: { host, ...headers } }, async (answer) => {
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      const cookie = String(answer.headers['set-cookie'] ?? '');
      resolve({ status: answer.statusCode as number, cookie, body: Buffer.concat(parts) });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

const { token } = server;
const entered = await ask('/api/session', { method: 'POST', body: token });
const cookie = entered.cookie.split(';')[0];
const own = { cookie };

test('the token buys a strict cookie, once', async () => {
  assert.is(entered.status, 204);
  assert.match(entered.cookie, /HttpOnly; SameSite=Strict/);
  assert.is((await ask('/api/session', { method: 'POST', body: token })).status, 403);
  assert.is((await ask('/api/session', { method: 'POST', body: '' })).status, 403);
  assert.is.not(server.token, token);
});

test('the page of a file of marks has the same port each time; if it is taken, any other', async () => {
  assert.is(server.port, portOf(path));
  assert.is.not(portOf(path), portOf(join(folder, 'others.json')));
  const again = await serveMarkingPage({ page: folder, dataset, marks });
  assert.is.not(again.port, server.port);
  await again.close();
  const taken = serveMarkingPage({ page: folder, dataset, marks }, server.port);
  assert.match(await taken.then(String, String), /is in use/);
});

test('without the cookie nothing is given out or changed', async () => {
  const strokes = JSON.stringify({ strokes: [] });
  const match = { 'if-match': `"${revisionOf([])}"` };
  for (const value of ['', 'gfsr-0=0', `${cookie.split('=')[0]}=x`]) {
    const headers = { cookie: value };
    assert.is((await ask('/api/dataset', { headers })).status, 403);
    assert.is((await ask('/api/images/0-1', { headers })).status, 403);
    const put = { method: 'PUT', headers: { ...headers, ...match }, body: strokes };
    assert.is((await ask('/api/marks/0', put)).status, 403);
  }
});

test('a page from elsewhere, or another name for this machine, gets nothing even with the cookie', async () => {
  const origin = (name: string) => ask('/api/dataset', { headers: { ...own, origin: name } });
  assert.is((await origin('http://attacker.test')).status, 403);
  assert.is((await origin('http://127.0.0.1:1')).status, 403);
  assert.is((await origin('null')).status, 403);
  assert.is((await origin(`http://${host}`)).status, 200);
  const foreign = { headers: { ...own, host: 'attacker.test' } };
  assert.is((await ask('/api/dataset', foreign)).status, 403);
});

test('the data set and its images come as they are', async () => {
  const { body } = await ask('/api/dataset', { headers: own });
  const told = JSON.parse(String(body));
  assert.equal([told.name, told.height, told.ids.length], [dataset.name, 28, 40]);
  const images = await ask('/api/images/3-5', { headers: own });
  const { train } = dataset;
  assert.equal([...images.body], [...train.images.subarray(3 * 784, 5 * 784)]);
  for (const wrong of ['', '5', '5-3', '0-41', '-1-2', '0-x', 'NaN-NaN', '0.5-1']) {
    assert.is((await ask(`/api/images/${wrong}`, { headers: own })).status, 400, wrong);
  }
});

test('files of the data set: an odd name is one that there is not, and no fault of the server', async () => {
  const before = faults.length;
  for (const name of ['%25', '%2525', '%25zz', '..%2f..%2fetc', 'x'.repeat(3000)]) {
    assert.is((await ask(`/api/data/${name}`, { headers: own })).status, 404, name.slice(0, 20));
  }
  assert.is(faults.length, before);
});

test('marks are saved; stale, malformed and huge ones are not', async () => {
  const put = (image: number | string, body: string, revision = revisionOf([])) => {
    const headers = { ...own, 'if-match': `"${revision}"` };
    return ask(`/api/marks/${image}`, { method: 'PUT', headers, body });
  };
  const strokes = '{"strokes":[{"kind":"click","sign":"positive","points":[[3,4]]}]}';
  const saved = await put(7, strokes);
  assert.is(saved.status, 200);
  assert.is(JSON.parse(String(saved.body)).revision, marks.of(7).revision);
  const before = readFileSync(path, 'utf8');
  const stale = await put(7, strokes);
  assert.is(stale.status, 409);
  assert.equal(JSON.parse(String(stale.body)), marks.of(7));
  for (const body of ['', '{', '[]', '{"strokes":7}', '{"strokes":[7]}', '['.repeat(100_000)]) {
    assert.is((await put(8, body)).status, 400, body.slice(0, 20));
  }
  for (const image of ['', 'x', '-1', '40', '1e9', '1.5']) {
    assert.is((await put(image, strokes)).status, 400, image);
  }
  assert.is(readFileSync(path, 'utf8'), before);
});

test('a browser that did not hear that its change was taken may base the next one on the same marks', async () => {
  const put = (x: number, browser?: string) => {
    const headers = { ...own, 'if-match': `"${revisionOf([])}"` };
    const body = JSON.stringify({
      strokes: [{ kind: 'click', sign: 'positive', points: [[x, 4]] }],
    });
    const asked = { ...headers, ...(browser && { 'gfsr-browser': browser }) };
    return ask('/api/marks/9', { method: 'PUT', headers: asked, body });
  };
  assert.is((await put(1, 'a')).status, 200);
  assert.is((await put(2, 'b')).status, 409);
  assert.is((await put(2)).status, 409);
  assert.is((await put(2, 'a')).status, 200);
  assert.is((await put(3, 'a')).status, 200);
  const { revision } = marks.of(9);
  marks.replace(9, [], revision); // as another program would
  assert.is((await put(4, 'a')).status, 200); // there are no marks, as it believes
  marks.replace(9, [{ kind: 'click', sign: 'negative', points: [[1, 1]] }], marks.of(9).revision);
  assert.is((await put(5, 'a')).status, 409);
});

test('outlives 10,000 malformed requests', async () => {
  const random = new Random(0, 'requests');
  const letters = '/%.\\0123456789abcdefABCDEF?#&=:@[]{}<>"\' \t\r\n\u0000\u00ff';
  const noise = (most: number) =>
    Array.from({ length: 1 + random.int(most) }, () => letters[random.int(letters.length)]).join(
      '',
    );
  for (let i = 0; i < 500; i++) {
    // Twenty on one connection: the parser of the server must recover or close.
    const lines = Array.from({ length: 20 }, () => {
      const method = ['GET', 'HEAD', 'PUT', 'POST', 'X', ''][random.int(6)];
      const start = ['/', '/api/', '/api/images/', '/api/marks/', '/api/session'][random.int(5)];
      const extra = random.int(4) === 0 ? `${noise(10)}: ${noise(10)}\r\n` : '';
      return `${method} ${start}${noise(30)} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n${extra}\r\n`;
    });
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.end(lines.join('')));
      socket.resume();
      socket.setTimeout(2000, () => socket.destroy());
      socket.once('close', () => resolve());
      socket.once('error', () => resolve());
    });
  }
  assert.is((await ask('/api/dataset', { headers: own })).status, 200);
  assert.equal(faults, []);
});

test.after(() => server.close());

test.run();
