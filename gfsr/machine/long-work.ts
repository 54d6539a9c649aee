// How long work is followed and stopped, and gives way to whatever else the thread has to do.

import type { Way } from '../../engine/core/way.ts';

/** What a caller of long work may give it. */
export interface LongWork {
  /** Is told which share of the work is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  /** Once it is aborted, the work ends with its reason. */
  readonly signal?: AbortSignal;
}

/** Progress of one of several parts of a work, as progress of the whole. */
export const partOfWork =
  (onProgress: LongWork['onProgress'], part: number, parts: number) => (share: number) =>
    onProgress?.((part + share) / parts);

/** Longest time without a look at messages, in milliseconds. */
const SLICE_MS = 30;

/**
 * Lets messages and events that have arrived be handled, then goes on. Unlike a timer it is not slowed down in a hidden
 * tab.
 *
 * @throws the reason of the signal if it is aborted
 */
export async function turn(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
  signal?.throwIfAborted();
}

/** Long work in slices: whatever else the thread has to do gets a turn every 30 ms. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  readonly #way: Way | undefined;
  #last = performance.now();

  /**
   * @param signal ends the work at its next turn
   * @param way is waited for at each turn
   */
  constructor(signal?: AbortSignal, way?: Way) {
    this.#signal = signal;
    this.#way = way;
  }

  get isDue(): boolean {
    return performance.now() - this.#last >= SLICE_MS;
  }

  /** Lets others go first if it is time. @throws the reason of the signal if it is aborted */
  async give(): Promise<void> {
    if (!this.isDue) return;
    await turn(this.#signal);
    await this.#way?.free();
    this.#last = performance.now();
  }

  /** `work` of every item, in order, with turns in between. @throws the reason of the signal if it is aborted */
  async map<T, R>(items: Iterable<T>, work: (item: T) => R | Promise<R>): Promise<R[]> {
    const results: R[] = [];
    for (const item of items) {
      results.push(await work(item));
      await this.give();
    }
    return results;
  }
}
