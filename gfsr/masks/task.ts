// How work on masks is followed, stopped, and done in turns with whatever else the thread has to do.

import type { Way } from '../../engine/core/way.ts';
import { Turns } from '../machine/long-work.ts';

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
