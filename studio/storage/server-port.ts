// The server as a worker: each request is an HTTP request, whose answer comes line by line.

import type { Port, ToWorker } from '../../gfsr/serve/messages.ts';
import { fromLine, toLine } from '../../gfsr/serve/wire.ts';

/** A port to the server of the page. What the server is asked goes on there when the page is closed. */
export function serverPort(): Port & EventTarget {
  return new ServerPort() as EventTarget as Port & EventTarget;
}

class ServerPort extends EventTarget {
  postMessage(message: ToWorker): void {
    if ('cancel' in message) return;
    const tell = (data: unknown) => this.dispatchEvent(new MessageEvent('message', { data }));
    ask(message, tell).catch(({ message: why }: Error) => {
      const error = { name: 'Error', message: `the server does not answer (${why})` };
      tell({ request: message.request, error });
    });
  }
}

async function ask(message: ToWorker, tell: (data: unknown) => void): Promise<void> {
  const answer = await fetch('/api/calls', { method: 'POST', body: toLine(message) });
  if (!answer.ok || !answer.body) throw new Error(await answer.text());
  const text = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let isAnswered = false;
  let rest = '';
  for (;;) {
    const { value, done } = await text.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) {
      const data = fromLine(line);
      isAnswered ||= !('progress' in Object(data));
      tell(data);
    }
  }
  if (!isAnswered) throw new Error('it has ended');
}
