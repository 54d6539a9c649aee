// The worker's side of requests: one handler per kind, each with its own way to report and to be stopped.

import type { AnswerOf, FromWorker, InputOf, Port, ProgressOf, ToWorker } from './messages.ts';

/** What a handler gets beside its input. */
export interface Task<Progress> {
  /** Aborted when the page no longer wants the answer. A handler that computes long asks it between two turns. */
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}

/** An answer with the buffers in it that move to the page instead of being copied. */
export class Moved<Answer> {
  readonly answer: Answer;
  readonly buffers: Transferable[];

  constructor(answer: Answer, buffers: Transferable[]) {
    this.answer = answer;
    this.buffers = buffers;
  }
}

type Given<Answer> = Answer | Moved<Answer>;

/** Who answers which request. */
export type Handlers<C> = {
  readonly [N in keyof C]: (
    input: InputOf<C[N]>,
    task: Task<ProgressOf<C[N]>>,
  ) => Given<AnswerOf<C[N]>> | Promise<Given<AnswerOf<C[N]>>>;
};

/** Answers the requests that arrive at a port, several at a time if they wait for each other's turns. */
export function serveCalls<C>(port: Port, handlers: Handlers<C>): void {
  const running = new Map<number, AbortController>();
  const send = (message: FromWorker, buffers: Transferable[] = []) =>
    port.postMessage(message, buffers);
  port.addEventListener('message', async ({ data }: MessageEvent<ToWorker>) => {
    if ('cancel' in data) {
      running.get(data.cancel)?.abort();
      return;
    }
    const { request, call, input } = data;
    const stop = new AbortController();
    running.set(request, stop);
    const report = (progress: unknown) => {
      if (!stop.signal.aborted) send({ request, progress });
    };
    try {
      const handle = handlers[call as keyof C];
      const given = await handle(input as never, { signal: stop.signal, report });
      const { answer, buffers } = given instanceof Moved ? given : { answer: given, buffers: [] };
      send({ request, answer }, buffers);
    } catch (error) {
      const { name, message } = error as Error;
      send({ request, error: { name, message } });
    } finally {
      running.delete(request);
    }
  });
}
