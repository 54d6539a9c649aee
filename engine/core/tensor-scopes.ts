// Decides who disposes which tensor: each belongs to the innermost scope that is open when it is made.

import { Tensor } from './tensor.ts';

/** Number of op results outside all scopes before a warning: about what 30 training steps without a scope leave. */
const MOST_LOOSE = 2000;

/** The scopes that are open on one device. */
export class TensorScopes {
  readonly #open: Set<Tensor>[] = [];
  readonly #usedBytes: () => number;
  /** Live results that no scope will dispose. Weak references, so that this list does not keep them alive. */
  readonly #loose = new WeakSet<Tensor>();
  #looseCount = 0;
  #warned = false;

  constructor(usedBytes: () => number) {
    this.#usedBytes = usedBytes;
  }

  /** Gives a tensor to the innermost scope. */
  add(tensor: Tensor): Tensor {
    this.#open.at(-1)?.add(tensor);
    return tensor;
  }

  /** Gives the result of an op to the innermost scope. Warns once when many lie outside all scopes. */
  addResult(tensor: Tensor): Tensor {
    if (this.#open.length > 0) return this.add(tensor);
    this.#loose.add(tensor);
    if (++this.#looseCount > MOST_LOOSE && !this.#warned) {
      this.#warned = true;
      const megabytes = Math.round(this.#usedBytes() / 2 ** 20);
      console.warn(
        `gpu: more than ${MOST_LOOSE} tensors computed outside of any scope are alive; all tensors take ${megabytes} MB. ` +
          'Run each training step in gpu.scope(() => …), or record it with gpu.capture. Wrap results that you want to keep in gpu.keep(…).',
      );
    }
    return tensor;
  }

  /** Takes a tensor out of all scopes. */
  remove(tensor: Tensor): void {
    for (const scope of this.#open) scope.delete(tensor);
    this.forget(tensor);
  }

  /** Stops counting a tensor that was outside all scopes. */
  forget(tensor: Tensor): void {
    if (this.#loose.delete(tensor)) this.#looseCount--;
  }

  /**
   * Runs `body` and disposes every tensor that it made, except those in its result, which lose their history and move
   * to the surrounding scope. `survivors` are these.
   *
   * @throws TypeError if the body is async
   */
  enclose<T>(body: () => T): { result: T; survivors: Tensor[] } {
    if (typeof body !== 'function') {
      throw new TypeError(
        `scope: the body is ${typeof body}, expected a function of no arguments.`,
      );
    }
    const made = new Set<Tensor>();
    this.#open.push(made);
    let result: T;
    try {
      result = body();
      if (result instanceof Promise) {
        throw new TypeError(
          'scope: the body is async. Return tensors and await their data outside.',
        );
      }
    } catch (error) {
      for (const tensor of made) tensor.dispose();
      throw error;
    } finally {
      this.#open.pop();
    }
    const survivors = tensorsIn(result).filter((tensor) => made.delete(tensor));
    for (const tensor of survivors) {
      if (tensor.node) tensor.detached = 'scope';
      tensor.node = undefined;
      this.add(tensor);
    }
    for (const tensor of made) tensor.dispose();
    return { result, survivors };
  }
}

/** The tensors in a tensor, an array or a record (nested). */
export function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (value && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.values(value).flatMap(tensorsIn);
  }
  return [];
}
