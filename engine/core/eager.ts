// The same body again and again, op by op: what a program gives, without being recorded.

import type { Gpu } from './gpu.ts';
import type { Program } from './program.ts';
import { tensorsIn } from './tensor-scopes.ts';

/** Work that can be done over and over; its outputs are those of the last run. */
export type Repeatable<T> = Pick<Program<T>, 'outputs' | 'run' | 'dispose'>;

/** Runs `body` each time. It launches what a program of the same body launches, and so gives the same bits. */
export class Eager<T> implements Repeatable<T> {
  readonly #gpu: Gpu;
  readonly #body: () => T;
  #outputs: { readonly of: T } | undefined;

  constructor(gpu: Gpu, body: () => T) {
    this.#gpu = gpu;
    this.#body = body;
  }

  /** @throws Error before the first run */
  get outputs(): T {
    if (!this.#outputs) throw new Error('eager: nothing was run yet.');
    return this.#outputs.of;
  }

  /** Disposes the outputs of the run before. Reads of them that have begun still get their values. */
  run(): T {
    this.dispose();
    const outputs = this.#gpu.scope(this.#body);
    for (const tensor of tensorsIn(outputs)) this.#gpu.keep(tensor);
    this.#outputs = { of: outputs };
    return outputs;
  }

  /** Disposes the outputs of the last run. */
  dispose(): void {
    for (const tensor of tensorsIn(this.#outputs?.of)) tensor.dispose();
    this.#outputs = undefined;
  }
}
