// The page's side of the engine worker: asks, follows progress, and takes back what it asked.

import type {
  AnswerOf,
  FromWorker,
  InputOf,
  Port,
  ProgressOf,
  ToWorker,
} from '../../gfsr/serve/messages.ts';
import { workerFailure } from '../worker-failure.ts';
import type { EngineCalls } from './calls.ts';

/** What goes with a request. */
export interface AskOptions<Progress> {
  /** Aborting rejects the promise at once, with the signal's reason, and tells the worker to stop. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Buffers of the input that move to the worker instead of being copied. */
  readonly transfer?: Transferable[];
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress?: (progress: never) => void;
}

const startWorker = (): Port & EventTarget =>
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'engine' });

/** The engine worker. It starts with the first request. */
export class Engine<C extends object = EngineCalls> {
  readonly #open: () => Port & EventTarget;
  readonly #waiting = new Map<number, Waiting>();
  #port: Port | undefined;
  #requests = 0;

  constructor(open: () => Port & EventTarget = startWorker) {
    this.#open = open;
  }

  /**
   * Asks the worker for something. What arrives about a request that was aborted is dropped.
   *
   * @throws what went wrong in the worker, with the same name and message; the signal's reason if it is aborted
   */
  ask<N extends keyof C & string>(
    call: N,
    input: InputOf<C[N]>,
    { signal, onProgress, transfer = [] }: AskOptions<ProgressOf<C[N]>> = {},
  ): Promise<AnswerOf<C[N]>> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const request = this.#requests++;
    let stop = () => {};
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject, onProgress });
      stop = () => {
        this.#waiting.delete(request);
        this.#send({ cancel: request });
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.#send({ request, call, input }, transfer);
    });
    const settled = answer.finally(() => signal?.removeEventListener('abort', stop));
    return settled as Promise<AnswerOf<C[N]>>;
  }

  /** Ends the worker; what was asked is not answered any more. */
  close(): void {
    this.#port?.terminate?.();
    this.#port = undefined;
    this.#waiting.clear();
  }

  #send(message: ToWorker, transfer: Transferable[] = []): void {
    this.#port ??= this.#start();
    this.#port.postMessage(message, transfer);
  }

  #start(): Port {
    const port = this.#open();
    port.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.#take(data));
    port.addEventListener('error', (event) => {
      const error = workerFailure(event);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
    return port;
  }

  #take(message: FromWorker): void {
    const waiting = this.#waiting.get(message.request);
    if (!waiting) return;
    if ('progress' in message) {
      waiting.onProgress?.(message.progress as never);
      return;
    }
    this.#waiting.delete(message.request);
    if ('error' in message) {
      const { name, message: why } = message.error;
      waiting.reject(Object.assign(new Error(why), { name }));
    } else waiting.resolve(message.answer);
  }
}
