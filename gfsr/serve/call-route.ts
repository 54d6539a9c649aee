// Requests of a page that its server answers as a worker would: one message in, lines of progress and one answer out.

import { limitOf } from '../files/limits.ts';
import { quoted } from '../text/visible.ts';
import type { Route } from './local-server.ts';
import type { FromWorker, Port } from './messages.ts';
import { type Handlers, serveCalls } from './serve-calls.ts';
import { fromLine, toLine } from './wire.ts';

/** `POST /api/calls` with a request of `ToWorker`; the body is one line per message of `FromWorker`. */
export function callRoute<C>(handlers: Handlers<C>): Route {
  return {
    method: 'POST',
    path: '/api/calls',
    answer: async ({ body }) => {
      const text = new TextDecoder().decode(await body(limitOf('requestBytes')));
      const request = parse(text, handlers);
      return { type: 'application/x-ndjson', body: linesOf(handlers, request) };
    },
  };
}

interface Asked {
  readonly request?: unknown;
  readonly call?: unknown;
}

function parse(text: string, handlers: object): Asked {
  let request: Asked;
  try {
    request = Object(fromLine(text));
  } catch {
    request = {};
  }
  // A message that cancels another one gets no answer, so that its connection would stay open.
  if (typeof request.request !== 'number' || 'cancel' in request) {
    throw new RangeError('the request is not a call: { request, call, input } as JSON.');
  }
  if (!Object.hasOwn(handlers, String(request.call))) {
    throw new RangeError(
      `call is ${quoted(request.call)}, expected one of ${Object.keys(handlers).join(', ')}.`,
    );
  }
  return request;
}

/** What a worker would say to one request. */
async function* linesOf<C>(handlers: Handlers<C>, request: Asked): AsyncGenerator<string> {
  const waiting: FromWorker[] = [];
  let wake = () => {};
  let tell = (_: unknown) => {};
  const port: Port = {
    addEventListener: (_, listen) => {
      tell = (data) => listen({ data } as MessageEvent);
    },
    postMessage(message) {
      waiting.push(message as FromWorker);
      wake();
    },
  };
  serveCalls(port, handlers);
  tell(request);
  try {
    for (;;) {
      const message = waiting.shift();
      if (!message) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      yield `${toLine(message)}\n`;
      if (!('progress' in message)) return;
    }
  } finally {
    tell({ cancel: request.request }); // nobody reads any more: reports would only pile up
  }
}
