// What passes between the page and the engine worker: numbered requests, their progress, and one answer each.

/** A kind of request: what is asked, what is reported meanwhile, and what is answered. */
export interface Call<Input, Answer, Progress = never> {
  readonly input: Input;
  readonly answer: Answer;
  readonly progress: Progress;
}

/** Calls by name. */
export type Calls = object;

export type InputOf<C> = C extends Call<infer I, unknown, unknown> ? I : never;
export type AnswerOf<C> = C extends Call<unknown, infer A, unknown> ? A : never;
export type ProgressOf<C> = C extends Call<unknown, unknown, infer P> ? P : never;

/** From the page. */
export type ToWorker =
  | { readonly request: number; readonly call: string; readonly input: unknown }
  | { readonly cancel: number };

/** From the worker. Exactly one message per request has an answer or an error. */
export type FromWorker =
  | { readonly request: number; readonly progress: unknown }
  | { readonly request: number; readonly answer: unknown }
  | {
      readonly request: number;
      readonly error: { readonly name: string; readonly message: string };
    };

/** A worker as the page sees it, the page as a worker sees it, or one end of a `MessageChannel`. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listen: (event: MessageEvent) => void): void;
  /** Workers can be ended. */
  terminate?(): void;
}
