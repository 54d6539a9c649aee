// How long work on masks reports, is stopped, and gives way to whatever else the thread has to do.

/** What is being done: `network` is the relevance network, `drawing` makes masks of what spread. */
export type MaskStage = 'segments' | 'descriptors' | 'concepts' | 'network' | 'drawing';

/** How a caller follows long work and stops it. */
export interface MaskTask {
  /** Once it is aborted, the work ends with its reason. */
  readonly signal?: AbortSignal;
  /** A stage is `share` done, in [0, 1]. */
  readonly onProgress?: (stage: MaskStage, share: number) => void;
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

/**
 * Does `work` for 0 .. count − 1 in order, with a turn for others every 30 ms.
 *
 * @throws the reason of the signal if it is aborted
 */
export async function inTurns(
  count: number,
  stage: MaskStage,
  { signal, onProgress }: MaskTask,
  work: (i: number) => void,
): Promise<void> {
  let last = performance.now();
  for (let i = 0; i < count; i++) {
    work(i);
    if (performance.now() - last < SLICE_MS) continue;
    onProgress?.(stage, (i + 1) / count);
    await turn(signal);
    last = performance.now();
  }
  signal?.throwIfAborted();
  onProgress?.(stage, 1);
}
