// How long work is followed and stopped, and how it gives way to messages meanwhile. In Node and in browsers.

/** What a caller of long work may give it. */
export interface LongWork {
  /** Work that is aborted throws the reason of the signal, within a second on any machine that is not overloaded. */
  readonly signal?: AbortSignal;
  /** Is told which share of the work is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Work goes on for this long between two turns. */
const TURN_MS = 50;

/**
 * A function to call often in the midst of long work. Every 50 ms it lets messages that have arrived be handled; unlike
 * a timer, it is not slowed down in a hidden tab.
 *
 * @returns throws the reason of the signal once it is aborted
 */
export function turns(signal?: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - last < TURN_MS) return;
    await nextMessage();
    last = performance.now();
    signal?.throwIfAborted();
  };
}

const nextMessage = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });

/** Progress of one of several parts of a work, as progress of the whole. */
export const partOfWork =
  (onProgress: LongWork['onProgress'], part: number, parts: number) => (share: number) =>
    onProgress?.((part + share) / parts);
