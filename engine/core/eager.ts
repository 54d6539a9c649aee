// Runs the same body again and again, op by op: the same results as a program, without recording.

import type { Gpu } from './gpu.ts';
import type { Program } from './program.ts';
import { tensorsIn } from './tensor-scopes.ts';

/** Work that can be repeated. Its outputs are those of the last run. */
export type Repeatable<T> = Pick<Program<T>, 'outputs' | 'run' | 'dispose'>;

/** Runs `body` each time. It launches the same as a program of that body, so it gives the same bits. */
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
    if (!this.#outputs) throw new Error('eager: nothing has run yet.');
    return this.#outputs.of;
  }

  /** Disposes the outputs of the previous run. Reads that have begun still get their values. */
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
