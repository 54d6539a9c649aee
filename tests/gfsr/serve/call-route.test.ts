// Requests over HTTP that no page sends get one answer: none keeps its connection open, none reaches a prototype.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { callRoute } from '../../../gfsr/serve/call-route.ts';
import { serveLocally } from '../../../gfsr/serve/local-server.ts';
import type { Handlers } from '../../../gfsr/serve/serve-calls.ts';

interface Calls {
  readonly double: { readonly input: number; readonly answer: number; readonly progress: never };
  readonly count: {
    readonly input: undefined;
    readonly answer: undefined;
    readonly progress: number;
  };
}

let isGone = false;
const handlers: Handlers<Calls> = {
  double: (input) => 2 * input,
  async count(_, { signal, report }) {
    for (let i = 0; !signal.aborted; i++) {
      report(i);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    isGone = true;
    return undefined;
  },
};
const server = await serveLocally({ folders: {}, routes: [callRoute<Calls>(handlers)] });
test.after(() => server.close());

async function call(request: unknown) {
  const body = typeof request === 'string' ? request : JSON.stringify(request);
  const answer = await fetch(`${server.url}api/calls`, { method: 'POST', body });
  return { status: answer.status, text: await answer.text() };
}

test('a call is answered', async () => {
  const { status, text } = await call({ request: 1, call: 'double', input: 3 });
  assert.is(status, 200);
  assert.equal(JSON.parse(text), { request: 1, answer: 6 });
});

test('reports end when the page is gone', async () => {
  const page = new AbortController();
  const body = JSON.stringify({ request: 1, call: 'count' });
  const { signal } = page;
  const answer = await fetch(`${server.url}api/calls`, { method: 'POST', body, signal });
  await answer.body?.getReader().read();
  assert.is(isGone, false);
  page.abort();
  for (let i = 0; i < 500 && !isGone; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.is(isGone, true);
});

test('what is no call is refused', async () => {
  for (const request of [
    ...['', '{', '[]', 'null', '7', `${'['.repeat(100_000)}`, '{"$array":"Uint8Array"}'],
    ...[{}, { request: 1 }, { request: '1', call: 'double' }, { cancel: 1 }],
    { request: 1, call: 'double', input: 3, cancel: 1 },
  ]) {
    const { status, text } = await call(request);
    assert.is(status, 400, JSON.stringify(request).slice(0, 80));
    assert.match(text, /expected one of double, count|not a call/);
  }
});

test('names of the prototype are no calls', async () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'x'.repeat(5000)]) {
    const { status, text } = await call({ request: 1, call: name });
    assert.is(status, 400, name.slice(0, 20));
    assert.match(text, /expected one of double, count\.$/);
    assert.ok(text.length < 400);
  }
});

test('a port that is none is one line', async () => {
  for (const port of [Number.NaN, -1, 65_536, 1.5]) {
    try {
      await serveLocally({ folders: {} }, port);
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, `port: got ${port}, expected a whole number from 0`);
    }
  }
});

test.run();
