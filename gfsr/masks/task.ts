// How long work on masks reports, is stopped, and gives way to whatever else the thread has to do.

import type { Way } from '../../engine/core/way.ts';

/** What is being done: `network` is the relevance network, `drawing` makes masks of what spread. */
export type MaskStage = 'segments' | 'descriptors' | 'concepts' | 'network' | 'drawing';

/** How a caller follows long work and stops it. */
export interface MaskTask {
  /** Once it is aborted, the work ends with its reason. */
  readonly signal?: AbortSignal;
  /** A stage is `share` done, in [0, 1]. */
  readonly onProgress?: (stage: MaskStage, share: number) => void;
  /** Waited for at each turn. Default: always free. */
  readonly way?: Way;
}

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

/**
 * Does `work` for 0 .. count − 1 in order, with a turn for others every 30 ms.
 *
 * @throws the reason of the signal if it is aborted
 */
export async function inTurns(
  count: number,
  stage: MaskStage,
  { signal, onProgress, way }: MaskTask,
  work: (i: number) => void,
): Promise<void> {
  const turns = new Turns(signal, way);
  for (let i = 0; i < count; i++) {
    work(i);
    if (!turns.isDue) continue;
    onProgress?.(stage, (i + 1) / count);
    await turns.give();
  }
  signal?.throwIfAborted();
  onProgress?.(stage, 1);
}
