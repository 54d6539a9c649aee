// Ctrl-C: the first asks the work to stop and save, a second ends the process at once.

import type { Output } from '../terminal/output.ts';
import { InterruptedError } from '../train/experiment.ts';

/** npm passes on the signal that the terminal has sent already: two so close together are one. */
const ONE_PRESS_MS = 500;
/** What a shell expects of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * Runs `body` with a signal that aborts on SIGINT or SIGTERM.
 *
 * @param advice is printed where the work stopped early: how to go on
 * @returns the exit code: that of `body`, or 130 where the work stopped early
 */
export async function interruptible(
  out: Output,
  advice: string,
  body: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  let stoppedAt = Number.NEGATIVE_INFINITY;
  const stop = (name: NodeJS.Signals): void => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      stoppedAt = now;
      out.say(`${name}: stopping after this step; a second one stops at once …`);
      controller.abort();
    } else if (now - stoppedAt > ONE_PRESS_MS) {
      // By the signal itself, as if nobody had listened: no driver is torn down in the middle of its work.
      process.removeAllListeners(name);
      process.kill(process.pid, name);
    }
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await body(controller.signal);
  } catch (error) {
    out.status('');
    if (!(error instanceof InterruptedError)) throw error;
    out.result(advice);
    return INTERRUPTED;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
