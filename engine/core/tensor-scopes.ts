// Who disposes which tensor: each belongs to the innermost scope that is open when it is made.

import { Tensor } from './tensor.ts';

export class Scopes {
  readonly #open: Set<Tensor>[] = [];

  /** Gives a tensor to the innermost scope. */
  add(tensor: Tensor): Tensor {
    this.#open.at(-1)?.add(tensor);
    return tensor;
  }

  /** Takes a tensor out of all scopes. */
  remove(tensor: Tensor): void {
    for (const scope of this.#open) scope.delete(tensor);
  }

  /**
   * Runs `body` and disposes every tensor that it made, but for those in its result, which lose their history
   * and go to the scope around. `survivors` are these.
   *
   * @throws TypeError if the body is async
   */
  enclose<T>(body: () => T): { result: T; survivors: Tensor[] } {
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
