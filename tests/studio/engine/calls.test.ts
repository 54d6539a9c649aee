// Requests between the page and its worker, over a real channel: order, progress, errors, cancelling.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { turn } from '../../../gfsr/machine/long-work.ts';
import type { Call, Port } from '../../../gfsr/serve/messages.ts';
import { type Handlers, Moved, serveCalls } from '../../../gfsr/serve/serve-calls.ts';
import { Engine } from '../../../studio/engine/client.ts';

interface Calls {
  readonly double: Call<number, number>;
  readonly fail: Call<undefined, never>;
  readonly count: Call<number, string, number>;
  readonly reverse: Call<Uint8Array, Uint8Array>;
}

/** An engine whose worker is the other end of a channel; `log` says what happened there. */
function connect(changes: Partial<Handlers<Calls>> = {}) {
  const { port1, port2 } = new MessageChannel();
  const log: string[] = [];
  serveCalls<Calls>(port2 as unknown as Port, {
    double: (x) => 2 * x,
    fail: () => {
      throw new RangeError('too far');
    },
    count: async (to, { signal, report }) => {
      for (let i = 0; i < to; i++) {
        if (signal.aborted) log.push(`stopped at ${i < to}`);
        await turn(signal);
        report(i);
      }
      return 'counted';
    },
    reverse: (bytes) => {
      const answer = bytes.toReversed();
      return new Moved(answer, [answer.buffer]);
    },
    ...changes,
  });
  port1.start();
  port2.start();
  const engine = new Engine<Calls>(() => port1 as unknown as Port & EventTarget);
  return { engine, log, close: () => port1.close() };
}

test('answers belong to their requests, in whatever order they come', async () => {
  const { engine, close } = connect();
  const slow = engine.ask('count', 20);
  assert.equal(await Promise.all([engine.ask('double', 2), engine.ask('double', 5)]), [4, 10]);
  assert.is(await slow, 'counted');
  close();
});

test('progress is reported in order', async () => {
  const { engine, close } = connect();
  const seen: number[] = [];
  await engine.ask('count', 4, { onProgress: (i) => seen.push(i) });
  assert.equal(seen, [0, 1, 2, 3]);
  close();
});

test('an error keeps its name and its words', async () => {
  const { engine, close } = connect();
  const error = (await engine.ask('fail', undefined).catch((e) => e)) as Error;
  assert.is(error.name, 'RangeError');
  assert.is(error.message, 'too far');
  close();
});

test('an aborted request rejects at once, stops the worker, and its late answer is dropped', async () => {
  let release = () => {};
  let stopped = false;
  const { engine, close } = connect({
    count: (_, { signal, report }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          stopped = true;
        });
        release = () => {
          report(7);
          resolve('late');
        };
      }),
  });
  const stop = new AbortController();
  const seen: number[] = [];
  const asked = engine.ask('count', 1, {
    signal: stop.signal,
    onProgress: (i) => seen.push(i),
  });
  await engine.ask('double', 1);
  stop.abort(new Error('no longer wanted'));
  assert.is(((await asked.catch((e) => e)) as Error).message, 'no longer wanted');
  await engine.ask('double', 1);
  assert.ok(stopped, 'the worker was not told');
  release();
  assert.is(await engine.ask('double', 3), 6);
  assert.equal(seen, []);
  close();
});

test('a request with an aborted signal asks nothing', async () => {
  const { engine, log, close } = connect({
    double: () => {
      log.push('asked');
      return 0;
    },
  });
  const error = (await engine
    .ask('double', 1, { signal: AbortSignal.abort() })
    .catch((e) => e)) as Error;
  assert.is(error.name, 'AbortError');
  await engine.ask('reverse', new Uint8Array(1));
  assert.equal(log, []);
  close();
});

test('buffers move in both directions instead of being copied', async () => {
  const { engine, close } = connect();
  const bytes = Uint8Array.of(1, 2, 3);
  const answer = await engine.ask('reverse', bytes, { transfer: [bytes.buffer] });
  assert.equal([...answer], [3, 2, 1]);
  assert.is(bytes.length, 0);
  close();
});

test('a worker that fails to load ends every request with its words', async () => {
  const port = Object.assign(new EventTarget(), { postMessage: () => {} });
  const engine = new Engine<Calls>(() => port as unknown as Port & EventTarget);
  const asked = engine.ask('double', 1);
  port.dispatchEvent(Object.assign(new Event('error'), { message: 'no such file' }));
  assert.match(((await asked.catch((e) => e)) as Error).message, 'no such file');
});

test.run();
